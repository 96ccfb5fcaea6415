import { busy } from '../fleet/busy.ts';
import { KnownImages } from '../fleet/known-images.ts';
import { readNews } from '../fleet/news/read-news.ts';
import { fleetVerifying } from '../fleet/verifying.ts';
import { workSignal } from '../io/cancellation.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FleetRunSummary, NewsDocument } from '../model/fleet/index.ts';
import { newsTable } from '../report/fleet/news-table.ts';
import { runText } from '../report/fleet/run-text.ts';
import { dueForGate, requireRatings, requireSla, runOutcome } from '../tasks/fleet/gate.ts';
import { parameterNames } from '../tasks/outcome.ts';
import type { OpenFeed } from './feed.ts';
import { type RunFleetOptions, runFleetShapes } from './fleet-run-options.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { fleetSettingsOf, fleetToolsOf } from './fleet-tools.ts';
import type { OpenImageOptions } from './image.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { callback, oneOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type GateResult, gateResult } from './policy.ts';
import { json, type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** The summary of a run and its news. */
export interface FleetRun extends Reported<FleetRunSummary & { news: NewsDocument }, 'json' | 'table'> {
  /**
   * The outcome of `failOnNew`, `failOnOverdue` and of what could not be read or judged, as the exit code of `scapfeed fleet run`; 3: the data are
   * too old.
   */
  readonly policy: GateResult<0 | 1 | 3 | 4>;
}

/** @internal */
export const runFleetParameters: ParameterCheck = new ParameterCheck('runFleet', {
  fleet: fleetShape,
  feed: things.feed,
  options: optionShapes<RunFleetOptions>(runFleetShapes),
});

/**
 * Runs a fleet once: looks up every image, reads the new ones, judges those affected by a change, and stores the news. Same as
 * `scapfeed fleet run`. After a cancellation or crash, the next run repeats unfinished jobs. News that a receiver did not accept
 * are sent again by the next run or by {@link serveFleet}.
 *
 * @returns The summary of the run. Images that could not be read are counted in `unread`, those without a platform in
 * `uncoveredSystems`.
 * @throws {@link ScapfeedError} `FEED_LOCKED` when another process is running this fleet; `FEED_MISSING` when the feed has no
 * platform; `FEED_CORRUPT`, `FEED_LACKS_SOURCE`, `DATABASE_UNUSABLE`, `DISK_FULL`, `TRUST_ROOT_*`, `TRUST_POLICY_INVALID`; `USAGE` when a receiver's
 * address is invalid
 * @example
 * ```ts
 * import { addToFleet, openFeed, openFleet, runFleet, writeReport } from 'scapfeed';
 *
 * const [fleet, feed] = [await openFleet('small-fleet'), openFeed('feed')];
 * await addToFleet(fleet, { images: ['oci:layout:1'] });
 * const night = await runFleet(fleet, feed, { onProgress: ({ step }) => console.log(step) });
 * console.log(night.result.packages, night.policy.exitCode); // 1 0
 * console.log(await writeReport(night, 'table'));
 * await fleet.close();
 * feed.close();
 * ```
 */
export function runFleet(fleet: Fleet, feed: OpenFeed, options: RunFleetOptions = {}): Promise<FleetRun> {
  return run(runFleetParameters, [fleet, feed, options], async (report) => {
    requireRatings(options, feed.manifest, parameterNames);
    const database = fleet[databaseOf];
    if (options.failOnOverdue) await requireSla(database, parameterNames('failOnOverdue'));
    // The queue's code is large, and only runs need it.
    const [{ Queue }, { runFleet: runNight }] = await Promise.all([
      import('../fleet/queue/queue.ts'),
      import('../fleet/run.ts'),
    ]);
    const warn = (message: string) => options.onWarning?.(message);
    const signal = workSignal();
    const ending = signal && { ending: signal };
    const queue = await Queue.open(database, (error) => warn(`the queue: ${error.message}`));
    try {
      const tools = { ...(await fleetToolsOf(options, warn, report)), ...ending };
      const night = { database, queue, feed, tools, known: new KnownImages() };
      const summary = await runNight(night, fleetSettingsOf(options), { signed: feed.origin.signed });
      if (!summary) throw busy(database);
      const result = { ...summary, news: await readNews(database, { run: summary.run }, 'all') };
      const due = await dueForGate(database, options, tools.now());
      const writers = {
        json: () => json(result),
        table: () => runText(summary) + newsTable(result.news),
      };
      return {
        ...reported(result, writers),
        policy: gateResult(runOutcome(summary, result.news, options, parameterNames, { due })),
      };
    } finally {
      await queue.stop();
    }
  });
}

/** Options of {@link workForFleet}: reading and evaluating images. Options for judging them are those of the run. */
export type WorkForFleetOptions = Pick<
  RunFleetOptions,
  | keyof OpenImageOptions
  | (
      | 'onWarning'
      | 'verify'
      | 'allowLinkLocalRegistries'
      | 'signers'
      | 'signaturePolicy'
      | 'content'
      | 'mailServer'
    )
>;

/** @internal */
export const workForFleetParameters: ParameterCheck = new ParameterCheck('workForFleet', {
  fleet: fleetShape,
  feed: things.feed,
  options: required(
    optionShapes<WorkForFleetOptions>({
      ...things.openImageOptions,
      onWarning: callback,
      verify: oneOf(fleetVerifying),
      allowLinkLocalRegistries: runFleetShapes.allowLinkLocalRegistries,
      signers: runFleetShapes.signers,
      signaturePolicy: text,
      content: text,
      mailServer: runFleetShapes.mailServer,
    }),
  ),
});

/**
 * Does jobs of runs started by other processes until `signal` is aborted. Same as `scapfeed fleet worker`. Requires a PostgreSQL
 * server and the same feed as the run. If a worker is killed, another one repeats its unfinished jobs.
 *
 * @throws {@link ScapfeedError} `USAGE` when the store is embedded (its process does the jobs itself), or `signal` is missing;
 * `DATABASE_UNUSABLE`; and the errors of {@link runFleet}
 * @example
 * ```ts
 * import { isScapfeedError, openFeed, openFleet, workForFleet } from 'scapfeed';
 *
 * const [fleet, feed] = [await openFleet('fleet-of-one-process'), openFeed('feed')]; // workers need postgres://…
 * try {
 *   await workForFleet(fleet, feed, { signal: AbortSignal.timeout(60_000) });
 * } catch (error) {
 *   console.log(isScapfeedError(error) && error.code); // USAGE
 * }
 * await fleet.close();
 * feed.close();
 * ```
 */
export async function workForFleet(
  fleet: Fleet,
  feed: OpenFeed,
  options: WorkForFleetOptions,
): Promise<void> {
  workForFleetParameters.check([fleet, feed, options]);
  // The signal ends the work; it does not fail it.
  return run(workForFleetParameters, [fleet, feed, { ...options, signal: undefined }], async (report) => {
    const database = fleet[databaseOf];
    const { signal } = options;
    if (signal === undefined) throw workerUse('the worker has no signal that ends it', 'give a signal');
    if (database.kind === 'embedded')
      throw workerUse(
        'the embedded database has one process, which does the jobs itself',
        'open a fleet of a PostgreSQL server',
      );
    const [{ Queue, jobKinds }, { work }] = await Promise.all([
      import('../fleet/queue/queue.ts'),
      import('../fleet/work.ts'),
    ]);
    const warn = (message: string) => options.onWarning?.(message);
    const queue = await Queue.open(database, (error) => warn(`the queue: ${error.message}`));
    try {
      const tools = await fleetToolsOf(options, warn, report);
      await work({ database, queue, feed, tools, known: new KnownImages() }, jobKinds, signal);
    } finally {
      await queue.stop();
    }
  });
}

function workerUse(message: string, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'USAGE', message, where: 'workForFleet()', remedy });
}
