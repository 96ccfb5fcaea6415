import type { ShardClaim } from '../../../model/index.ts';
import type { DpkgBuild, DpkgRule, DpkgWay } from '../../../oval/forms/dpkg-rule.ts';
import { waysOf } from '../../shared/oval/dpkg-ways.ts';
import { marks, type UbuntuBuild } from '../rule/build.ts';
import { type BuildKind, isOfChannel, isOrdinary, ubuntuThreshold } from '../rule/threshold.ts';

const hasEsm = String.raw`[^\s)]*${marks.esm}`;
const hasFips = String.raw`[^\s)]*(?i:${marks.fips})`;

/** Patterns of versions, for the kinds of builds that `ubuntuBuild` distinguishes. */
const builds: Record<UbuntuBuild, DpkgBuild> = {
  base: {
    name: 'base',
    version: String.raw`(?!${hasEsm})(?!${hasFips})[^\s)]+`,
    plain: true,
  },
  esm: { name: 'esm', version: String.raw`(?=${hasEsm})[^\s)]+` },
  fips: { name: 'fips', version: String.raw`(?!${hasEsm})(?=${hasFips})[^\s)]+` },
};

/** The runtime's threshold for each kind of builds; if all kinds are judged in the same way, one test is for any build. */
export const ubuntuOvalRule: DpkgRule = {
  buildsLost:
    'Builds of ESM and FIPS cannot be told from others: the fix of the plain archive is tested for all.',
  ways(line, { claims }) {
    if (!line.claims.some(({ channel }) => isOrdinary(channel))) return waysFor(claims, 'special');
    if (!claims.some(({ channel }) => isOfChannel(channel))) return waysFor(claims, 'base');
    const ways: DpkgWay[] = [];
    for (const kind of ['base', 'esm', 'fips'] as const) {
      const found = waysFor(claims, kind, builds[kind]);
      if (typeof found === 'string') return found;
      ways.push(...found);
    }
    return ways;
  },
};

function waysFor(claims: readonly ShardClaim[], kind: BuildKind, build?: DpkgBuild) {
  const rows = claims.map((claim) => ({ kind: claim, claim }));
  return waysOf(ubuntuThreshold(rows, kind), ({ row }) => row.claim, build);
}
