import type { Database } from '../fleet/store/database.ts';
import { openDatabase } from '../fleet/store/open-database.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { isObject, type RequiredShape, required, text, that } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** @internal */
export const databaseOf: unique symbol = Symbol('database');

/** An open fleet: a set of images that are judged in each run, with their verdicts and news. */
export interface Fleet {
  /** Location of the store, without its password. */
  readonly place: string;
  /** @internal */
  readonly [databaseOf]: Database;
  /** Closes the store. Further calls do nothing; functions refuse a closed fleet with the error `USAGE`. */
  close(): Promise<void>;
}

/** @internal */
export const fleetShape: RequiredShape = required(
  that(
    'an open fleet',
    (value) => isObject(value) && databaseOf in value,
    'pass what openFleet returned, and await it',
  ),
);

/** @internal */
export const openFleetParameters: ParameterCheck = new ParameterCheck('openFleet', {
  database: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Opens the store of a fleet, and creates it if it does not exist.
 *
 * @param database - A folder for the embedded PostgreSQL, which one process at a time can open, or the `postgres://…` URL of a
 * server.
 * @returns The fleet. Close it when it is no longer needed.
 * @throws {@link ScapfeedError} `DATABASE_UNUSABLE`, `OUTPUT_NOT_WRITABLE`; `USAGE` when the URL has another scheme
 * @example
 * ```ts
 * import { addToFleet, fleetNews, fleetStatus, listFleet, openFeed, openFleet, runFleet } from 'scapfeed';
 *
 * const [fleet, feed] = [await openFleet('fleet'), openFeed('feed')];
 * try {
 *   console.log(await addToFleet(fleet, { images: ['oci:layout:1'] })); // { added: 1, known: 0 }
 *   const night = await runFleet(fleet, feed);
 *   console.log(night.result.read, night.result.unread); // 1 0
 *   console.log((await fleetNews(fleet)).result.runs.length); // 1
 *   console.log((await listFleet(fleet)).result.length); // 1
 *   console.log((await fleetStatus(fleet)).result.run?.state); // finished
 * } finally {
 *   await fleet.close();
 *   feed.close();
 * }
 * ```
 */
export function openFleet(database: string, options: RunOptions = {}): Promise<Fleet> {
  return run(openFleetParameters, [database, options], async () => {
    const opened = await openDatabase(database, currentTime());
    const { place } = opened;
    let closing: Promise<void> | undefined;
    return {
      place,
      get [databaseOf]() {
        if (closing === undefined) return opened;
        throw new ScapfeedError({
          code: 'USAGE',
          message: 'the fleet is closed',
          where: place,
          remedy: 'open it again with openFleet',
        });
      },
      close() {
        closing ??= opened.close();
        return closing;
      },
    };
  });
}
