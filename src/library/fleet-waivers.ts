import { endExpired } from '../fleet/store/waived-counts.ts';
import { endWaiver, listWaivers, requireOwner } from '../fleet/store/waivers.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import type { ListedWaiver } from '../model/fleet/index.ts';
import { waiversTable } from '../report/fleet/waivers-table.ts';
import {
  type OwnerParameters,
  ownerOption,
  type WaiverParameters,
  waiverOptions,
} from '../tasks/fleet/command-options.ts';
import { ownersGiven } from '../tasks/fleet/owners.ts';
import { makeWaivers, waiversOf } from '../tasks/fleet/waivers.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { count, date, flag, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link waiveInFleet}: what is accepted, where, and why. */
export interface WaiveInFleetOptions extends RunOptions, WaiverParameters {
  /** Ids of vulnerabilities. At least one vulnerability or rule is required. */
  vulnerabilities?: readonly string[];
  /** The person who creates the waiver, for the record. */
  by: string;
}

/** @internal */
export const waiveInFleetParameters: ParameterCheck = new ParameterCheck('waiveInFleet', {
  fleet: fleetShape,
  options: required(
    optionShapes<WaiveInFleetOptions>({
      ...things.runOptions,
      vulnerabilities: things.texts,
      ...shapesOf(waiverOptions),
      by: required(text),
    }),
  ),
});

/**
 * Waives vulnerabilities or failing rules in a fleet. Same as `scapfeed fleet waive`. The waiver takes effect at once and ends
 * after `until`; the next run then reports that it has expired.
 *
 * @returns A waiver for each vulnerability and rule, with the number of flaws and images that it covers now.
 * @throws {@link ScapfeedError} `USAGE` when nothing is waived, the reason is missing or `until` is in the past;
 * `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { endFleetWaiver, fleetWaivers, openFleet, waiveInFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('waiving-fleet');
 * const [waiver] = await waiveInFleet(fleet, {
 *   vulnerabilities: ['CVE-2023-45853'],
 *   package: 'zlib',
 *   reason: 'minizip is not built',
 *   by: 'ann',
 * });
 * console.log(waiver?.id, waiver?.state); // 1 unused
 * await endFleetWaiver(fleet, 1, { by: 'ann' });
 * console.log((await fleetWaivers(fleet)).result.length); // 0
 * await fleet.close();
 * ```
 */
export function waiveInFleet(fleet: Fleet, options: WaiveInFleetOptions): Promise<ListedWaiver[]> {
  return run(waiveInFleetParameters, [fleet, options], async () => {
    const waivers = waiversOf(options.vulnerabilities ?? [], options);
    if (waivers.length === 0)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'expected a vulnerability or a rule, found none',
        remedy: 'specify some in `vulnerabilities` or `rules`',
      });
    return makeWaivers(fleet[databaseOf], waivers, options.by, currentTime());
  });
}

/** Options of {@link endFleetWaiver}. */
export interface EndFleetWaiverOptions extends RunOptions {
  /** The person who ends the waiver, for the record. */
  by: string;
}

/** @internal */
export const endFleetWaiverParameters: ParameterCheck = new ParameterCheck('endFleetWaiver', {
  fleet: fleetShape,
  id: required(count),
  options: required(optionShapes<EndFleetWaiverOptions>({ ...things.runOptions, by: required(text) })),
});

/**
 * Ends a waiver. Same as `scapfeed fleet unwaive`. The flaws that it covered count again at once.
 *
 * @param id - The waiver's number, as listed by {@link fleetWaivers}.
 * @throws {@link ScapfeedError} `NOT_FOUND` when no waiver with this number is in force; `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { endFleetWaiver, isScapfeedError, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-without-waivers');
 * try {
 *   await endFleetWaiver(fleet, 7, { by: 'ann' });
 * } catch (error) {
 *   console.log(isScapfeedError(error) && error.code); // NOT_FOUND
 * }
 * await fleet.close();
 * ```
 */
export function endFleetWaiver(fleet: Fleet, id: number, options: EndFleetWaiverOptions): Promise<void> {
  return run(endFleetWaiverParameters, [fleet, id, options], async () => {
    // No number in the store is larger.
    const isPossible = id > 0 && id < 2 ** 31;
    if (isPossible && (await endWaiver(fleet[databaseOf], id, options.by, currentTime(), 'all'))) return;
    throw new ScapfeedError({
      code: 'NOT_FOUND',
      message: `no waiver ${id} is in force`,
      where: fleet.place,
      remedy: 'see fleetWaivers with ended: true for all of them',
    });
  });
}

/** Options of {@link fleetWaivers}. */
export interface FleetWaiversOptions extends RunOptions, OwnerParameters {
  /** Also lists waivers that were ended by {@link endFleetWaiver}. */
  ended?: boolean;
  /** The time that decides which waivers have expired. Default: now. */
  now?: Date;
}

/** Waivers and the flaws that they cover; for ended and expired waivers, the flaws that they would cover today. */
export type FleetWaivers = Reported<readonly ListedWaiver[], 'json' | 'table'>;

/** @internal */
export const fleetWaiversParameters: ParameterCheck = new ParameterCheck('fleetWaivers', {
  fleet: fleetShape,
  options: optionShapes<FleetWaiversOptions>({
    ...things.runOptions,
    ...shapesOf(ownerOption),
    ended: flag,
    now: date,
  }),
});

/**
 * Lists the waivers of a fleet, oldest first. Same as `scapfeed fleet waivers`.
 *
 * @throws {@link ScapfeedError} `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { fleetWaivers, openFleet, waiveInFleet, writeReport } from 'scapfeed';
 *
 * const fleet = await openFleet('waived-fleet');
 * await waiveInFleet(fleet, { rules: ['no_empty_passwords'], reason: 'nobody logs in', by: 'ann' });
 * const waivers = await fleetWaivers(fleet);
 * console.log(waivers.result.map(({ rule }) => rule)); // [ 'no_empty_passwords' ]
 * console.log(await writeReport(waivers, 'table'));
 * await fleet.close();
 * ```
 */
export function fleetWaivers(fleet: Fleet, options: FleetWaiversOptions = {}): Promise<FleetWaivers> {
  return run(fleetWaiversParameters, [fleet, options], async () => {
    const now = timeOf(options);
    await endExpired(fleet[databaseOf], now);
    await requireOwner(fleet[databaseOf], options.owner);
    const waivers = await listWaivers(fleet[databaseOf], now, ownersGiven(options.owner), {
      ended: options.ended ?? false,
    });
    return reported(waivers, { json: () => json(waivers), table: () => waiversTable(waivers) });
  });
}
