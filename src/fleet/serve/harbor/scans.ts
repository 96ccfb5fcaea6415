import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { outlasting } from '../../outlasting.ts';
import { type HarborQueue, LapsedJob, type Queue } from '../../queue/queue.ts';
import type { Database } from '../../store/database.ts';
import {
  addHarborScan,
  beginHarborScan,
  endHarborScan,
  endHarborServers,
  type HarborJob,
  type HarborReport,
  type HarborReportKind,
  pruneHarbor,
  touchHarborServer,
  validHarborReports,
} from '../../store/harbor.ts';
import { HarborRefusal, type HarborRequest } from './scan-request.ts';

/** Milliseconds from the request to the end of a scan: Harbor's own limit, which begins again with each question. */
export const longestScan = 30 * 60_000;

/** Milliseconds for reading and judging one image. */
const longestWork = 15 * 60_000;

/** Milliseconds without a sign of life after which a server is taken to have ended. */
export const heartbeatTimeout = 60_000;

const lookEvery = 100;
const touchEvery = 4_000;
const tendEvery = 10_000;

/** Scans at once. */
const atOnce = 2;

/** Scans that wait: each holds a request of some 20 KB at most. */
const mostWaiting = 10_000;

/** The feed, as metadata names it. */
export interface HarborFeed {
  updated?: Date;
  next?: Date;
}

/** Functions of this process for Harbor's scans; the command line provides them. */
export interface HarborTools {
  /** The feed as it was read last: answered from memory. */
  feed(): HarborFeed;
  /** Identifies the inputs of a request's reports besides the image. `vulnerability` is absent if there is no feed. */
  bases(request: HarborRequest): { vulnerability?: string; sbom: string };
  /**
   * Asks the registry for the image by the request's credentials, and makes reports of it; with none, that it may be read is all
   * that is found out. @throws the reason, for Harbor's user
   */
  scan(
    request: HarborRequest,
    reports: readonly HarborReportKind[],
    ending: AbortSignal,
  ): Promise<readonly HarborReport[]>;
}

/** The functions of this process that the routes need. */
export interface HarborContext {
  scans: HarborScans;
  tools: HarborTools;
}

export interface HarborParts {
  database: Database;
  queue: Queue;
  tools: HarborTools;
  now(): Date;
  warn(text: string): void;
}

/**
 * Scans for Harbor. Jobs, states and reports are in the store, where each server finds them; requests with their credentials are
 * in this process alone, which does the scans that it accepted.
 */
export class HarborScans {
  readonly #parts: HarborParts;
  readonly #server = randomUUID();
  readonly #queue: HarborQueue = `harbor-${this.#server}`;
  /** Requests by scan. */
  readonly #held = new Map<string, { request: HarborRequest; accepted: Date }>();
  /** Scans of an image that are at work: a second one finds what the first has made. */
  readonly #ofImage = new Map<string, Promise<void>>();

  private constructor(parts: HarborParts) {
    this.#parts = parts;
  }

  static async open(parts: HarborParts): Promise<HarborScans> {
    const scans = new HarborScans(parts);
    await parts.queue.openHarbor(scans.#queue);
    await touchHarborServer(parts.database, scans.#server, parts.now());
    return scans;
  }

  /** Returns the id of a scan. @throws {HarborRefusal} 500: too many wait */
  async accept(request: HarborRequest): Promise<string> {
    const { database, queue, now } = this.#parts;
    if (this.#held.size >= mostWaiting)
      throw new HarborRefusal(500, `${mostWaiting} scans are waiting here; scan again later`);
    const id = randomUUID();
    const accepted = now();
    this.#held.set(id, { request, accepted });
    try {
      await database.transaction(async (queries) => {
        const { artifact, reports } = request;
        await addHarborScan(queries, { id, server: this.#server, artifact, reports, accepted });
        await queue.addHarbor(this.#queue, { scan: id }, queries);
      });
    } catch (error) {
      this.#held.delete(id);
      throw error;
    }
    return id;
  }

  /** Seconds after which Harbor asks again, as the header `Refresh-After` of a byte. */
  refreshAfter(): number {
    return Math.min(60, 2 + Math.floor(this.#held.size / atOnce));
  }

  /** Does the scans until `ending` is aborted. */
  async keep(ending: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const either = AbortSignal.any([ending, failed.signal]);
    const lanes = [...Array.from({ length: atOnce }, () => this.#lane(either)), this.#tend(either)].map(
      async (lane) => {
        try {
          await lane;
        } catch (error) {
          failed.abort();
          throw error;
        }
      },
    );
    await Promise.allSettled(lanes);
    await Promise.all(lanes);
  }

  /** Ends what was accepted here. */
  async close(): Promise<void> {
    const { database, queue, now } = this.#parts;
    this.#held.clear();
    await database.transaction(async (queries) => {
      await endHarborServers(queries, { server: this.#server }, now());
    });
    await queue.endHarbor([this.#queue]);
  }

  async #lane(ending: AbortSignal): Promise<void> {
    const outlast = outlasting(this.#parts.warn);
    while (!ending.aborted) {
      let taken: HarborJob | undefined;
      await outlast(async () => {
        if (this.#held.size > 0)
          taken = await this.#parts.queue.take<{ scan: string }, HarborQueue>(this.#queue);
        if (taken) await this.#perform(taken, ending);
      });
      if (!taken) await pause(lookEvery, undefined, { signal: ending }).catch(() => undefined);
    }
  }

  /** Signs of life, and an end of what others have left. */
  async #tend(ending: AbortSignal): Promise<void> {
    const { database, queue, now, warn } = this.#parts;
    const outlast = outlasting(warn);
    while (!ending.aborted) {
      await outlast(async () => {
        await touchHarborServer(database, this.#server, now());
        await queue.supervise([this.#queue]);
        const silentSince = new Date(now().getTime() - heartbeatTimeout);
        const ended = await database.transaction((queries) =>
          endHarborServers(queries, { silentSince }, now()),
        );
        await queue.endHarbor(ended.map((id) => `harbor-${id}` as const));
        await pruneHarbor(database, now());
      });
      await pause(tendEvery, undefined, { signal: ending }).catch(() => undefined);
    }
  }

  async #perform(job: HarborJob, ending: AbortSignal): Promise<void> {
    const { queue } = this.#parts;
    const alive = setInterval(() => void queue.touch(job).catch(() => undefined), touchEvery);
    try {
      await this.#oneOfImage(job, ending);
      this.#held.delete(job.data.scan);
    } catch (error) {
      if (error instanceof LapsedJob || ending.aborted) return;
      await queue.fail(job, error).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(alive);
    }
  }

  async #oneOfImage(job: HarborJob, ending: AbortSignal): Promise<void> {
    const digest = this.#held.get(job.data.scan)?.request.artifact.digest ?? '';
    const before = this.#ofImage.get(digest);
    const own = (before ?? Promise.resolve()).catch(() => undefined).then(() => this.#scan(job, ending));
    this.#ofImage.set(digest, own);
    try {
      await own;
    } finally {
      if (this.#ofImage.get(digest) === own) this.#ofImage.delete(digest);
    }
  }

  async #scan(job: HarborJob, ending: AbortSignal): Promise<void> {
    const { database, queue, now } = this.#parts;
    const { scan } = job.data;
    await beginHarborScan(database, scan);
    const outcome = await this.#outcome(scan, ending);
    ending.throwIfAborted();
    await database.transaction((queries) => endHarborScan({ queries, queue }, job, outcome, now()));
  }

  /** Result of a scan, or the reason why there is none. Faults of the database are thrown. */
  async #outcome(scan: string, ending: AbortSignal): Promise<Parameters<typeof endHarborScan>[2]> {
    const { database, tools, now } = this.#parts;
    const held = this.#held.get(scan);
    if (!held || now().getTime() - held.accepted.getTime() > longestScan)
      return { failure: `the scan waited for ${longestScan / 60_000} minutes; scan again` };
    const { request } = held;
    const { digest } = request.artifact;
    const { vulnerability, sbom } = tools.bases(request);
    const bases = [sbom, ...(vulnerability === undefined ? [] : [vulnerability])];
    const kept = await validHarborReports(database, digest, bases, now());
    const missing = request.reports.filter((kind) => !kept.has(kind));
    const limit = AbortSignal.timeout(longestWork);
    try {
      const reports = await tools.scan(request, missing, AbortSignal.any([ending, limit]));
      return { digest, bases: [...new Set([...bases, ...reports.map(({ basis }) => basis)])], reports };
    } catch (error) {
      if (limit.aborted)
        return { failure: `reading the image took longer than ${longestWork / 60_000} minutes` };
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  }
}
