import { isKey, notAKey } from '../../../export/rows/keys.ts';
import { withoutLines } from '../../../export/rows/lines.ts';
import type { ExportRow } from '../../../export/rows/rows.ts';
import {
  type TrivyBucket,
  type TrivyChild,
  type TrivyContext,
  type TrivyLayout,
  type TrivySource,
  trivySeverity,
} from '../../../export/rows/trivy-layout.ts';
import type { FeedPlatform } from '../../../model/feed/index.ts';
import { pushTo } from '../../../model/order.ts';
import type { Flavour } from '../../rebuilds.ts';
import { errataLines } from './errata-lines.ts';

/** Differences between rebuilds of RHEL in Trivy's database. */
export interface ErrataTrivy {
  /** The buckets are called by it and the major: `alma 9`. */
  bucket: string;
  /** Its name of the release, if that is not the platform's version. */
  release?(version: string): string;
  source: TrivySource;
  architectures: readonly string[];
  flavours: readonly Flavour[] | undefined;
  /** Difference in how Trivy judges all packages of the system: cause and description. */
  causes?: readonly (readonly [cause: string, what: string])[];
  /** Key of a package of a module, or why Trivy judges none of them. */
  modules: ((module: string, name: string) => string) | string;
  /** Cause and words, if a flaw has one fix: it counts the flaws whose builds have others. */
  oneFix?: readonly [cause: string, what: string];
  /** The entry of a flaw that these builds fix, as JSON. */
  value(builds: readonly TrivyBuild[]): object;
}

export interface TrivyBuild {
  fixed: string;
  /** Undefined: all. */
  arch: readonly string[] | undefined;
  /** The erratum and its severity, in Trivy's words. */
  more: { VendorIDs?: readonly string[]; Severity?: number };
}

/** A bucket of each major, by binary package. */
export function errataTrivy(layout: ErrataTrivy): TrivyLayout {
  return {
    buckets: (platforms, context) =>
      platforms.map((platform): TrivyBucket => {
        for (const [cause, what] of [...generalCauses, ...(layout.causes ?? [])])
          context.inexact.general(platform.id, cause, what);
        return {
          name: `${layout.bucket} ${layout.release?.(platform.os.version!) ?? platform.os.version}`,
          source: layout.source,
          content: () => packages(layout, platform, context),
        };
      }),
  };
}

function* packages(
  layout: ErrataTrivy,
  platform: FeedPlatform,
  context: TrivyContext,
): Generator<TrivyChild> {
  const children = new Map<string, string>();
  for (const { package: name, rows: all } of errataLines(context.feed, platform, layout)) {
    const rows = withoutLines(all, name, platform.id, context.inexact);
    for (const module of new Set(rows.map((row) => row.module))) {
      const own = rows.filter((row) => row.module === module);
      if (module !== undefined && typeof layout.modules === 'string') {
        const ids = own.flatMap((row) => row.ids);
        context.inexact.leftOut(platform.id, 'module', layout.modules, name, ids);
        continue;
      }
      const pairs = pairsOf(name, own, { layout, platform: platform.id, context });
      if (pairs.length > 0) children.set(keyOf(layout, module, name), JSON.stringify(pairs));
    }
  }
  for (const [name, pairs] of [...children].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield { name, pairs: JSON.parse(pairs) as [string, string][] };
  }
}

function keyOf({ modules }: ErrataTrivy, module: string | undefined, name: string): string {
  return module === undefined || typeof modules === 'string' ? name : modules(module, name);
}

function pairsOf(
  name: string,
  rows: readonly ExportRow[],
  {
    layout: { source, oneFix, value },
    platform,
    context: { inexact, vulnerabilities },
  }: { layout: ErrataTrivy; platform: string; context: TrivyContext },
): [string, string][] {
  const builds = new Map<string, TrivyBuild[]>();
  for (const { ids, fixed = '', advisories, severity, arch } of rows) {
    const odd = isKey(name) ? ids.filter((id) => !isKey(id)) : ids;
    if (odd.length > 0) inexact.leftOut(platform, 'odd_name', notAKey, name, odd);
    const more = {
      ...(advisories.length > 0 ? { VendorIDs: advisories } : {}),
      ...(severity === 'unknown' ? {} : { Severity: trivySeverity[severity] }),
    };
    for (const id of ids) {
      if (odd.includes(id)) continue;
      pushTo(builds, id, { fixed, arch, more });
      vulnerabilities.add(id, source.ID, severity);
    }
  }
  if (oneFix) {
    const others = [...builds].filter(([, own]) => own.some(({ fixed }) => fixed !== own[0]!.fixed));
    const ids = others.map(([id]) => id);
    if (ids.length > 0) inexact.item(platform, ...oneFix, name, ids);
  }
  inexact.wrote(platform, builds.size);
  return [...builds]
    .map(([id, own]): [string, string] => [id, JSON.stringify(value(own))])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const generalCauses: readonly (readonly [string, string])[] = [
  ['foreign_vendor', 'Packages that others have signed or built are judged by their names.'],
  ['no_module_label', 'A modular build without label is taken for one outside modules.'],
  ['unparsable_version', 'A version that is no version of an rpm is compared all the same.'],
];
