import type { Shard } from '../../feed/read/feed.ts';
import { claimIds, kindOf } from '../../feed/read/shard-records.ts';
import type { VerdictRule } from '../../model/compliance/index.ts';
import { type ClaimKind, type StoredClaim, severityAtLeast } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import { pushTo } from '../../model/order.ts';
import type { Verdict } from '../../model/verdict/index.ts';
import {
  compareEbuildVersions,
  type EbuildBuild,
  type EbuildRange,
  type EbuildTerm,
  includesBuild,
  isAffectedBuild,
  isLiveEbuild,
  parseEbuildRange,
  parseEbuildVersion,
} from '../../packaging/index.ts';
import type { Judge, MatchContext, Matcher } from '../contract.ts';
import { type PackageMatch, unreadIn } from '../shared/package-match.ts';

/** ID in os-release, and the name of the repository that the advisories are about. */
export const osId = 'gentoo';

/** The one release: VERSION_ID is that of the package with the system's files. */
export const rolling = 'rolling';

export const gentooJudge: Judge = {
  id: osId,
  databases: ['ebuild'],
  rates: true,
  release: () => rolling,
  unversioned: ([platform]) => (platform === undefined ? undefined : { platform, marks: [] }),
  pages: {
    // It has no pages of single flaws.
    flaws: 'https://www.cve.org/CVERecord?id=',
    advisories: {},
  },
  kernel: ({ name }) => /^sys-kernel\/(?:.+-sources|.+-kernel|.+-kernel-bin)$/.test(name),
  matcher: (context) => new GentooMatcher(context),
};

/** A claim that an advisory makes about one flaw, and what it says of the installed build. Undefined: its slot or architecture decides. */
interface StatedClaim {
  claim: StoredClaim;
  kind: ClaimKind;
  /** Undefined: it is written otherwise than this program writes ranges, and says nothing of any build. */
  range: EbuildRange | undefined;
  isAffected: boolean | undefined;
}

class GentooMatcher implements Matcher {
  readonly #shard: Shard;
  readonly #all: boolean;
  readonly #ranges = new Map<string, EbuildRange | undefined>();

  constructor({ shard, all }: Pick<MatchContext, 'shard' | 'all'>) {
    this.#shard = shard;
    this.#all = all;
  }

  match(pkg: InstalledPackage): PackageMatch {
    const build = buildOf(pkg);
    if ('reason' in build) return { uncovered: { package: pkg, ...build } };
    const record = this.#shard.record(pkg.name);
    const byFlaw = [...this.#claimsAbout(pkg, build)];
    const undecided = byFlaw.filter(([, claims]) => isUndecided(claims));
    const verdicts = byFlaw.flatMap(([id, claims]) => {
      if (isUndecided(claims)) return [];
      const isStated = claims.some(({ isAffected }) => isAffected !== false);
      return isStated || this.#all ? this.#verdict(pkg, build, id, claims) : [];
    });
    const unread = unreadIn([record]);
    return {
      verdicts,
      ...(unread && { unread }),
      ...(undecided.length > 0 && { undecided: undecidedWords(pkg, undecided) }),
    };
  }

  rule(pkg: InstalledPackage, vulnerability: string): VerdictRule | undefined {
    const build = buildOf(pkg);
    const claims = 'reason' in build ? undefined : this.#claimsAbout(pkg, build).get(vulnerability);
    if (!claims || 'reason' in build) return undefined;
    const ranges = claims.map(({ claim, isAffected }) => ({
      advisories: claim.advisories ?? [],
      affected: [rangeWords(claim.range ?? '')],
      includes: isAffected !== false,
    }));
    const { status, fixState, fixedVersion } = this.#verdict(pkg, build, vulnerability, claims);
    const fixed = fixedVersion === undefined ? undefined : parseEbuildVersion(fixedVersion);
    return {
      fixes: fixed
        ? [
            {
              version: fixedVersion!,
              installed: pkg.version,
              comparison: compareEbuildVersions(build.version, fixed),
            },
          ]
        : [],
      ...(status === 'affected' && { otherwise: { status, ...(fixState && { fixState }) } }),
      ranges,
    };
  }

  /** Claims about a build, by flaw. Several advisories may name one, as their fixes follow each other. */
  #claimsAbout(pkg: InstalledPackage, build: EbuildBuild): Map<string, StatedClaim[]> {
    const byId = new Map<string, StatedClaim[]>();
    for (const claim of this.#shard.record(pkg.name)?.claims ?? []) {
      const kind = kindOf(claim, this.#shard.tables);
      if (kind.arch && pkg.arch !== '' && !kind.arch.includes(pkg.arch)) continue;
      const range = this.#rangeOf(claim.range ?? '');
      const stated = range && isAffectedBuild(range, build);
      const isAffected = stated === true && kind.arch && pkg.arch === '' ? undefined : stated;
      for (const id of claimIds(claim.ids, this.#shard.tables))
        pushTo(byId, id, { claim, kind, range, isAffected });
    }
    return byId;
  }

  /** A flaw that one advisory states and another one excludes is a flaw. */
  #verdict(
    pkg: InstalledPackage,
    build: EbuildBuild,
    vulnerability: string,
    claims: readonly StatedClaim[],
  ): Verdict {
    const affected = claims.filter(({ isAffected }) => isAffected === true);
    const unknown = claims.filter(({ isAffected }) => isAffected === undefined);
    const deciding = [affected, unknown, claims].find(({ length }) => length > 0)!;
    const shown = deciding.reduce((worst, each) =>
      severityAtLeast(each.kind.severity ?? 'unknown', worst.kind.severity ?? 'unknown') ? each : worst,
    );
    return {
      vulnerability,
      platform: this.#shard.platform.id,
      package: pkg,
      ...outcomeOf(build, claims, affected.length > 0, unknown.length > 0),
      severity: shown.kind.severity ?? 'unknown',
      advisories: [...new Set(deciding.flatMap(({ claim: { advisories = [] } }) => advisories))].sort(),
      marks: [],
      evidence: this.#shard.evidence(shown.claim)(pkg.name, vulnerability, shown.claim.advisories?.[0]),
    };
  }

  #rangeOf(text: string): EbuildRange | undefined {
    if (!this.#ranges.has(text)) this.#ranges.set(text, parseEbuildRange(text));
    return this.#ranges.get(text);
  }
}

/** Whether no claim says that the build is affected, and one depends on a missing fact: the slot or the architecture. */
function isUndecided(claims: readonly StatedClaim[]): boolean {
  return (
    claims.every(({ isAffected }) => isAffected !== true) &&
    claims.some(({ isAffected, range }) => isAffected === undefined && range !== undefined)
  );
}

/** `its slot is not stated, which decides whether it has CVE-2023-3823` */
function undecidedWords(
  { slot, arch }: InstalledPackage,
  undecided: readonly (readonly [id: string, claims: readonly StatedClaim[]])[],
): string {
  const byArch = undecided.some(([, claims]) =>
    claims.some(({ kind, isAffected }) => isAffected === undefined && kind.arch),
  );
  const missing = [
    ...(slot === undefined ? ['slot'] : []),
    ...(byArch && arch === '' ? ['architecture'] : []),
  ].join(' or ');
  const [first, ...more] = undecided.map(([id]) => id).sort();
  const flaws = more.length === 0 ? first : `${first} and ${more.length} more`;
  return `its ${missing} is not stated, which decides whether it has ${flaws}`;
}

type Unjudged = { reason: 'other_origin' | 'undecidable' | 'unparsable_version'; detail: string };

function buildOf({ version: text, slot, repository }: InstalledPackage): EbuildBuild | Unjudged {
  if (repository !== undefined && repository !== osId)
    return {
      reason: 'other_origin',
      detail: `from the repository ${repository}: advisories are about ebuilds of ${osId}`,
    };
  if (isLiveEbuild(text))
    return {
      reason: 'undecidable',
      detail: 'a live ebuild: its sources are those of the day when it was built',
    };
  const version = parseEbuildVersion(text);
  if (!version) return { reason: 'unparsable_version', detail: `${text} is not a version of portage` };
  return { version, ...(slot !== undefined && { slot }) };
}

function outcomeOf(
  build: EbuildBuild,
  claims: readonly StatedClaim[],
  isAffected: boolean,
  isUnknown: boolean,
): Pick<Verdict, 'status' | 'fixState' | 'fixedVersion'> {
  if (isAffected) {
    const fixedVersion = fixFor(build, claims);
    return fixedVersion === undefined
      ? { status: 'affected', fixState: 'none_yet' }
      : { status: 'affected', fixState: 'available', fixedVersion };
  }
  if (isUnknown) return { status: 'under_investigation' };
  const reached = claims
    .flatMap(({ range }) =>
      (range?.unaffected ?? []).filter((term) => includesBuild(term, build) && isLowerBound(term)),
    )
    .sort((a, b) => compareEbuildVersions(b.version, a.version));
  return reached.length > 0
    ? { status: 'fixed', fixedVersion: reached[0]!.text }
    : { status: 'not_affected' };
}

function isLowerBound({ operator, isPrefix }: EbuildTerm): boolean {
  return !isPrefix && ['>=', '~>=', '='].includes(operator);
}

/** The lowest version above the installed one that no advisory says is affected: of its own slot, or else of another one. */
function fixFor(build: EbuildBuild, claims: readonly StatedClaim[]): string | undefined {
  const named = claims.flatMap(({ range }) => [
    ...(range?.unaffected ?? []).filter(isLowerBound),
    // An advisory without unaffected versions says by its bound which ones are.
    ...(range?.vulnerable ?? []).filter(({ operator }) => operator === '<' || operator === '~<'),
  ]);
  const fixes = named.filter((term) => {
    const { version, slot = build.slot } = term;
    const candidate = { version, ...(slot !== undefined && { slot }) };
    return (
      compareEbuildVersions(version, build.version) === 1 &&
      claims.every(({ range }) => range && isAffectedBuild(range, candidate) === false)
    );
  });
  const isBeside = ({ slot }: EbuildTerm) =>
    slot !== undefined && slot.split('/')[0] !== build.slot?.split('/')[0];
  fixes.sort(
    (a, b) => Number(isBeside(a)) - Number(isBeside(b)) || compareEbuildVersions(a.version, b.version),
  );
  return fixes[0]?.text;
}

/** `<3.8.2:3.8, but >=3.8.2:3.8` */
function rangeWords(text: string): string {
  const [vulnerable, unaffected] = [false, true].map((isNot) =>
    text
      .split('|')
      .filter((term) => term.startsWith('!') === isNot)
      .map((term) => term.replace('!', ''))
      .join(', '),
  );
  return unaffected === '' ? vulnerable! : `${vulnerable}, but not ${unaffected}`;
}
