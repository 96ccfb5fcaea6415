import { pointerStep } from '../../io/json.ts';
import type { Ledger, Statement } from '../../model/feed/index.ts';
import type { AdvisoryFix, AdvisoryIndex } from './advisory-index.ts';
import { claimOf, type RowClaim } from './claim.ts';
import type { DebianRelease } from './definition.ts';
import type { TrackerPair } from './tracker.ts';

export interface NormalizeContext {
  /** Input id of the tracker. */
  input: string;
  releases: ReadonlyMap<string, DebianRelease>;
  advisories: AdvisoryIndex;
  ledger: Ledger;
}

/** Yields the statements of one pair: one for each row that is not dropped to the ledger. */
export function* normalizePair(
  pair: TrackerPair,
  { input, releases, advisories, ledger }: NormalizeContext,
): Generator<Statement> {
  const place = `${input}#/${pointerStep(pair.package)}/${pair.vulnerability}/releases`;
  for (const row of pair.rows) {
    const rowPlace = `${place}/${pointerStep(row.release)}`;
    const release = releases.get(row.release);
    if (!release) {
      const meant = releases.get(row.release.trim().toLowerCase());
      // A codename in another spelling would leave its release without the row, and clean.
      const about = meant && { platforms: [meant.platform], package: pair.package };
      ledger.drop(meant ? 'release_misspelt' : 'release_not_configured', rowPlace, undefined, 1, about);
      continue;
    }
    const about = { platforms: [release.platform], package: pair.package };
    const claim = claimOf(row, pair, rowPlace, about, ledger);
    if (!claim) continue;
    ledger.use();
    const ids = join(claim, advisories.take(row.release, pair.package, pair.vulnerability), ledger);
    yield {
      vulnerability: pair.vulnerability,
      platform: release.platform,
      package: pair.package,
      ...claim,
      ...(ids.length > 0 && { advisories: ids }),
      evidence: `${input}#/{package}/{vulnerability}/releases/${row.release}`,
    };
  }
}

/**
 * Ids of the advisories that announced a fix, sorted. The tracker's version is the threshold; an advisory that names
 * another one (a later revision may be a regression fix or a better fix, the lists do not say which) is a finding.
 */
function join(claim: RowClaim, fixes: readonly AdvisoryFix[], ledger: Ledger): string[] {
  const versions = fixes.flatMap(({ version }) => version ?? []);
  const agreed = claim.fixed === undefined || versions.length === 0 || versions.includes(claim.fixed);
  for (const fix of fixes) {
    if (fix.version === undefined) {
      ledger.drop('advisory_tag', fix.place, fix.tag);
    } else if (claim.fixed === undefined) {
      const detail = `${fix.advisory} ${fix.vulnerability}: ${fix.version}, the tracker says ${claim.status}`;
      ledger.drop('fixed_version_disagrees', fix.place, detail);
    } else {
      ledger.use();
      const detail = `${fix.advisory} ${fix.vulnerability}: ${fix.version}, the tracker says ${claim.fixed}`;
      if (!agreed) ledger.doubt('fixed_version_disagrees', fix.place, detail);
    }
  }
  const announced = claim.fixed === undefined ? [] : fixes.filter(({ version }) => version !== undefined);
  return [...new Set(announced.map(({ advisory }) => advisory))].sort();
}
