import { isKey, notAKey } from '../../../export/rows/keys.ts';
import type { ExportRow } from '../../../export/rows/rows.ts';
import {
  type TrivyBucket,
  type TrivyChild,
  type TrivyContext,
  type TrivyLayout,
  trivySeverity,
} from '../../../export/rows/trivy-layout.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import { errataLines } from '../../shared/export/errata-lines.ts';
import { almaArchitectures } from './architectures.ts';

const source = {
  ID: 'alma',
  Name: 'AlmaLinux Product Errata, compiled by scapfeed',
  URL: 'https://errata.almalinux.org/',
};

/** A bucket of each major, by binary package; a package of a module is `nodejs:18::nodejs`. */
export const almaLinuxTrivy: TrivyLayout = {
  buckets: (platforms, context) =>
    platforms.map((platform): TrivyBucket => {
      for (const [cause, what] of generalCauses) context.inexact.general(platform.id, cause, what);
      return { name: `alma ${platform.os.version}`, source, content: () => packages(platform, context) };
    }),
};

function* packages(platform: FeedPlatform, context: TrivyContext): Generator<TrivyChild> {
  const children = new Map<string, string>();
  for (const { package: name, rows } of errataLines(context.feed, platform, almaArchitectures)) {
    for (const module of new Set(rows.map((row) => row.module))) {
      const own = rows.filter((row) => row.module === module);
      const pairs = pairsOf(name, own, platform, context);
      if (pairs.length > 0)
        children.set(module === undefined ? name : `${module}::${name}`, JSON.stringify(pairs));
    }
  }
  for (const [name, pairs] of [...children].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield { name, pairs: JSON.parse(pairs) as [string, string][] };
  }
}

function pairsOf(
  name: string,
  rows: readonly ExportRow[],
  { id: platform }: FeedPlatform,
  { inexact, vulnerabilities }: TrivyContext,
): [string, string][] {
  const pairs = new Map<string, { fixed: string; value: string }>();
  for (const { ids, fixed = '', advisories, severity, arch } of rows) {
    const odd = isKey(name) ? ids.filter((id) => !isKey(id)) : ids;
    if (odd.length > 0) inexact.leftOut(platform, 'odd_name', notAKey, name, odd);
    if (arch) inexact.item(platform, 'architecture', ofArchitectures, name, ids);
    const value = JSON.stringify({
      FixedVersion: fixed,
      ...(advisories.length > 0 ? { VendorIDs: advisories } : {}),
      ...(severity === 'unknown' ? {} : { Severity: trivySeverity[severity] }),
    });
    for (const id of ids) {
      if (odd.includes(id)) continue;
      const known = pairs.get(id);
      // Trivy has one fix for all architectures.
      if (!known || compareRpmEvr(known.fixed, fixed) === -1) pairs.set(id, { fixed, value });
      vulnerabilities.add(id, source.ID, severity);
    }
  }
  inexact.wrote(platform, pairs.size);
  return [...pairs]
    .map(([id, { value }]): [string, string] => [id, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const ofArchitectures = 'Builds differ by architecture: the highest fix of all is written.';

const generalCauses: readonly (readonly [string, string])[] = [
  ['foreign_vendor', 'Packages that others have signed or built are judged by their names.'],
  ['no_module_label', 'A modular build without label is taken for one outside modules.'],
  ['unparsable_version', 'A version that is no version of an rpm is compared all the same.'],
];
