import type { ExportLine, ExportRow } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import { shardLines } from '../../../feed/read/whole-file.ts';
import type { FeedPlatform, ShardClaim } from '../../../model/index.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import { type Architectures, byArchitecture } from '../rule/architectures.ts';

/** What errata say of each package, decided: of the errata that fix a flaw in a module, for an architecture, the highest. */
export function* errataLines(
  feed: Feed,
  { id }: Pick<FeedPlatform, 'id'>,
  architectures: readonly string[],
): Generator<ExportLine> {
  for (const { package: name, claims } of shardLines(feed, id)) {
    const fixes = claims.filter(({ fixed }) => fixed !== undefined);
    const rows = [...new Set(fixes.map(({ module }) => module))].flatMap((module) =>
      rowsOf(
        fixes.filter((claim) => claim.module === module),
        architectures,
      ),
    );
    if (rows.length > 0) yield { package: name, rows };
  }
}

/** Flaws that the same claims decide, each for the same architectures, are one row for each of these. */
function rowsOf(claims: readonly ShardClaim[], architectures: readonly string[]): ExportRow[] {
  const groups = byArchitecture(claims.map((claim) => ({ claim })));
  const decided = groups.map(({ rows }) => highestOf(rows.map(({ claim }) => claim)));
  const byDecision = new Map<string, { ids: string[]; deciding: (ShardClaim | undefined)[] }>();
  for (const id of new Set(claims.flatMap(({ ids }) => ids))) {
    const deciding = decided.map((of) => of.get(id));
    const key = deciding.map((claim) => (claim ? claims.indexOf(claim) : -1)).join();
    const known = byDecision.get(key);
    if (known) known.ids.push(id);
    else byDecision.set(key, { ids: [id], deciding });
  }
  return [...byDecision.values()].flatMap(({ ids, deciding }) => {
    const [first] = deciding;
    if (first && deciding.every((claim) => claim === first)) return [rowOf(first, ids)];
    return deciding.flatMap((claim, at) =>
      claim ? [{ ...rowOf(claim, ids), arch: namesOf(groups[at]!.arch, architectures) }] : [],
    );
  });
}

function highestOf(claims: readonly ShardClaim[]): ReadonlyMap<string, ShardClaim> {
  const highest = new Map<string, ShardClaim>();
  for (const claim of claims) {
    for (const id of claim.ids) {
      const known = highest.get(id);
      if (!known || compareRpmEvr(known.fixed!, claim.fixed!) === -1) highest.set(id, claim);
    }
  }
  return highest;
}

function namesOf(arch: Architectures | undefined, all: readonly string[]): readonly string[] {
  if (arch === undefined) return all;
  return 'of' in arch ? arch.of : all.filter((name) => !arch.otherThan.includes(name));
}

function rowOf(
  { fixed, severity = 'unknown', advisories = [], module }: ShardClaim,
  ids: string[],
): ExportRow {
  return {
    ids,
    fixed: fixed!,
    status: 'affected',
    fixState: 'available',
    severity,
    advisories,
    ...(module === undefined ? {} : { module }),
  };
}
