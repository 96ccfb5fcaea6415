import { Ledger, type RecordSubject, type Statement, splitEvidence } from '../../model/feed/index.ts';
import { compareDpkg } from '../../packaging/index.ts';
import type { AdvisoryFix } from './advisory-index.ts';
import { parseAdvisoryList } from './advisory-list.ts';
import type { RowClaim } from './claim.ts';
import type { DebianRelease } from './definition.ts';

interface ListOnlyContext {
  releases: ReadonlyMap<string, DebianRelease>;
  /** Codenames that the tracker has rows for: while such a release is in support, the tracker alone decides. */
  inTracker: ReadonlyMap<string, unknown>;
  /** True for a release whose support has ended: the tracker drops it, row by row or as a whole. */
  isEndOfLife(release: DebianRelease): boolean;
  ledger: Ledger;
}

/**
 * Makes a statement from advisories alone, for a release past its support of which the tracker has no row about this, and marks it.
 * All fixes are about one vulnerability in one package of one release. Undefined: they are dropped to the ledger.
 */
export function listOnlyStatement(
  fixes: readonly AdvisoryFix[],
  context: ListOnlyContext,
): Statement | undefined {
  const { ledger, releases } = context;
  const first = fixes[0]!;
  const release = releases.get(first.release);
  const reason = unusable(first, release, context);
  const decisive = decide(fixes);
  if (reason !== undefined || !release || !decisive) {
    const about = release && reason === undefined ? subjectOf(first, release) : undefined;
    for (const { place, tag } of fixes) ledger.drop(reason ?? 'advisory_tag', place, tag, 1, about);
    return undefined;
  }
  ledger.use(fixes.length);
  const announced = fixes.filter(({ version }) => version !== undefined);
  const advisories = [...new Set(announced.map(({ advisory }) => advisory))].sort();
  return {
    vulnerability: first.vulnerability,
    platform: release.platform,
    package: first.package,
    ...decisive.claim,
    ...(advisories.length > 0 && { advisories }),
    marks: ['advisory_list_only'],
    evidence: rowEvidence(decisive.fix, advisories[0]),
  };
}

function subjectOf({ package: name }: AdvisoryFix, { platform }: DebianRelease): RecordSubject {
  return { platforms: [platform], package: name };
}

function unusable(
  { release: codename, vulnerability, advisory }: AdvisoryFix,
  release: DebianRelease | undefined,
  { inTracker, isEndOfLife }: ListOnlyContext,
): string | undefined {
  if (!release) return 'release_not_configured';
  const isTracked = inTracker.has(codename);
  // The tracker has an entry of its own (TEMP-…) for it.
  if (isTracked && vulnerability === advisory) return 'advisory_without_vulnerability';
  // The tracker has only part of the statements about such a release.
  if (isEndOfLife(release)) return undefined;
  return isTracked ? 'advisory_row_absent' : 'release_absent';
}

/** Tags by precedence, the first found is used; a version precedes all of them. */
const claimOfTag: Readonly<Record<string, RowClaim>> = {
  unfixed: { status: 'affected', fixState: 'none_yet', severity: 'unknown' },
  'end-of-life': { status: 'affected', fixState: 'end_of_life', reason: 'package', severity: 'unknown' },
  'not-affected': { status: 'not_affected', reason: 'vulnerable_code_not_present', severity: 'unknown' },
};

/** Chooses the highest version of several revisions: a lower one may be an incomplete fix. */
function decide(fixes: readonly AdvisoryFix[]): { fix: AdvisoryFix; claim: RowClaim } | undefined {
  let highest: AdvisoryFix | undefined;
  for (const fix of fixes) {
    if (fix.version === undefined) continue;
    if (highest?.version === undefined || compareDpkg(highest.version, fix.version) === -1) highest = fix;
  }
  if (highest?.version !== undefined) {
    return { fix: highest, claim: { status: 'fixed', fixed: highest.version, severity: 'unknown' } };
  }
  for (const [tag, claim] of Object.entries(claimOfTag)) {
    const fix = fixes.find((candidate) => candidate.tag === tag);
    if (fix) return { fix, claim };
  }
  return undefined;
}

/**
 * A row of a list of advisories as evidence: `debian-dsa#DSA-5343-1/openssl/bullseye`. New advisories are written at the top of the
 * list, so that a line's number changes each night. `usual`: the first advisory of the claim, which has a placeholder.
 */
function rowEvidence({ place, advisory, release }: AdvisoryFix, usual: string | undefined): string {
  return `${splitEvidence(place).input}#${advisory === usual ? '{advisory}' : advisory}/{package}/${release}`;
}

/** The number of the line that such evidence names, from 1; undefined: the list has none. */
export function rowLine(list: string, pointer: string): number | undefined {
  const [id, name, release] = pointer.split('/');
  return parseAdvisoryList(list, '', new Ledger(''))
    .filter((advisory) => advisory.id === id)
    .flatMap(({ rows }) => rows)
    .find((row) => row.package === name && row.release === release)?.line;
}
