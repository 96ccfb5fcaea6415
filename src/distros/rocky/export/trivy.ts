import { isKey, notAKey } from '../../../export/rows/keys.ts';
import type { ExportLine } from '../../../export/rows/rows.ts';
import {
  type TrivyBucket,
  type TrivyChild,
  type TrivyContext,
  type TrivyLayout,
  trivySeverity,
} from '../../../export/rows/trivy-layout.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { errataLines } from '../../shared/export/errata-lines.ts';
import { rockyArchitectures } from './architectures.ts';

const source = {
  ID: 'rocky',
  Name: 'Rocky Linux advisories, compiled by scapfeed',
  URL: 'https://errata.rockylinux.org/',
};

/** A bucket of each major, by binary package: for each flaw entries with their architectures. Trivy judges no build of a module. */
export const rockyTrivy: TrivyLayout = {
  buckets: (platforms, context) =>
    platforms.map((platform): TrivyBucket => {
      for (const [cause, what] of generalCauses) context.inexact.general(platform.id, cause, what);
      return { name: `rocky ${platform.os.version}`, source, content: () => packages(platform, context) };
    }),
};

function* packages(platform: FeedPlatform, context: TrivyContext): Generator<TrivyChild> {
  for (const line of errataLines(context.feed, platform, rockyArchitectures)) {
    const pairs = pairsOf(line, platform, context);
    if (pairs.length > 0) yield { name: line.package, pairs };
  }
}

interface Entry {
  FixedVersion: string;
  Arches: readonly string[];
  VendorIDs?: readonly string[];
  Severity?: number;
}

function pairsOf(
  { package: name, rows }: ExportLine,
  { id: platform }: FeedPlatform,
  { inexact, vulnerabilities }: TrivyContext,
): [string, string][] {
  const entries = new Map<string, Entry[]>();
  for (const { ids, fixed = '', advisories, severity, arch = rockyArchitectures, module } of rows) {
    if (module !== undefined) {
      inexact.leftOut(platform, 'module', ofModules, name, ids);
      continue;
    }
    const odd = isKey(name) ? ids.filter((id) => !isKey(id)) : ids;
    if (odd.length > 0) inexact.leftOut(platform, 'odd_name', notAKey, name, odd);
    const entry = {
      FixedVersion: fixed,
      Arches: arch,
      ...(advisories.length > 0 ? { VendorIDs: advisories } : {}),
      ...(severity === 'unknown' ? {} : { Severity: trivySeverity[severity] }),
    };
    for (const id of ids) {
      if (odd.includes(id)) continue;
      entries.set(id, [...(entries.get(id) ?? []), entry]);
      vulnerabilities.add(id, source.ID, severity);
    }
  }
  inexact.wrote(platform, entries.size);
  return [...entries]
    .map(([id, own]): [string, string] => [id, JSON.stringify({ Entries: own })])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const ofModules = 'Trivy judges no build of a module on Rocky Linux.';

const generalCauses: readonly (readonly [string, string])[] = [
  ['foreign_vendor', 'Packages that others have signed or built are judged by their names.'],
  ['no_module_label', 'A modular build without label is taken for one outside modules.'],
  ['unparsable_version', 'A version that is no version of an rpm is compared all the same.'],
];
