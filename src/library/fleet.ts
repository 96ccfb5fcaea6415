import { readNews } from '../fleet/news/read-news.ts';
import type { ListChoice } from '../fleet/store/list.ts';
import { fleetStatus as statusOf } from '../fleet/store/status.ts';
import { endExpired } from '../fleet/store/waived-counts.ts';
import { requireOwner } from '../fleet/store/waivers.ts';
import { endWatching } from '../fleet/store/watches.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FleetStatus, ListedImage, NewsDocument } from '../model/fleet/index.ts';
import { fleetTable } from '../report/fleet/list-table.ts';
import { newsAtom } from '../report/fleet/news-atom.ts';
import { newsMarkdown } from '../report/fleet/news-markdown.ts';
import { newsTable } from '../report/fleet/news-table.ts';
import { statusText } from '../report/fleet/status-text.ts';
import { type AddedImages, addToFleet as add, type FleetAddition } from '../tasks/fleet/add.ts';
import {
  type FleetListParameters,
  listedImageOptions,
  type OwnerParameters,
  ownerOption,
} from '../tasks/fleet/command-options.ts';
import { newsOutcome } from '../tasks/fleet/gate.ts';
import { lastingReference } from '../tasks/fleet/lasting-reference.ts';
import { readList } from '../tasks/fleet/list.ts';
import { type NewsPolicyOptions, newsPolicyOptions } from '../tasks/fleet/options.ts';
import { ownersGiven } from '../tasks/fleet/owners.ts';
import { recordAct } from '../tasks/fleet/recorded-act.ts';
import { registryImages } from '../tasks/fleet/registry-images.ts';
import { parameterNames } from '../tasks/outcome.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { count, date, recordOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type GateResult, gateResult } from './policy.ts';
import { json, type Reported, reported } from './reports.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link addToFleet}: the images to add. */
export interface AddToFleetOptions extends RunOptions, NetworkOptions {
  /** References in the syntax of {@link openImage}. */
  images?: readonly string[];
  /** `HOST[/PREFIX]`: every tag of every repository below it, now and in each later run. */
  registries?: readonly string[];
  /** A glob that selects tags in `registries`. Default: `*`. */
  tags?: string;
}

/** @internal */
export const addToFleetParameters: ParameterCheck = new ParameterCheck('addToFleet', {
  fleet: fleetShape,
  options: required(
    optionShapes<AddToFleetOptions>({
      ...things.runOptions,
      ...things.networkOptions,
      images: things.texts,
      registries: things.texts,
      tags: text,
    }),
  ),
});

/**
 * Adds images to a fleet. Same as `scapfeed fleet add`. Registries are listed; images are not read before the next run.
 *
 * @returns The number of images that are new to the fleet, and the number it already had.
 * @throws {@link ScapfeedError} `IMAGE_REFERENCE_INVALID`; `IMAGE_UNREACHABLE` when a registry cannot be listed;
 * `DATABASE_UNUSABLE`; `USAGE` when no image is given
 * @example
 * ```ts
 * import { addToFleet, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-of-two');
 * const { added } = await addToFleet(fleet, { images: ['oci:layout:1', 'dir:image'] });
 * console.log(added); // 2
 * await fleet.close();
 * ```
 */
export function addToFleet(fleet: Fleet, options: AddToFleetOptions): Promise<AddedImages> {
  return run(addToFleetParameters, [fleet, options], async (report) => {
    const { images = [], registries = [], tags = '*' } = options;
    const named = await Promise.all(images.map(lastingReference));
    const additions: FleetAddition[] = named.map((place) => ({ kind: 'image', place, references: [place] }));
    for (const place of registries) {
      report(`listing ${place}`);
      const { references, cut, refusals } = await registryImages(place, tags, reachOf(options));
      if (refusals.length > 0)
        throw new ScapfeedError({
          code: 'IMAGE_UNREACHABLE',
          message: `repositories of the registry cannot be listed: ${refusals.join('; ')}`,
          where: place,
          remedy: 'specify a prefix without them, or log in as a user who may list them',
        });
      if (cut.length > 0)
        throw new ScapfeedError({
          code: 'USAGE',
          message: `the registry has more images than a fleet takes at once: ${cut.join('; ')}`,
          where: place,
          remedy: 'specify a longer prefix or tags',
        });
      additions.push({ kind: 'registry', place, tags, references });
    }
    if (additions.length === 0)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'expected an image to add, found none',
        remedy: 'specify some in `images` or `registries`',
      });
    const now = currentTime();
    const added = await add(fleet[databaseOf], additions, now);
    await recordAct(fleet[databaseOf], `fleet add ${additions.map(({ place }) => place).join(' ')}`, now);
    return added;
  });
}

/** @internal How registries are reached. */
export function reachOf(options: NetworkOptions) {
  const { ca, insecureRegistries: insecure = [] } = options;
  return { env: environment(options), insecure, ...(ca === undefined ? {} : { ca }) };
}

/** @internal */
export const removeFromFleetParameters: ParameterCheck = new ParameterCheck('removeFromFleet', {
  fleet: fleetShape,
  reference: things.reference,
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Removes an image, or the images of a registry, from a fleet. Same as `scapfeed fleet remove`.
 *
 * @param reference - The reference as listed by {@link listFleet}.
 * @throws {@link ScapfeedError} `NOT_FOUND`, `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { addToFleet, listFleet, openFleet, removeFromFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-of-none');
 * await addToFleet(fleet, { images: ['registry.example/app:1'] });
 * await removeFromFleet(fleet, 'registry.example/app:1');
 * console.log((await listFleet(fleet)).result.length); // 0
 * await fleet.close();
 * ```
 */
export function removeFromFleet(fleet: Fleet, reference: string, options: RunOptions = {}): Promise<void> {
  return run(removeFromFleetParameters, [fleet, reference, options], async () => {
    const database = fleet[databaseOf];
    const now = currentTime();
    const isRemoved = await database.transaction(async (queries) => {
      if (!(await endWatching(queries, reference, now))) return false;
      await recordAct(queries, `fleet remove ${reference}`, now);
      return true;
    });
    if (isRemoved) return;
    throw new ScapfeedError({
      code: 'NOT_FOUND',
      message: `the fleet has no ${reference}`,
      where: database.place,
      remedy: 'see listFleet for its images',
    });
  });
}

/** Options of {@link fleetNews}: the news of one run, or of all runs since a time. Default: the last run. */
export interface FleetNewsOptions extends RunOptions, NewsPolicyOptions, OwnerParameters {
  run?: number;
  since?: Date;
}

/** News of finished runs, in reading order. */
export interface FleetNews extends Reported<NewsDocument, 'json' | 'table' | 'markdown' | 'atom'> {
  /** The outcome of `failOnNew` and `allowUnrated`, as the exit code of `scapfeed fleet news`. */
  readonly policy: GateResult;
}

/** @internal */
export const fleetNewsParameters: ParameterCheck = new ParameterCheck('fleetNews', {
  fleet: fleetShape,
  options: optionShapes<FleetNewsOptions>({
    ...things.runOptions,
    ...shapesOf(newsPolicyOptions),
    ...shapesOf(ownerOption),
    run: count,
    since: date,
  }),
});

/**
 * Reads the news: what changed, grouped by cause. Same as `scapfeed fleet news`.
 *
 * @throws {@link ScapfeedError} `DATABASE_UNUSABLE`; `USAGE` when both `run` and `since` are given
 * @example
 * ```ts
 * import { fleetNews, openFleet, writeReport } from 'scapfeed';
 *
 * const fleet = await openFleet('quiet-fleet');
 * const news = await fleetNews(fleet, { since: new Date('2026-11-01') });
 * console.log(news.result.runs.length); // 0
 * console.log((await writeReport(news, 'atom')).startsWith('<?xml')); // true
 * await fleet.close();
 * ```
 */
export function fleetNews(fleet: Fleet, options: FleetNewsOptions = {}): Promise<FleetNews> {
  return run(fleetNewsParameters, [fleet, options], async () => {
    const { run: number, since, owner } = options;
    if (number !== undefined && since !== undefined)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'expected either run or since, found both',
        remedy: 'omit one of them',
      });
    const from = number === undefined ? since && { time: since } : { run: number };
    await requireOwner(fleet[databaseOf], owner);
    const news = await readNews(fleet[databaseOf], from, ownersGiven(owner));
    const writers = {
      json: () => json(news),
      table: () => newsTable(news),
      markdown: () => newsMarkdown(news),
      atom: () => newsAtom(news),
    };
    return {
      ...reported(news, writers),
      policy: gateResult(newsOutcome(news, options, parameterNames)),
    };
  });
}

/** Options of {@link fleetStatus}. */
export interface FleetStatusOptions extends RunOptions {
  /** The time from which ages are computed. Default: now. */
  now?: Date;
}

const statusShapes = optionShapes<FleetStatusOptions>({ ...things.runOptions, now: date });

/** The last run, pending work, and the age of the data. */
export type FleetStatusReport = Reported<FleetStatus, 'json' | 'table'>;

/** @internal */
export const fleetStatusParameters: ParameterCheck = new ParameterCheck('fleetStatus', {
  fleet: fleetShape,
  options: statusShapes,
});

/**
 * Reads the status of a fleet. Same as `scapfeed fleet status`.
 *
 * @throws {@link ScapfeedError} `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { fleetStatus, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('new-fleet');
 * const { result } = await fleetStatus(fleet);
 * console.log(result.run); // null
 * await fleet.close();
 * ```
 */
export function fleetStatus(fleet: Fleet, options: FleetStatusOptions = {}): Promise<FleetStatusReport> {
  return run(fleetStatusParameters, [fleet, options], async () => {
    const now = timeOf(options);
    await endExpired(fleet[databaseOf], now);
    const status = await statusOf(fleet[databaseOf], now);
    return reported(status, { json: () => json(status), table: () => statusText(status) });
  });
}

/** The images of a fleet, with their flaws by severity. */
export type FleetImages = Reported<readonly ListedImage[], 'json' | 'table'>;

/** Options of {@link listFleet}: which images are listed. Default: all. */
export interface ListFleetOptions extends FleetStatusOptions, FleetListParameters {
  /** Globs for the values of labels, by their names. */
  labels?: Readonly<Record<string, string>>;
}

/** @internal */
export const listFleetParameters: ParameterCheck = new ParameterCheck('listFleet', {
  fleet: fleetShape,
  options: optionShapes<ListFleetOptions>({
    ...things.runOptions,
    now: date,
    ...shapesOf(listedImageOptions),
    labels: recordOf(text),
  }),
});

/**
 * Lists the images of a fleet and what is known of each. Same as `scapfeed fleet list`.
 *
 * @throws {@link ScapfeedError} `USAGE` for `overdue` in a fleet that keeps no SLA; `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { addToFleet, listFleet, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('listed-fleet');
 * await addToFleet(fleet, { images: ['registry.example/app:1'] });
 * const { result } = await listFleet(fleet);
 * console.log(result.map(({ reference }) => reference)); // [ 'registry.example/app:1' ]
 * await fleet.close();
 * ```
 */
export function listFleet(fleet: Fleet, options: ListFleetOptions = {}): Promise<FleetImages> {
  return run(listFleetParameters, [fleet, options], async () => {
    const now = timeOf(options);
    const { names, why } = await readList(fleet[databaseOf], now, choiceOf(options, now), 'overdue');
    return reported(names, {
      json: () => json(names),
      table: () => fleetTable(names, why),
    });
  });
}

function choiceOf(
  { olderThan, fixedBefore, overdue, owner, labels }: ListFleetOptions,
  now: Date,
): ListChoice {
  return {
    ...(olderThan !== undefined && { readUntil: new Date(now.getTime() - olderThan) }),
    ...(fixedBefore !== undefined && { fixedUntil: new Date(now.getTime() - fixedBefore) }),
    ...(overdue && { overdue }),
    ...(owner !== undefined && { owner }),
    ...(labels && { labels: Object.entries(labels) }),
  };
}
