import { makeWaivers } from '../acts/fleet-waivers.ts';
import { endExpired } from '../fleet/store/waived-counts.ts';
import { endWaiver, listWaivers } from '../fleet/store/waivers.ts';
import { currentTime } from '../io/clock.ts';
import { type ListedWaiver, ScapfeedError } from '../model/index.ts';
import { waiversTable } from '../report/fleet/waivers-table.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { count, date, flag, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { timeOf } from './image.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** What is accepted in a fleet, where, and why. */
export interface WaiveInFleetOptions extends RunOptions {
  /** Ids of vulnerabilities. At least one of them or of `rules`. */
  vulnerabilities?: readonly string[];
  /** Rules whose failure is accepted: their whole ids, or what follows `_rule_`. */
  rules?: readonly string[];
  /** Only in installed or source packages with this name; `*` and `?` as in file names. */
  package?: string;
  /** Only in images with this name or digest; `*` and `?` as in file names, `**` crosses slashes. */
  image?: string;
  /** Why it is accepted. Every list and message shows it. */
  reason: string;
  /** The last day (UTC) on which it is accepted: `2027-03-31`. Default: it does not end. */
  until?: string;
  /** Whose act it is, for the record. */
  by: string;
}

/** @internal */
export const waiveInFleetDoor: Door = new Door('waiveInFleet', {
  fleet: fleetShape,
  options: required(
    optionShapes<WaiveInFleetOptions>({
      ...things.runOptions,
      vulnerabilities: things.texts,
      rules: things.texts,
      package: text,
      image: text,
      reason: required(text),
      until: text,
      by: required(text),
    }),
  ),
});

/**
 * Accepts flaws or failing rules of a fleet: what `scapfeed fleet waive` does. It takes effect at once, and ends with `until`; the
 * next run then reports that it has expired.
 *
 * @returns A waiver for each vulnerability and rule, with how many flaws it covers now, and in how many images.
 * @throws {@link ScapfeedError} `USAGE`: nothing to accept, no reason, a day that is over; `DATABASE_UNUSABLE`
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
  return run(waiveInFleetDoor, [fleet, options], async () => {
    const { vulnerabilities = [], rules = [], package: name, image, reason, until, by } = options;
    const about = [
      ...vulnerabilities.map((vulnerability) => ({ vulnerability })),
      ...rules.map((rule) => ({ rule })),
    ];
    if (about.length === 0)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'expected a vulnerability or a rule, found none',
        remedy: 'name some in vulnerabilities or rules',
      });
    const scope = {
      reason,
      ...(name !== undefined && { package: name }),
      ...(image !== undefined && { image }),
      ...(until !== undefined && { until }),
    };
    return makeWaivers(fleet[databaseOf], about, scope, by, currentTime());
  });
}

/** Who takes a waiver back. */
export interface EndFleetWaiverOptions extends RunOptions {
  /** Whose act it is, for the record. */
  by: string;
}

/** @internal */
export const endFleetWaiverDoor: Door = new Door('endFleetWaiver', {
  fleet: fleetShape,
  id: required(count),
  options: required(optionShapes<EndFleetWaiverOptions>({ ...things.runOptions, by: required(text) })),
});

/**
 * Takes a waiver back: what `scapfeed fleet unwaive` does. What it covered counts again at once.
 *
 * @param id - Its number, as {@link fleetWaivers} has it.
 * @throws {@link ScapfeedError} `NOT_FOUND`: no waiver with this number is in force; `DATABASE_UNUSABLE`
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
  return run(endFleetWaiverDoor, [fleet, id, options], async () => {
    // No number in the store is larger.
    const isPossible = id > 0 && id < 2 ** 31;
    if (isPossible && (await endWaiver(fleet[databaseOf], id, options.by, currentTime()))) return;
    throw new ScapfeedError({
      code: 'NOT_FOUND',
      message: `no waiver ${id} is in force`,
      where: fleet.place,
      remedy: 'see fleetWaivers with ended: true for all of them',
    });
  });
}

/** Which waivers are listed. */
export interface FleetWaiversOptions extends RunOptions {
  /** Also those that somebody took back. */
  ended?: boolean;
  /** The time that decides which have expired. Default: now. */
  now?: Date;
}

/** Waivers with what they cover; of those that are over, what they would cover today. */
export type FleetWaivers = Reported<readonly ListedWaiver[], 'json' | 'table'>;

/** @internal */
export const fleetWaiversDoor: Door = new Door('fleetWaivers', {
  fleet: fleetShape,
  options: optionShapes<FleetWaiversOptions>({ ...things.runOptions, ended: flag, now: date }),
});

/**
 * Lists the waivers of a fleet, the oldest first: what `scapfeed fleet waivers` does.
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
  return run(fleetWaiversDoor, [fleet, options], async () => {
    const now = timeOf(options);
    await endExpired(fleet[databaseOf], now);
    const waivers = await listWaivers(fleet[databaseOf], now, { ended: options.ended ?? false });
    return reported(waivers, { json: () => json(waivers), table: () => waiversTable(waivers) });
  });
}
