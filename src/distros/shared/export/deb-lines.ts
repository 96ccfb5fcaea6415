import type { ExportLine, ExportRow } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import { shardLines } from '../../../feed/read/whole-file.ts';
import type { ShardClaim } from '../../../model/feed/index.ts';
import { plainTerm, type Term } from '../threshold.ts';

/** A claim with the term that it makes, as a row of an export. */
export function rowOf(claim: ShardClaim, { fixed, otherwise, channel }: Term, ids = claim.ids): ExportRow {
  return {
    ids,
    ...(fixed === undefined ? {} : { fixed }),
    ...otherwise,
    severity: claim.severity ?? 'unknown',
    ...(claim.suppressed === undefined ? {} : { suppressed: claim.suppressed }),
    ...(claim.reason === undefined ? {} : { reason: claim.reason }),
    advisories: claim.advisories ?? [],
    ...(channel === undefined ? {} : { channel }),
  };
}

/** The packages of a platform, each with the rows that `decide` makes of its claims. */
export function* linesOf(
  feed: Feed,
  platform: string,
  decide: (claims: readonly ShardClaim[]) => readonly ExportRow[],
): Generator<ExportLine> {
  for (const { package: name, claims } of shardLines(feed, platform)) {
    const rows = decide(claims);
    if (rows.length > 0) yield { package: name, rows };
  }
}

/** Each claim of a release without channels is a row. */
export function plainLines(feed: Feed, platform: string): Generator<ExportLine> {
  return linesOf(feed, platform, (claims) =>
    claims.flatMap((claim) => (claim.channel === undefined ? [rowOf(claim, plainTerm(claim, claim))] : [])),
  );
}
