import { isIP } from 'node:net';
import type { HarborRequest } from '../../fleet/serve/harbor/scan-request.ts';
import type { HarborFeed, HarborTools } from '../../fleet/serve/harbor/scans.ts';
import { nextNight, type Schedule } from '../../fleet/serve/nights.ts';
import type { HarborReport } from '../../fleet/store/harbor.ts';
import { currentTime } from '../../io/clock.ts';
import { startThread } from '../../io/threads.ts';
import { undated } from '../../model/data-date.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import { openChosenFeed } from '../options/feed-choice.ts';
import type { Terminal } from '../terminal.ts';
import {
  type HarborAnswer,
  type HarborGiven,
  type HarborTask,
  harborBases,
  harborReference,
} from './harbor-task.ts';

/** Milliseconds for which the feed is not looked at again for metadata. */
const lookEvery = 10_000;

/** Memory for the values of a scan's thread, in MB. */
const threadMemory = 2048;

interface HarborChoice extends HarborGiven {
  'harbor-registry'?: readonly string[] | undefined;
  'allow-link-local-registry'?: boolean | undefined;
}

/** Functions of this process for Harbor's scans, by the options of a server. `pulls`: its runs bring a new feed. */
export function harborTools(
  given: HarborChoice,
  terminal: Terminal,
  { schedule, pulls }: { schedule: Schedule | undefined; pulls: boolean },
): HarborTools {
  const { env } = terminal;
  let known: { digest?: string; updated?: Date } = {};
  let looked = -Infinity;
  const look = () => {
    looked = performance.now();
    known = lookAtFeed(given, terminal);
  };
  look();
  return {
    feed(): HarborFeed {
      // The answer is that of before: Harbor waits for it.
      if (performance.now() - looked > lookEvery) {
        looked = performance.now();
        setImmediate(look);
      }
      return {
        ...(known.updated && { updated: known.updated }),
        ...(schedule && pulls && { next: nextNight(schedule, currentTime()) }),
      };
    },
    bases(request) {
      look();
      const reference = harborReference(request);
      const { sbom, vulnerability } = harborBases({ given, reference }, known.digest ?? '');
      return known.digest === undefined ? { sbom } : { sbom, vulnerability };
    },
    async scan(request, reports, ending) {
      const task = taskOf(request, given);
      const answer = await inThread({ ...task, reports, env: { ...env } }, ending);
      if ('reports' in answer) return answer.reports.map(withBuffer);
      if (answer.log !== undefined) terminal.err(`a scan for Harbor failed: ${answer.log}`);
      throw new Error(answer.failure);
    },
  };
}

/** The newest date of the feed's data; nothing if there is no feed, which the scans report. */
function lookAtFeed(given: HarborGiven, { env }: Terminal): { digest?: string; updated?: Date } {
  try {
    const feed = openChosenFeed(given.feed, env);
    try {
      const dates = feed.manifest.platforms.map(({ updated }) => updated).filter((date) => date !== undated);
      const newest = dates.sort().at(-1);
      return { digest: feed.digest(), ...(newest !== undefined && { updated: new Date(newest) }) };
    } finally {
      feed.close();
    }
  } catch (error) {
    if (isScapfeedError(error)) return {};
    throw error;
  }
}

/** @throws {ScapfeedError} NOT_ALLOWED: the registry is not one of those that were named */
function taskOf(request: HarborRequest, given: HarborChoice): Omit<HarborTask, 'reports' | 'env'> {
  const { host, isPlain, credentials } = request;
  const named = given['harbor-registry'];
  const isNamed = named?.some((each) => each === host || `${each}:${isPlain ? 80 : 443}` === host) ?? false;
  if (named && !isNamed)
    throw new ScapfeedError({
      code: 'NOT_ALLOWED',
      message: `${host} is not one of the registries that this server reads for Harbor (--harbor-registry)`,
    });
  const { feed, languages, stream } = given;
  return {
    reference: harborReference(request),
    given: {
      ...{ feed, languages, stream },
      'no-languages': given['no-languages'],
      'platform-map': given['platform-map'],
      'severity-from': given['severity-from'],
      'max-age': given['max-age'],
      'no-cache': given['no-cache'],
      'ca-file': given['ca-file'],
      'insecure-registry': given['insecure-registry'],
      'allow-uncovered': given['allow-uncovered'],
      platform: given.platform,
    },
    registry: {
      credentials: credentials ?? null,
      insecure: [...(given['insecure-registry'] ?? []), ...(isPlain ? [host] : [])],
    },
    // Who may ask for a scan must not reach this machine by it, unless its registry was named.
    off: { link: !given['allow-link-local-registry'], machine: !(isNamed && isOfThisMachine(host)) },
  };
}

function isOfThisMachine(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replaceAll(/^\[|\]$/g, '');
  return name === 'localhost' || isIP(name) !== 0;
}

function inThread(task: HarborTask, ending: AbortSignal): Promise<HarborAnswer> {
  ending.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<HarborAnswer>();
  const worker = startThread('harbor-thread', import.meta.url, task, {
    maxOldGenerationSizeMb: threadMemory,
  });
  const stop = () => void worker.terminate();
  ending.addEventListener('abort', stop);
  worker
    .once('message', resolve)
    .once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new Error(`reading the image takes more than ${threadMemory} MB of memory`)
          : error,
      ),
    )
    .once('exit', () => reject(new Error('the scan was broken off; scan again')));
  return promise.finally(() => {
    ending.removeEventListener('abort', stop);
    void worker.terminate();
  });
}

/** A thread hands bytes on without their class. */
function withBuffer(report: HarborReport): HarborReport {
  return { ...report, body: Buffer.from(report.body) };
}
