import { type Severity, severities } from '../../model/feed/index.ts';
import type { FlawCounts } from '../../model/fleet/index.ts';
import { ecosystemIds } from '../../model/inventory/index.ts';
import { flawKey } from '../../model/verdict/index.ts';
import {
  factsBits,
  factsColumn,
  factsCount,
  isExploited,
  isFixable,
  joinedFacts,
  rankOf,
} from '../flaw-facts.ts';
import type { Queries } from './database.ts';
import { json } from './json.ts';

/** Images and packages that are read at once: their lists are in memory. */
const imagesAtOnce = 500;
const packagesAtOnce = 2000;

/**
 * Counts again the flaws of every image that could have others than after the last finished run; what is waived is counted apart
 * after that.
 */
export async function refreshCounts(queries: Queries, run: number, last: number | undefined): Promise<void> {
  const images = await queries.query<{ id: number }>(
    'SELECT id FROM fleet.images WHERE NOT EXISTS (SELECT FROM fleet.image_counts WHERE image = images.id) ORDER BY id',
  );
  if (last !== undefined) {
    const changed = await queries.query<{ id: number }>(
      `SELECT id FROM fleet.images JOIN fleet.image_counts ON image = id WHERE packages && ARRAY(${changedPackages}) ORDER BY id`,
      [last],
    );
    images.push(...changed);
  }
  if (images.length === 0) return;
  const flaws = await PackageFlaws.read(queries);
  for (let at = 0; at < images.length; at += imagesAtOnce) {
    const ids = images.slice(at, at + imagesAtOnce).map(({ id }) => id);
    const lists = await queries.query<{ id: number; packages: number[] }>(
      // As JSON, which is read faster than an array.
      'SELECT id, to_json(packages) AS packages FROM fleet.images WHERE id = ANY($1::integer[])',
      [ids],
    );
    const rows = lists.map(({ id, packages }) => ({ id, counts: flaws.countsOf(packages) }));
    await queries.query(
      `INSERT INTO fleet.image_counts (image, found, counts, run)
       SELECT id, counts, counts, $2::integer FROM jsonb_to_recordset($1::jsonb) AS given (id integer, counts jsonb)
       ON CONFLICT (image) DO UPDATE SET found = excluded.found, counts = excluded.counts, run = excluded.run`,
      [json(rows), run],
    );
  }
}

/** Packages of which something began or ended after a run. */
const changedPackages = ['verdicts', 'uncovered']
  .flatMap((table) =>
    ['from_run', 'to_run'].map((column) => `SELECT package FROM fleet.${table} WHERE ${column} > $1`),
  )
  .join(' UNION ');

interface OpenFlaw {
  package: number;
  source: string;
  vulnerability: string;
  facts: number;
}

/** The open flaws of all packages, each a number: a fleet has hundreds of thousands, and all are needed to count its images. */
class PackageFlaws {
  readonly #flaws = new Map<number, Uint32Array>();
  readonly #uncovered = new Set<number>();
  /** Packages of languages that nobody is asked about: without data in the feed, or a part of another package. */
  readonly #unasked = new Set<number>();
  /** The numbers of flaws, by vulnerability and source package. */
  readonly #keys = new Map<string, number>();
  /** By the number of a flaw, its facts in the image that is being counted; 0: it has none there, since an open flaw is never 0. */
  #facts = new Uint8Array(0);

  static async read(queries: Queries): Promise<PackageFlaws> {
    const found = new PackageFlaws();
    const [{ newest } = { newest: 0 }] = await queries.query<{ newest: number }>(
      'SELECT coalesce(max(id), 0)::integer AS newest FROM fleet.packages',
    );
    for (let after = 0; after < newest; after += packagesAtOnce) {
      const rows = await queries.query<OpenFlaw>(
        `SELECT package, source, vulnerability, ${factsColumn} AS facts
         FROM fleet.verdicts JOIN fleet.packages ON packages.id = package
         WHERE package > $1 AND package <= $2 AND to_run IS NULL AND status = 'affected' AND hidden IS NULL
         ORDER BY package, verdicts.id`,
        [after, after + packagesAtOnce],
      );
      found.#add(rows);
    }
    const uncovered = await queries.query<{ package: number }>(
      'SELECT package FROM fleet.uncovered WHERE to_run IS NULL',
    );
    for (const row of uncovered) found.#uncovered.add(row.package);
    const unasked = await queries.query<{ id: number }>(
      `SELECT id FROM fleet.packages WHERE type = ANY($1::text[])
       AND (facts ? 'owner' OR NOT EXISTS (SELECT FROM fleet.settings WHERE key = 'ecosystems' AND value ? type))`,
      [[...ecosystemIds]],
    );
    for (const { id } of unasked) found.#unasked.add(id);
    found.#facts = new Uint8Array(found.#keys.size);
    return found;
  }

  #add(rows: readonly OpenFlaw[]): void {
    const lists = new Map<number, number[]>();
    for (const row of rows) {
      const list = lists.get(row.package);
      if (list) list.push(this.#numberOf(row));
      else lists.set(row.package, [this.#numberOf(row)]);
    }
    for (const [number, list] of lists) this.#flaws.set(number, Uint32Array.from(list));
  }

  /** The flaw's own number, and what is counted of it in this package. */
  #numberOf(row: OpenFlaw): number {
    const text = flawKey(row);
    const key = this.#keys.get(text) ?? this.#keys.size;
    this.#keys.set(text, key);
    return key * factsCount + row.facts;
  }

  countsOf(packages: readonly number[]): FlawCounts {
    const flaws = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
    const counts: FlawCounts = { flaws, exploited: 0, fixable: 0, uncovered: 0, judged: 0, waived: 0 };
    const found: number[] = [];
    for (const number of packages) {
      if (this.#uncovered.has(number)) counts.uncovered += 1;
      else if (!this.#unasked.has(number) || this.#flaws.has(number)) counts.judged += 1;
      for (const flaw of this.#flaws.get(number) ?? []) {
        const key = flaw >>> factsBits;
        const facts = flaw & (factsCount - 1);
        const known = this.#facts[key]!;
        if (known === 0) found.push(key);
        this.#facts[key] = known === 0 ? facts : joinedFacts(known, facts);
      }
    }
    for (const key of found) {
      const facts = this.#facts[key]!;
      this.#facts[key] = 0;
      flaws[severities[rankOf(facts)]!] += 1;
      if (isExploited(facts)) counts.exploited += 1;
      if (isFixable(facts)) counts.fixable += 1;
    }
    return counts;
  }
}
