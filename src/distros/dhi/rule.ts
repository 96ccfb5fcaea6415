import { kindOf } from '../../feed/read/shard-records.ts';
import type { ClaimKind, ReferencePages, StoredClaim } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import { apkInstalled } from '../../packaging/apk/version.ts';
import { dpkgInstalled } from '../../packaging/deb/version.ts';
import { type OrderedPackaging, orderOf } from '../../packaging/orders.ts';
import { parseRange, placeIn } from '../../packaging/range.ts';
import type { Judge, MatchContext, Matcher } from '../contract.ts';
import { type SourceRule, sourceMatcher } from '../shared/match-source.ts';
import { judgePlainRows } from '../shared/plain-rows.ts';
import { plainTerm, type Term, thresholdOf } from '../shared/threshold.ts';
import { hardenedLayers } from './image.ts';

const pages: ReferencePages = { flaws: 'https://www.cve.org/CVERecord?id=', advisories: {} };

/** VERSION_ID is that of the base, whose point releases are one platform: `3.24.1` -> `3.24`. */
export const dhiJudge: Judge = {
  id: 'dhi',
  databases: ['apk', 'deb'],
  byOwnNames: true,
  release: (versionId) => versionId.split('.').slice(0, 2).join('.'),
  pages,
  vexInforms: 'DHI-',
  matcher,
};

/**
 * Rows are about the vendor's own builds. A build without a statement is clean only if it is known to be the vendor's: a
 * package that was added later has the same name and, from Alpine, the same version.
 */
function matcher(context: MatchContext): Matcher {
  const { match, rule } = sourceMatcher(ruleFor(context), context.all);
  const layers = hardenedLayers(context.inventory);
  return {
    rule,
    match(pkg) {
      const origin = originOf(pkg, layers);
      if (origin === 'added')
        return {
          uncovered: { package: pkg, reason: 'other_origin', detail: 'added above the hardened image' },
        };
      const found = match(pkg);
      const isSilent = 'verdicts' in found && !found.verdicts.some(({ status }) => status === 'affected');
      if (origin === 'own' || !isSilent) return found;
      const detail = 'nothing shows that it is a build of the hardened image';
      return { uncovered: { package: pkg, reason: 'not_covered', detail } };
    },
  };
}

/** Nobody else's versions end like those of its deb packages. */
function originOf({ version, layer }: InstalledPackage, layers: number | undefined) {
  if (/\+dhi\d+$/.test(version)) return 'own';
  if (layers === undefined || layer === undefined) return 'unknown';
  return layer < layers ? 'own' : 'added';
}

function ruleFor({ shard }: MatchContext): SourceRule {
  const isApk = shard.platform.packaging === 'apk';
  const order = orderOf(shard.platform.packaging as OrderedPackaging);
  const termOf = (kind: ClaimKind, claim: StoredClaim, version: string): Term => {
    const { range, fixed } = claim;
    if (range === undefined) return plainTerm(kind, fixed === undefined ? {} : { fixed });
    const place = placeIn(parseRange(range), version, version, order);
    if (place === undefined) return { otherwise: { status: 'not_affected' } };
    return place.fixed === undefined
      ? { otherwise: { status: 'affected', fixState: 'none_yet' } }
      : { fixed: place.fixed, otherwise: { status: 'affected', fixState: 'available' } };
  };
  return {
    ...(isApk
      ? { installed: apkInstalled, packager: 'apk' }
      : { installed: dpkgInstalled, packager: 'dpkg' }),
    subjectOf: ({ name, version }) => ({ name, version }),
    rowsFor: ({ version }) => ({ shard, version, marks: [] }),
    judge: (claims, tables, { installed, version }, all) =>
      judgePlainRows(claims, tables, installed, all, (kind, claim) => termOf(kind, claim, version)).filter(
        ({ outcome }) => all || outcome.status !== 'not_affected',
      ),
    threshold: (named, _, tables, { version }) =>
      thresholdOf(named.map((claim) => termOf(kindOf(claim, tables), claim, version))),
  };
}
