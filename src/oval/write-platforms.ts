import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileDigest } from '../io/digest.ts';
import {
  type Advisory,
  type ErrorDetails,
  type PlatformIndex,
  ScapfeedError,
  type Vulnerability,
} from '../model/index.ts';
import { hasOval, type OvalOptions, type OvalReport, writeOval } from './write-oval.ts';

export interface PlatformsOptions extends OvalOptions {
  /** From how many claimed vulnerabilities on a second thread is worth its start; default 50,000. */
  threadFrom?: number;
  /** What this thread does before it finishes the OVAL, as a share of all that is to write; default 0. */
  otherWork?: number;
  progress?(text: string): void;
}

/** The OVAL of several platforms, some of which a second thread is writing while this one may do other things. */
export interface PlatformsInWork {
  /**
   * Writes the others in this thread and waits for the second one. Answers come in the order of the indexes.
   * @throws {ScapfeedError} as writeOval
   */
  finish(): Promise<PlatformOval[]>;
  /** Ends the second thread, finished or not. */
  stop(): Promise<void>;
}

/** Vulnerabilities and advisories by id: what the indexes' own look-ups answer from. */
export interface SharedDetails {
  vulnerabilities: ReadonlyMap<string, Vulnerability>;
  advisories: ReadonlyMap<string, Advisory>;
}

/** One platform's OVAL: what is in it, and each file's name and digest. */
export interface PlatformOval {
  report: OvalReport;
  outputs: { name: string; sha256: string; size: number }[];
}

const worthAThread = 50_000;

/**
 * Begins to write the OVAL of several platforms: in a second thread where there are cores and work enough. The bytes are
 * the same either way.
 */
export function startPlatforms(
  indexes: readonly PlatformIndex[],
  details: SharedDetails,
  directory: string,
  { threadFrom = worthAThread, otherWork = 0, progress, ...options }: PlatformsOptions,
): PlatformsInWork {
  const { here, there } = share(indexes, threadFrom, otherWork);
  const thread = there.length > 0 ? runThread({ indexes: there, details, directory, options }) : undefined;
  const order = new Map(indexes.map(({ platform }, at) => [platform.id, at]));
  return {
    async finish() {
      const written: PlatformOval[] = [];
      for (const index of here) {
        progress?.(`writing OVAL of ${index.platform.id}`);
        written.push(await writePlatform(index, directory, options));
      }
      if (thread) written.push(...(await thread.written));
      return written.sort((a, b) => order.get(a.report.platform)! - order.get(b.report.platform)!);
    },
    async stop() {
      await thread?.end();
    },
  };
}

async function writePlatform(
  index: PlatformIndex,
  directory: string,
  options: OvalOptions,
): Promise<PlatformOval> {
  const report = await writeOval(index, directory, options);
  const { files, inexact } = report;
  const copies = files.flatMap(({ name }) => (options.copies ?? []).map((format) => `${name}.${format}`));
  const names = files.length === 0 ? [] : [...files.map(({ name }) => name), ...copies, inexact.name];
  const outputs: PlatformOval['outputs'] = [];
  for (const name of names) outputs.push({ name, ...(await fileDigest(join(directory, name))) });
  return { report, outputs };
}

interface Shares {
  here: readonly PlatformIndex[];
  there: readonly PlatformIndex[];
}

/** The largest first, each to whoever has less to do. */
function share(indexes: readonly PlatformIndex[], threadFrom: number, otherWork: number): Shares {
  const sized = indexes.map((index) => ({ index, size: sizeOf(index) })).sort((a, b) => b.size - a.size);
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  if (total < threadFrom || availableParallelism() < 2) return { here: indexes, there: [] };
  const here: PlatformIndex[] = [];
  const there: PlatformIndex[] = [];
  let sizeHere = total * otherWork;
  let sizeThere = 0;
  for (const { index, size } of sized) {
    // Nothing to write is not worth sending; the thread, which has to be started, is the second to get something.
    if (size === 0 || sizeHere <= sizeThere) {
      here.push(index);
      sizeHere += size;
    } else {
      there.push(index);
      sizeThere += size;
    }
  }
  return { here, there };
}

/** Claimed vulnerabilities, by which the time follows; 0 where there is no OVAL of the platform. */
function sizeOf(index: PlatformIndex): number {
  if (!hasOval(index)) return 0;
  let size = 0;
  for (const { claims } of index.lines) for (const { ids } of claims) size += ids.length;
  return size;
}

interface ThreadTask {
  indexes: readonly PlatformIndex[];
  details: SharedDetails;
  directory: string;
  options: OvalOptions;
}

/** A task without functions, which cannot be sent to a thread. */
interface SentTask extends Omit<ThreadTask, 'indexes'> {
  task: typeof threadTask;
  indexes: readonly Omit<PlatformIndex, 'vulnerability' | 'advisory'>[];
}

const threadTask = 'scapfeed-oval';

type Message = { written: PlatformOval[] } | { failure: ErrorDetails } | { error: unknown };

interface Thread {
  written: Promise<PlatformOval[]>;
  end(): Promise<void>;
}

function runThread({ indexes, details, directory, options }: ThreadTask): Thread {
  const sent: SentTask = {
    task: threadTask,
    indexes: indexes.map(({ vulnerability: _, advisory: __, ...data }) => withNeededRoster(data)),
    details: { vulnerabilities: whatOvalReads(details.vulnerabilities), advisories: details.advisories },
    directory,
    options,
  };
  const worker = startWorker(import.meta.url, sent);
  const written = new Promise<PlatformOval[]>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if ('written' in message) resolve(message.written);
      else reject('failure' in message ? new ScapfeedError(message.failure) : message.error);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the thread that writes OVAL ended with ${code}`)));
  });
  // It may fail while this thread is still busy with its own share.
  written.catch(() => {});
  return {
    written,
    async end() {
      await worker.terminate();
    },
  };
}

/** This very module is the thread's program, in the bundle as in the sources, which Node needs tsx to read. */
function startWorker(module: string, task: SentTask): Worker {
  if (!module.endsWith('.ts')) return new Worker(new URL(module), { workerData: task });
  const [loader, own] = ['tsx/esm/api', module].map((name) => JSON.stringify(name));
  const program = `import(${loader}).then(({ register }) => { register(); return import(${own}); });`;
  return new Worker(program, { eval: true, workerData: task });
}

/** A suite ships many times the sources that have flaws: the others would be copied for nothing. */
function withNeededRoster<T extends Pick<PlatformIndex, 'lines' | 'roster'>>(index: T): T {
  const { lines, roster } = index;
  if (!roster) return index;
  const needed = new Map(
    lines.flatMap(({ package: name }) => {
      const shipped = roster.get(name);
      return shipped ? [[name, shipped] as const] : [];
    }),
  );
  // One that has none of them is still a roster, which some forms ask for.
  return needed.size > 0 ? { ...index, roster: needed } : index;
}

/** Other fields (references, aliases) would be copied for nothing. */
function whatOvalReads(vulnerabilities: SharedDetails['vulnerabilities']): Map<string, Vulnerability> {
  const copies = new Map<string, Vulnerability>();
  for (const { id, title, description, cvss, published } of vulnerabilities.values()) {
    copies.set(id, {
      id,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(cvss === undefined ? {} : { cvss }),
      ...(published === undefined ? {} : { published }),
    });
  }
  return copies;
}

async function inThread({ indexes, details, directory, options }: SentTask): Promise<Message> {
  try {
    const written: PlatformOval[] = [];
    for (const data of indexes) {
      const index: PlatformIndex = {
        ...data,
        vulnerability: (id) => details.vulnerabilities.get(id),
        advisory: (id) => details.advisories.get(id),
      };
      written.push(await writePlatform(index, directory, options));
    }
    return { written };
  } catch (error) {
    if (!(error instanceof ScapfeedError)) return { error };
    const { code, message, where, remedy } = error;
    const place = where === undefined ? {} : { where };
    return { failure: { code, message, ...place, ...(remedy === undefined ? {} : { remedy }) } };
  }
}

const started = workerData as SentTask | undefined;
if (!isMainThread && started?.task === threadTask) parentPort!.postMessage(await inThread(started));
