import {
  factsColumn,
  factsCount,
  isExploited,
  isFixable,
  isOpen,
  joinedFacts,
  rankOf,
} from '../flaw-facts.ts';
import type { Queries } from '../store/database.ts';
import { compareTexts } from './texts.ts';

/**
 * The verdicts that held when a run had ended: what a run at work decides otherwise is shown when it has ended too, together with
 * its counts and its news.
 */
export function verdictsAt(run: string): string {
  const held = (condition: string) =>
    `SELECT * FROM fleet.verdicts WHERE ${condition} AND from_run <= ${run}::integer`;
  return `(${held('to_run IS NULL')} UNION ALL ${held(`to_run > ${run}::integer`)}) AS verdicts`;
}

/** Packages whose verdicts are read at once. */
const packagesAtOnce = 2000;

/** A package with its verdicts that hold, each as a number. */
interface IndexedPackage {
  /** Number of the name of its source package. */
  source: number;
  verdicts: readonly number[];
}

/** The verdicts of some packages about one vulnerability in one source package, as far as lists need them. */
export interface IndexedFlaw {
  vulnerability: number;
  source: number;
  /** Its place among the severities. */
  rank: number;
  exploited: boolean;
  /** Open by the default view of a scan. */
  open: boolean;
  fixable: boolean;
  packages: number[];
}

type FoundFlaw = Pick<IndexedFlaw, 'vulnerability' | 'source' | 'packages'> & { facts: number };

/** Names with numbers, in the order in which they came. */
class Names {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  #places = new Int32Array();

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  /** For each number its place in code-unit order: comparing these is comparing the texts. */
  places(): Int32Array {
    const { texts } = this;
    if (this.#places.length === texts.length) return this.#places;
    const order = texts.map((_, at) => at).sort((a, b) => compareTexts(texts[a]!, texts[b]!));
    const places = new Int32Array(texts.length);
    for (const [place, number] of order.entries()) places[number] = place;
    this.#places = places;
    return places;
  }
}

/**
 * The current state of each package, a number per verdict: lists are counted, filtered and sorted by it, and the database is read
 * only for the rows that a page shows. After a run only packages with a change are read.
 */
export class VerdictIndex {
  static readonly none = new VerdictIndex(new Names(), new Names(), new Map(), {
    run: 0,
    last: 0,
    pruned: '',
  });

  readonly #vulnerabilities: Names;
  readonly #sources: Names;
  readonly #packages: ReadonlyMap<number, IndexedPackage>;
  /** The state at which it was read. */
  readonly #state: IndexState;

  private constructor(
    vulnerabilities: Names,
    sources: Names,
    packages: ReadonlyMap<number, IndexedPackage>,
    state: IndexState,
  ) {
    this.#vulnerabilities = vulnerabilities;
    this.#sources = sources;
    this.#packages = packages;
    this.#state = state;
  }

  /** The run after which it is so. */
  get run(): number {
    return this.#state.run;
  }

  /** As of the last run that has ended. */
  async refreshed(queries: Queries): Promise<VerdictIndex> {
    const state = await stateOf(queries);
    // Pruned verdicts are not listed one by one, and a database can be restored from a backup.
    const isGone = state.pruned !== this.#state.pruned || state.run < this.#state.run;
    const isNew = this.#packages.size === 0 || isGone;
    const [vulnerabilities, sources] = isNew
      ? [new Names(), new Names()]
      : [this.#vulnerabilities, this.#sources];
    const packages = new Map(isNew ? [] : this.#packages);
    const changed = isNew ? await allPackages(queries) : await changedPackages(queries, this.#state);
    for await (const row of packageRows(queries, state.run, changed))
      packages.set(row.id, {
        source: sources.of(row.source),
        verdicts: (row.vulnerabilities ?? []).map(
          (vulnerability, at) => vulnerabilities.of(vulnerability) * factsCount + row.codes![at]!,
        ),
      });
    return new VerdictIndex(vulnerabilities, sources, packages, state);
  }

  vulnerability(number: number): string {
    return this.#vulnerabilities.texts[number]!;
  }

  source(number: number): string {
    return this.#sources.texts[number]!;
  }

  /** Names of all source packages, in code-unit order. */
  sources(): string[] {
    return this.#sources.texts.toSorted(compareTexts);
  }

  /** Ranks, in code-unit order, of the numbered vulnerabilities and sources. */
  places(): { vulnerabilities: Int32Array; sources: Int32Array } {
    return { vulnerabilities: this.#vulnerabilities.places(), sources: this.#sources.places() };
  }

  /** Each open verdict of each package. */
  eachOpen(take: (verdict: OpenVerdict) => void): void {
    const verdict: OpenVerdict = {
      ...{ package: 0, source: 0, vulnerability: 0, rank: 0, exploited: false, fixable: false },
    };
    for (const [number, { source, verdicts }] of this.#packages) {
      verdict.package = number;
      verdict.source = source;
      for (const code of verdicts) {
        if (!isOpen(code)) continue;
        verdict.vulnerability = Math.floor(code / factsCount);
        verdict.rank = rankOf(code);
        verdict.exploited = isExploited(code);
        verdict.fixable = isFixable(code);
        take(verdict);
      }
    }
  }

  /** The flaws of some packages, the most urgent first; also those that are not open. */
  flawsOf(packages: readonly number[]): IndexedFlaw[] {
    const found = new Map<number, FoundFlaw>();
    const sources = this.#sources.texts.length;
    for (const number of packages) {
      const known = this.#packages.get(number);
      if (!known) continue;
      const { source, verdicts } = known;
      for (const code of verdicts) {
        const vulnerability = Math.floor(code / factsCount);
        const key = vulnerability * sources + source;
        const facts = code % factsCount;
        const flaw = found.get(key);
        if (flaw) {
          flaw.facts = joinedFacts(flaw.facts, facts);
          if (flaw.packages.at(-1) !== number) flaw.packages.push(number);
        } else found.set(key, { vulnerability, source, facts, packages: [number] });
      }
    }
    const places = this.places();
    return [...found.values()]
      .map(({ facts, ...flaw }) => ({
        ...{ ...flaw, rank: rankOf(facts), exploited: isExploited(facts) },
        ...{ open: isOpen(facts), fixable: isFixable(facts) },
      }))
      .sort(
        (a, b) =>
          Number(b.exploited) - Number(a.exploited) ||
          b.rank - a.rank ||
          places.vulnerabilities[b.vulnerability]! - places.vulnerabilities[a.vulnerability]! ||
          places.sources[a.source]! - places.sources[b.source]!,
      );
  }
}

/** A verdict as it is visited; the same object each time. */
export interface OpenVerdict {
  package: number;
  source: number;
  vulnerability: number;
  rank: number;
  exploited: boolean;
  fixable: boolean;
}

interface IndexState {
  /** The last finished run. */
  run: number;
  /** The last package. */
  last: number;
  pruned: string;
}

async function stateOf(queries: Queries): Promise<IndexState> {
  const [row] = await queries.query<IndexState>(
    `SELECT coalesce((SELECT max(id) FROM fleet.runs WHERE state = 'finished'), 0) AS run,
       coalesce((SELECT max(id) FROM fleet.packages), 0) AS last,
       coalesce((SELECT value #>> '{}' FROM fleet.settings WHERE key = 'pruned'), '') AS pruned`,
  );
  return row!;
}

/** Those that are new or of which a later run decided otherwise, also a run that is at work or was broken off. */
async function changedPackages(queries: Queries, { run, last }: IndexState): Promise<number[]> {
  const rows = await queries.query<{ id: number }>(
    `SELECT id FROM fleet.packages WHERE id > $2 
     UNION SELECT package FROM fleet.verdicts WHERE from_run > $1 UNION SELECT package FROM fleet.verdicts WHERE to_run > $1`,
    [run, last],
  );
  return rows.map(({ id }) => id);
}

interface PackageRow {
  id: number;
  source: string;
  vulnerabilities: string[] | null;
  codes: number[] | null;
}

async function allPackages(queries: Queries): Promise<number[]> {
  const [row] = await queries.query<{ ids: number[] | null }>(
    'SELECT json_agg(id ORDER BY id) AS ids FROM fleet.packages',
  );
  return row?.ids ?? [];
}

/** Some packages after others, with their verdicts as JSON, which the client reads faster than arrays. */
async function* packageRows(
  queries: Queries,
  run: number,
  chosen: readonly number[],
): AsyncGenerator<PackageRow> {
  for (let at = 0; at < chosen.length; at += packagesAtOnce) {
    yield* await queries.query<PackageRow>(
      `SELECT id, source, vulnerabilities, codes FROM fleet.packages LEFT JOIN (
         SELECT package, json_agg(vulnerability ORDER BY id) AS vulnerabilities, json_agg(${factsColumn} ORDER BY id) AS codes
         FROM ${verdictsAt('$1')} WHERE package = ANY($2::integer[]) GROUP BY package) AS held ON package = packages.id
       WHERE id = ANY($2::integer[]) ORDER BY id`,
      [run, chosen.slice(at, at + packagesAtOnce)],
    );
  }
}
