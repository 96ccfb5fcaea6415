import type { FleetRunSummary } from '../../../model/index.ts';
import type { Queries } from '../../store/database.ts';
import { type NameRow, nameRows, type Standing, standingOf } from '../../store/name-rows.ts';
import type { FleetTotals } from '../../store/totals.ts';
import { actingWaivers, dayOf, matchingWaivers, type Waivers } from '../../waivers/acting-waivers.ts';
import { Holders } from './holders.ts';

/** A name as pages have it. */
export type ViewedName = NameRow & { standing: Standing };

/** A finished run with what it left. */
export interface ViewedRun {
  id: number;
  started: Date;
  finished: Date;
  /** Null: of a scapfeed that did not keep them. */
  totals: FleetTotals | null;
  summary: FleetRunSummary;
}

/** Images, vulnerabilities and packages whose facts are kept; each can be a megabyte. */
const keptRecent = 32;

/**
 * What the pages need of the whole fleet, as of one moment: lists are filtered and sorted here, because ten thousand names are a
 * few megabytes and a query for each look at them would take longer than everything else.
 */
export class FleetView {
  readonly queries: Queries;
  /** By whose day waivers act. */
  readonly now: Date;
  readonly #kept = new Map<string, Promise<unknown>>();
  readonly #recent = new Map<string, Promise<unknown>>();

  constructor(queries: Queries, now: Date) {
    this.queries = queries;
    this.now = now;
  }

  /** Made once, when it is asked for first. */
  kept<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    this.#kept.set(name, made);
    // What failed is tried again.
    made.catch(() => this.#kept.delete(name));
    return made;
  }

  /** The same for one of many things: only those that were asked for lately are kept. */
  recent<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#recent.get(name) as Promise<T> | undefined;
    if (known) this.#recent.delete(name);
    const made = known ?? make();
    this.#recent.set(name, made);
    if (!known) made.catch(() => this.#recent.delete(name));
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= keptRecent) break;
      this.#recent.delete(oldest);
    }
    return made;
  }

  names(): Promise<readonly ViewedName[]> {
    return this.kept('names', async () =>
      (await nameRows(this.queries)).map((row) => ({ ...row, standing: standingOf(row) })),
    );
  }

  /** The names of each image, in their order. */
  namesOfImages(): Promise<ReadonlyMap<number, readonly ViewedName[]>> {
    return this.kept('names of images', async () => {
      const found = new Map<number, ViewedName[]>();
      for (const row of await this.names()) {
        if (row.image === null) continue;
        const known = found.get(row.image);
        if (known) known.push(row);
        else found.set(row.image, [row]);
      }
      return found;
    });
  }

  /** Which watched images have which packages. */
  holders(): Promise<Holders> {
    return this.kept('holders', () => Holders.read(this.queries));
  }

  waivers(): Promise<Waivers> {
    return this.kept('waivers', async () =>
      matchingWaivers(this.queries, await actingWaivers(this.queries, this.now)),
    );
  }

  /** Finished runs, the oldest first. */
  runs(): Promise<readonly ViewedRun[]> {
    return this.kept('runs', () =>
      this.queries.query<ViewedRun>(
        `SELECT id, started, finished, totals, summary FROM fleet.runs WHERE state = 'finished' ORDER BY id`,
      ),
    );
  }

  async lastRun(): Promise<ViewedRun | undefined> {
    return (await this.runs()).at(-1);
  }

  /** The state of the newest run, finished or not. */
  async newestRun(): Promise<{ id: number; state: string; started: Date } | undefined> {
    return this.kept('newest run', async () => {
      const [run] = await this.queries.query<{ id: number; state: string; started: Date }>(
        'SELECT id, state, started FROM fleet.runs ORDER BY id DESC LIMIT 1',
      );
      return run;
    });
  }
}

/** The view of now: made again when the store says something else, and each day, because waivers expire. */
export class Views {
  readonly #queries: Queries;
  readonly #now: () => Date;
  readonly #checkEvery: number;
  #known: { version: string; checked: number; made: number; view: FleetView } | undefined;
  #checking: Promise<FleetView> | undefined;

  /** `checkEvery`: milliseconds for which a view is not questioned. */
  constructor(queries: Queries, now: () => Date, checkEvery: number) {
    this.#queries = queries;
    this.#now = now;
    this.#checkEvery = checkEvery;
  }

  current(): Promise<FleetView> {
    const now = this.#now();
    // The clock may have been set back.
    if (this.#known && Math.abs(now.getTime() - this.#known.checked) < this.#checkEvery)
      return Promise.resolve(this.#known.view);
    this.#checking ??= this.#check(now).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(now: Date): Promise<FleetView> {
    const { version, isRunning } = await storeVersion(this.#queries, now);
    const known = this.#known;
    const checked = now.getTime();
    const isSame = known?.version === version || (isRunning && known && checked - known.made < whileRunning);
    this.#known = isSame
      ? { ...known!, checked }
      : { version, checked, made: checked, view: new FleetView(this.#queries, now) };
    return this.#known.view;
  }
}

/** While a run works, something changes all the time: milliseconds for which a view holds all the same. */
const whileRunning = 15_000;

/** Changes when anything does that a page shows. */
async function storeVersion(queries: Queries, now: Date): Promise<{ version: string; isRunning: boolean }> {
  const [row] = await queries.query<Record<string, number | string | null>>(
    `SELECT (SELECT max(id) FROM fleet.runs) AS run, (SELECT state FROM fleet.runs ORDER BY id DESC LIMIT 1) AS state,
       (SELECT count(*)::integer FROM fleet.runs WHERE state = 'finished') AS finished,
       (SELECT count(*)::integer FROM fleet.name_images WHERE until IS NULL) AS pointed, (SELECT max(id) FROM fleet.name_images) AS moved,
       (SELECT count(*)::integer FROM fleet.names) AS names, (SELECT count(removed)::integer FROM fleet.names) AS removed,
       (SELECT max(id) FROM fleet.waivers) AS waivers, (SELECT count(ended)::integer FROM fleet.waivers) AS withdrawn`,
  );
  return {
    version: JSON.stringify([dayOf(now), ...Object.values(row!)]),
    isRunning: row!['state'] === 'open',
  };
}
