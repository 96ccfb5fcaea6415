import type { JobAttempt, PgBoss, Db as QueueDatabase } from 'pg-boss';
import type { Database, Queries } from '../store/database.ts';

/** The jobs of a fleet, in the order in which a run needs them. */
export const jobKinds = ['read', 'base', 'judge', 'comply', 'news'] as const;
export type JobKind = (typeof jobKinds)[number];

/** The queue of one server's scans for Harbor, whose credentials no other process has. */
export type HarborQueue = `harbor-${string}`;

/** Nights that are planned: whatever the number of processes, one waits at most, and one is done at most. */
const nights = 'night';

/** A job that this process has taken: `attempt` is void once another process has it. */
export interface TakenJob<Data = object, Kind extends JobKind | HarborQueue = JobKind> {
  kind: Kind;
  attempt: JobAttempt;
  data: Data;
}

/** A night that this process has taken: it was due at a time by the clock of the database. */
export interface TakenNight extends JobAttempt {
  due: Date;
}

/** Seconds after which a job of a process that died is given to another one. */
const heartbeatSeconds = 30;

/** Attempts of a job. A fault of an image or a feed is a result, and no failure of the job. */
export const retries = {
  read: { retryLimit: 4, retryDelay: 1 },
  base: { retryLimit: 4, retryDelay: 1 },
  judge: { retryLimit: 4, retryDelay: 1 },
  comply: { retryLimit: 4, retryDelay: 1 },
  // A receiver that is down for a night gets the news in the morning: the pauses grow to an hour, 24 tries take 15 hours.
  news: { retryLimit: 24, retryDelay: 5, retryBackoff: true, retryDelayMax: 3600 },
} as const satisfies Record<JobKind, object>;

/** A scan that failed is a result: only the database's faults make it be done again. */
const harborRetries = { retryLimit: 2, retryDelay: 1 };

/** A night is tried again after its process or the database died. */
const nightRetries = { retryLimit: 10, retryDelay: 1, retryBackoff: true, retryDelayMax: 600 };

/** The queue: pg-boss, in a schema of its own beside the store's. */
export class Queue {
  readonly #boss: PgBoss;
  readonly #queries: Queries;

  private constructor(boss: PgBoss, queries: Queries) {
    this.#boss = boss;
    this.#queries = queries;
  }

  /** Opens the queue of a store, and makes it the first time. */
  static async open(database: Database, onError: (error: Error) => void): Promise<Queue> {
    const { PgBoss: Boss } = await import('pg-boss');
    const boss = new Boss({
      db: queueDatabase(database),
      schema: 'fleet_queue',
      backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
      // Whoever waits for jobs looks after those of processes that died: see `supervise`.
      supervise: false,
      schedule: false,
      registerInstance: false,
      monitorIntervalSeconds: 1,
    });
    boss.on('error', onError);
    await boss.start();
    for (const kind of jobKinds) {
      await boss.createQueue(kind, {
        ...retries[kind],
        heartbeatSeconds,
        expireInSeconds: 3600,
        deleteAfterSeconds: 86_400,
      });
    }
    await boss.createQueue(nights, {
      ...{ policy: 'stately', ...nightRetries, heartbeatSeconds },
      ...{ expireInSeconds: 86_400, deleteAfterSeconds: 86_400 },
    });
    return new Queue(boss, database);
  }

  /** Adds jobs, in a transaction of the store if it is given one. Those with more work come first, others in any order. */
  async add<Job extends object>(
    kind: JobKind,
    jobs: readonly Job[],
    { queries, workOf }: { queries?: Queries; workOf?: (job: Job) => number } = {},
  ): Promise<void> {
    if (jobs.length === 0) return;
    // A store that an older version made has its queues with other numbers.
    const rows = jobs.map((data) => ({ data, ...(workOf && { priority: workOf(data) }), ...retries[kind] }));
    await this.#boss.insert(kind, rows, queries ? { db: queueDatabase(queries) } : {});
  }

  /** Makes the queue of a server's scans. It ends with the server. */
  async openHarbor(name: HarborQueue): Promise<void> {
    await this.#boss.createQueue(name, {
      ...harborRetries,
      heartbeatSeconds,
      ...{ expireInSeconds: 3600, deleteAfterSeconds: 3600 },
    });
  }

  /** Adds a scan, in a transaction of the store. */
  async addHarbor(name: HarborQueue, job: object, queries: Queries): Promise<void> {
    await this.#boss.insert(name, [{ data: job, ...harborRetries }], { db: queueDatabase(queries) });
  }

  /** Ends the queues of servers, with their jobs. */
  async endHarbor(names: readonly HarborQueue[]): Promise<void> {
    for (const name of names) await this.#boss.deleteQueue(name);
  }

  async take<Data extends object, Kind extends JobKind | HarborQueue = JobKind>(
    kind: Kind,
  ): Promise<TakenJob<Data, Kind> | undefined> {
    const [job] = await this.#boss.fetch<Data>(kind, { batchSize: 1 });
    return job && { kind, data: job.data, attempt: { id: job.id, retryCount: job.retryCount } };
  }

  /** Records that this process still works on a job. */
  async touch({ kind, attempt }: TakenJob<object, JobKind | HarborQueue>): Promise<void> {
    await this.#boss.touch(kind, attempt);
  }

  /**
   * Ends a job in the transaction of what it wrote. Throws if another process has taken it meanwhile, so that nothing is
   * written twice.
   */
  async complete(
    { kind, attempt }: TakenJob<object, JobKind | HarborQueue>,
    queries: Queries,
  ): Promise<void> {
    // The type leaves out what it is of: `affected` counts the jobs that were still this process's.
    const answer: { affected?: number } = await this.#boss.complete(kind, attempt, null, {
      db: queueDatabase(queries),
    });
    if (answer.affected !== 1) throw new LapsedJob();
  }

  /** Gives a job back, to be tried again until its tries are used up. */
  async fail({ kind, attempt }: TakenJob<object, JobKind | HarborQueue>, error: unknown): Promise<void> {
    await this.#boss.fail(kind, attempt, { message: error instanceof Error ? error.message : String(error) });
  }

  /** Takes jobs back from processes that died. */
  async supervise(kinds: readonly (JobKind | HarborQueue)[] = jobKinds): Promise<void> {
    for (const kind of kinds) await this.#boss.supervise(kind);
  }

  /** The next night is at this time, and at no other. One that is due, or whose process died, comes first. */
  async planNight(at: Date, now: Date): Promise<void> {
    const waiting = await this.#boss.findJobs(nights, { queued: true });
    if (waiting.some(({ state, startAfter }) => state === 'retry' || startAfter <= now)) return;
    // In one statement, and by the time of each row (`now()` is that of the transaction's begin), so that a night that becomes due
    // meanwhile stays. While it waits, its queue takes no other (stately).
    await this.#queries.query(
      `DELETE FROM fleet_queue.job WHERE name = $1 AND state = 'created' AND start_after > clock_timestamp()`,
      [nights],
    );
    await this.#boss.send(nights, null, { startAfter: at, ...nightRetries });
  }

  /** The night that is due, for one process alone. One of a process that died is given to another. */
  async takeNight(): Promise<TakenNight | undefined> {
    await this.#boss.supervise(nights);
    const [job] = await this.#boss.fetch(nights, { batchSize: 1, includeMetadata: true });
    return job && { id: job.id, retryCount: job.retryCount, due: job.startAfter };
  }

  async touchNight({ id, retryCount }: TakenNight): Promise<void> {
    await this.#boss.touch(nights, { id, retryCount });
  }

  async endNight({ id, retryCount }: TakenNight): Promise<void> {
    await this.#boss.complete(nights, { id, retryCount });
  }

  /** Gives a night back that could not be done here, to be done again soon. */
  async failNight({ id, retryCount }: TakenNight, error: Error): Promise<void> {
    await this.#boss.fail(nights, { id, retryCount }, { message: error.message });
  }

  /** Forgets all jobs of a kind: the next run plans its own. */
  async clear(kind: JobKind): Promise<void> {
    await this.#boss.deleteAllJobs(kind);
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false });
  }
}

/** The job was given to another process, because this one gave no sign for too long. */
export class LapsedJob extends Error {
  constructor() {
    super('another process has taken this job');
  }
}

function queueDatabase(queries: Queries): QueueDatabase {
  return {
    async executeSql(text, values) {
      // Statements without values come several at once.
      const rows =
        values && values.length > 0 ? await queries.query(text, values) : await queries.execute(text);
      return { rows };
    },
  };
}
