import type { FleetRunSummary, OwnersSeen, SlaRules } from '../../model/fleet/index.ts';
import type { Queries } from '../store/database.ts';
import { type NameRow, nameRows } from '../store/name-rows.ts';
import { runState } from '../store/runs.ts';
import { slaRules } from '../store/sla.ts';
import { type FleetTotals, totalsOf } from '../store/totals.ts';
import { actingWaivers, dayOf, matchingWaivers, type Waivers } from '../waivers/acting-waivers.ts';
import { Holders } from './holders.ts';
import { VerdictIndex } from './verdict-index.ts';

/** A name as pages have it. */
export type ViewedName = NameRow & {
  /** The text by which it is found, in lower case. */
  text: string;
};

/** A finished run with what it left. */
export interface ViewedRun {
  id: number;
  started: Date;
  finished: Date;
  /** Null: of a scapfeed that did not keep them. */
  totals: FleetTotals | null;
  summary: FleetRunSummary;
}

/** Numbers of what a part of the fleet has. */
export interface ViewPart {
  names: readonly number[];
  images: readonly number[];
}

/** Images, vulnerabilities and packages whose facts are kept. */
const keptRecent = 12;

/** Parts of one view that are kept: teams, and what people of several of them see. */
const keptParts = 50;

/** The start of the next view, which reads only what changed since. */
interface Parts {
  holders: Holders;
  verdicts: VerdictIndex;
}

/**
 * The pages' data about the whole fleet, as of one moment: lists are filtered and sorted here, because ten thousand names are a
 * few megabytes and a query for each view of them would take longer than everything else. Rows of single images, packages and
 * vulnerabilities are read from the database, those that a page shows.
 */
export class FleetView {
  readonly queries: Queries;
  /** Its day decides which waivers are in force. */
  readonly now: Date;
  /** Owners of the images in the view. */
  readonly seen: OwnersSeen;
  /** The view of all images, of which this one is a part. */
  readonly #whole: FleetView | undefined;
  readonly #before: Parts;
  #parts: Parts;
  readonly #kept = new Map<string, Promise<unknown>>();
  readonly #recent = new Map<string, Promise<unknown>>();
  readonly #parted = new Map<string, FleetView>();

  constructor(
    queries: Queries,
    now: Date,
    before: Parts = { holders: Holders.none, verdicts: VerdictIndex.none },
    part?: { whole: FleetView; seen: OwnersSeen },
  ) {
    this.#whole = part?.whole;
    this.seen = part?.seen ?? 'all';
    this.queries = queries;
    this.now = now;
    this.#before = before;
    this.#parts = before;
  }

  /** The view of another moment. */
  next(now: Date): FleetView {
    return new FleetView(this.queries, now, this.#parts);
  }

  /** The part of some owners: as if the fleet had no other images. */
  of(seen: OwnersSeen): FleetView {
    if (seen === 'all') return this;
    const key = JSON.stringify([...new Set(seen)].sort());
    const made =
      this.#parted.get(key) ?? new FleetView(this.queries, this.now, undefined, { whole: this, seen });
    this.#parted.delete(key);
    this.#parted.set(key, made);
    for (const oldest of this.#parted.keys()) {
      if (this.#parted.size <= keptParts) break;
      this.#parted.delete(oldest);
    }
    return made;
  }

  /** Numbers of the names and images that this part has; undefined: it has all of them. */
  async part(): Promise<ViewPart | undefined> {
    if (this.seen === 'all') return undefined;
    return {
      names: (await this.names()).map(({ name }) => name),
      images: [...(await this.namesOfImages()).keys()],
    };
  }

  /** Reads the data of every list in advance, so that no request waits for it. */
  async warm(): Promise<void> {
    await this.names();
    await this.holders();
    await this.verdicts();
  }

  /** Made once, when it is asked for first. */
  kept<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    this.#kept.set(name, made);
    // A failed attempt is repeated at the next use.
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
    return this.kept('names', async () => {
      const { seen } = this;
      if (this.#whole)
        return (await this.#whole.names()).filter(
          ({ owners }) => seen === 'all' || owners.some((owner) => seen.includes(owner)),
        );
      return (await nameRows(this.queries, dayOf(this.now))).map((row) => ({
        ...row,
        text: `${row.reference} ${row.digest ?? ''} ${row.system ?? ''} ${row.platform ?? ''}`.toLowerCase(),
      }));
    });
  }

  /** Owners of any image, in code-unit order. */
  owners(): Promise<readonly string[]> {
    return this.kept('owners', async () =>
      [...new Set((await this.names()).flatMap(({ owners }) => owners))].sort(),
    );
  }

  /** True if signatures were checked: without that, a column of them is empty. */
  asksForSignatures(): Promise<boolean> {
    return this.kept('asks for signatures', async () =>
      (await this.names()).some(({ signed }) => signed !== null),
    );
  }

  /** True if the last run compared images with their bases. */
  comparesBases(): Promise<boolean> {
    return this.kept('compares bases', async () => (await this.names()).some(({ base }) => base !== null));
  }

  /** The totals of all names. */
  totals(): Promise<Omit<FleetTotals, 'oldest'>> {
    return this.kept('totals', async () => totalsOf(await this.names()));
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

  /** For each image the places of its names among all. */
  placesOfImages(): Promise<ReadonlyMap<number, readonly number[]>> {
    return this.kept('places of images', async () => {
      const found = new Map<number, number[]>();
      for (const [place, { image }] of (await this.names()).entries()) {
        if (image === null) continue;
        const known = found.get(image);
        if (known) known.push(place);
        else found.set(image, [place]);
      }
      return found;
    });
  }

  /** Watched images by package. */
  holders(): Promise<Holders> {
    return this.kept('holders', async () => {
      const watched = new Set((await this.namesOfImages()).keys());
      if (this.#whole) return (await this.#whole.holders()).of(this.queries, watched);
      const holders = await this.#before.holders.of(this.queries, watched);
      this.#parts = { ...this.#parts, holders };
      return holders;
    });
  }

  /** The verdicts that hold, as far as lists need them. */
  verdicts(): Promise<VerdictIndex> {
    if (this.#whole) return this.#whole.verdicts();
    return this.kept('verdicts', async () => {
      const verdicts = await this.#before.verdicts.refreshed(this.queries);
      this.#parts = { ...this.#parts, verdicts };
      return verdicts;
    });
  }

  /** The SLA that the fleet keeps. */
  sla(): Promise<SlaRules | undefined> {
    if (this.#whole) return this.#whole.sla();
    return this.kept('sla', () => slaRules(this.queries));
  }

  waivers(): Promise<Waivers> {
    if (this.#whole) return this.#whole.waivers();
    return this.kept('waivers', async () =>
      matchingWaivers(this.queries, await actingWaivers(this.queries, this.now)),
    );
  }

  /** Finished runs, the oldest first; in a part without what they counted in all images, and without places of others. */
  runs(): Promise<readonly ViewedRun[]> {
    const whole = this.#whole;
    if (whole)
      return this.kept('runs', async () =>
        (await whole.runs()).map((run) => ({
          ...run,
          totals: null,
          summary: { ...run.summary, unlisted: [] },
        })),
      );
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
        `SELECT id, ${runState} AS state, started FROM fleet.runs ORDER BY id DESC LIMIT 1`,
      );
      return run;
    });
  }
}

/** The current view: made again when the store has changed, and each day, because waivers expire. */
export class Views {
  readonly #queries: Queries;
  readonly #now: () => Date;
  readonly #checkEvery: number;
  #known: KnownView | undefined;
  #checking: Promise<FleetView> | undefined;

  /** `checkEvery`: milliseconds for which a view is not questioned. */
  constructor(queries: Queries, now: () => Date, checkEvery: number) {
    this.#queries = queries;
    this.#now = now;
    this.#checkEvery = checkEvery;
  }

  /** As of a second ago at most; while a new one is made, those who ask one after the other get the one before. */
  current(): Promise<FleetView> {
    const age = this.#age();
    if (this.#known && age < this.#checkEvery) return Promise.resolve(this.#known.view);
    const checking = this.#check();
    if (!this.#known || age >= 2 * this.#checkEvery) return checking;
    // Callers that wait for the check get the error; this one gets the previous view.
    checking.catch(() => undefined);
    return Promise.resolve(this.#known.view);
  }

  /** As of now, for programs that have just changed something. */
  async exact(): Promise<FleetView> {
    // One that is being made may have begun before the change.
    await this.#checking?.catch(() => undefined);
    return this.#check(0);
  }

  /** Milliseconds since the view was compared with the store. The clock may have been set back. */
  #age(): number {
    return this.#known ? Math.abs(this.#now().getTime() - this.#known.checked) : Number.POSITIVE_INFINITY;
  }

  #check(whileRunning = whileRunningAtMost): Promise<FleetView> {
    this.#checking ??= this.#compared(whileRunning).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #compared(whileRunning: number): Promise<FleetView> {
    const now = this.#now();
    const checked = now.getTime();
    const known = this.#known;
    if (known && (await isUntouched(this.#queries, known, now))) {
      this.#known = { ...known, checked };
      return known.view;
    }
    const { snapshot, version, isRunning } = await storeVersion(this.#queries, now);
    if (known?.version === version) {
      this.#known = { ...known, snapshot, checked };
      return known.view;
    }
    if (known && isRunning && checked - known.made < whileRunning) {
      this.#known = { ...known, checked };
      return known.view;
    }
    const view = known?.view.next(now) ?? new FleetView(this.#queries, now);
    await view.warm();
    this.#known = { day: dayOf(now), snapshot, version, checked, made: checked, view };
    return view;
  }
}

interface KnownView {
  /** The day on which it was made: waivers expire with a day. */
  day: string;
  /** The transactions that had ended when the version was read, and the state of the newest run, which can end without one. */
  snapshot: string;
  version: string;
  checked: number;
  made: number;
  view: FleetView;
}

const newestState = `(SELECT ${runState} FROM fleet.runs ORDER BY id DESC LIMIT 1)`;
const snapshotNow = `concat_ws(' ', pg_current_snapshot(), ${newestState})`;

/** No transaction has ended since: whatever the size of the fleet, nothing needs to be counted. */
async function isUntouched(queries: Queries, { day, snapshot }: KnownView, now: Date): Promise<boolean> {
  if (dayOf(now) !== day) return false;
  const [row] = await queries.query<{ snapshot: string }>(`SELECT ${snapshotNow} AS snapshot`);
  return row!.snapshot === snapshot;
}

/** While a run works, something changes all the time: milliseconds for which a view holds all the same. */
const whileRunningAtMost = 15_000;

/** Changes when anything does that a page shows. */
async function storeVersion(
  queries: Queries,
  now: Date,
): Promise<{ snapshot: string; version: string; isRunning: boolean }> {
  const [row] = await queries.query<Record<string, number | string | null>>(
    `SELECT ${snapshotNow} AS snapshot, (SELECT max(id) FROM fleet.runs) AS run, ${newestState} AS state,
       (SELECT count(*)::integer FROM fleet.runs WHERE state = 'finished') AS finished,
       (SELECT count(*)::integer FROM fleet.name_images WHERE until IS NULL) AS pointed, (SELECT max(id) FROM fleet.name_images) AS moved,
       (SELECT count(*)::integer FROM fleet.names) AS names, (SELECT count(removed)::integer FROM fleet.names) AS removed,
       (SELECT max(id) FROM fleet.waivers) AS waivers, (SELECT count(ended)::integer FROM fleet.waivers) AS withdrawn,
       (SELECT value #>> '{}' FROM fleet.settings WHERE key = 'pruned') AS pruned,
       (SELECT md5(value::text) FROM fleet.settings WHERE key = 'owners') AS owners,
       (SELECT md5(value::text) FROM fleet.settings WHERE key = 'sla') AS sla,
       (SELECT sum(cardinality(namespaces))::integer FROM fleet.names) AS namespaces`,
  );
  const { snapshot, ...counted } = row!;
  return {
    snapshot: String(snapshot),
    version: JSON.stringify([dayOf(now), ...Object.values(counted)]),
    isRunning: counted['state'] === 'open',
  };
}
