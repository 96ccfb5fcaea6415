import type { Feed } from '../../feed/read/feed.ts';
import { coverageOf } from '../judge/coverage.ts';
import { judgePackages, type KeptFacts } from '../judge/judge-packages.ts';
import type { FleetJudging } from '../judge/options.ts';
import type { SystemFacts } from '../kept-parts.ts';
import type { Queries } from '../store/database.ts';

/** The feed of a run, and how it judges. */
export interface RunJudging {
  feed: Feed;
  judging: FleetJudging;
}

/** A flaw in an installed package. */
interface PackageFlaw {
  package: number;
  vulnerability: string;
}

/** Packages that are judged at once: a withdrawn document may be about all of a fleet. */
const packagesAtOnce = 500;

/**
 * Of flaws that ended, those that the feed makes no statement about any more. One that a vendor fixed, or says the package never had,
 * has a verdict; the store keeps none of these, so the packages are judged again with all of them.
 */
export async function withdrawn<Flaw extends PackageFlaw>(
  queries: Queries,
  { feed, judging }: RunJudging,
  ended: readonly Flaw[],
): Promise<Set<Flaw>> {
  const found = new Set(ended);
  const numbers = [...new Set(ended.map(({ package: number }) => number))].sort((a, b) => a - b);
  for (let at = 0; at < numbers.length; at += packagesAtOnce) {
    const settled = await settledFlaws(queries, feed, judging, numbers.slice(at, at + packagesAtOnce));
    for (const flaw of ended) if (settled.has(keyOf(flaw))) found.delete(flaw);
  }
  return found;
}

function keyOf({ package: number, vulnerability }: PackageFlaw): string {
  return `${number} ${vulnerability}`;
}

async function settledFlaws(
  queries: Queries,
  feed: Feed,
  judging: FleetJudging,
  numbers: readonly number[],
): Promise<Set<string>> {
  const rows = await queries.query<KeptFacts & { system: number; context: SystemFacts }>(
    `SELECT packages.id, packages.facts, packages.system, systems.facts AS context FROM fleet.packages
     JOIN fleet.systems ON systems.id = packages.system WHERE packages.id = ANY($1::integer[]) ORDER BY packages.id`,
    [numbers],
  );
  const settled = new Set<string>();
  for (const [system, own] of Map.groupBy(rows, ({ system }) => system)) {
    const { context } = own[0]!;
    const coverage = await coverageOf(queries, feed, { id: system, facts: context }, judging);
    if (coverage.platform === undefined) continue;
    const { verdicts } = judgePackages(feed, context, coverage, own, judging, { all: true });
    for (const [number, all] of verdicts)
      for (const { vulnerability } of all) settled.add(keyOf({ package: number, vulnerability }));
  }
  return settled;
}
