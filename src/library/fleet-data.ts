import { type ExportedInventories, exportInventories } from '../fleet/store/exports.ts';
import { requireInventory } from '../fleet/store/given-inventory.ts';
import type { InventoryDocument } from '../fleet/store/images.ts';
import type { Pruned } from '../fleet/store/prune.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import { type RetentionParameters, retentionOptions } from '../tasks/fleet/command-options.ts';
import { type ImportedInventories, importInventories, readInventories } from '../tasks/fleet/import.ts';
import { pruneFleet as prune, usualRetention } from '../tasks/fleet/prune.ts';
import { inParts, readGiven } from '../tasks/fleet/read-given.ts';
import { recordAct } from '../tasks/fleet/recorded-act.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anything, date, either, listOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link importToFleet}. */
export interface ImportToFleetOptions extends RunOptions {
  /** The name to store the inventory under, if there is only one. Default: the reference in the inventory. */
  name?: string;
}

/** @internal */
export const importToFleetParameters: ParameterCheck = new ParameterCheck('importToFleet', {
  fleet: fleetShape,
  inventories: required(either('the path of a file, or a list of inventories', text, listOf(anything))),
  options: optionShapes<ImportToFleetOptions>({ ...things.runOptions, name: text }),
});

/**
 * Stores inventories of hosts, or of images behind an air gap; the next run judges them. Same as `scapfeed fleet import`.
 *
 * @param inventories - The path of a file written by `scapfeed inventory -o json` or `scapfeed fleet export`, at most 256 MB; or
 * the result of {@link exportFleet}, or the parsed JSON of such files.
 * @returns The number of inventories read, and how many of them differ from those stored under the same names.
 * @throws {@link ScapfeedError} `USAGE` when an element is not an inventory (then none is stored), or `name` is set for several;
 * `PACKAGE_DATABASE_MISSING` when an inventory lists no packages; `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { exportFleet, importToFleet, openFeed, openFleet, readInventory, openImage, runFleet } from 'scapfeed';
 *
 * const [fleet, feed] = [await openFleet('fleet-of-hosts'), openFeed('feed')];
 * const image = await openImage('dir:image');
 * const host = { image: { reference: 'web1', layers: [] }, ...readInventory(image) };
 * console.log(await importToFleet(fleet, [host])); // { read: 1, changed: 1 }
 * await runFleet(fleet, feed);
 * console.log((await exportFleet(fleet)).inventories.map(({ packages }) => packages.length)); // [ 1 ]
 * image.close();
 * await fleet.close();
 * feed.close();
 * ```
 */
export function importToFleet(
  fleet: Fleet,
  inventories: string | readonly InventoryDocument[],
  options: ImportToFleetOptions = {},
): Promise<ImportedInventories> {
  return run(importToFleetParameters, [fleet, inventories, options], async (report) => {
    const { name } = options;
    const documents =
      typeof inventories === 'string'
        ? readInventories(readGiven(inventories, inParts), inventories)
        : inventories.map((each, at) => requireInventory(each, `importToFleet(): inventories[${at}]`));
    if (name !== undefined && documents.length !== 1)
      throw new ScapfeedError({
        code: 'USAGE',
        message: `a name is for one inventory, found ${documents.length}`,
        remedy: 'omit `name`, or import them one by one',
      });
    const total = documents.length;
    const now = currentTime();
    const imported = await importInventories(fleet[databaseOf], documents, {
      ...{ name, now },
      imported: (done) => report('keeping inventories', { done, total, unit: 'inventories' }),
    });
    const place =
      typeof inventories === 'string' ? inventories : documents.map(({ image }) => image.reference).join(' ');
    await recordAct(fleet[databaseOf], `fleet import ${name ?? place}`, now);
    return imported;
  });
}

/** Options of {@link exportFleet}. */
export interface ExportFleetOptions extends RunOptions {
  /** References as listed by {@link listFleet}. Default: all. */
  references?: readonly string[];
}

/** @internal */
export const exportFleetParameters: ParameterCheck = new ParameterCheck('exportFleet', {
  fleet: fleetShape,
  options: optionShapes<ExportFleetOptions>({ ...things.runOptions, references: things.texts }),
});

/**
 * Reads the stored inventories. Same as `scapfeed fleet export`, which writes the JSON of one inventory per line.
 *
 * @returns The inventories in code-unit order of their references, and the references without an inventory.
 * @throws {@link ScapfeedError} `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { addToFleet, exportFleet, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('unread-fleet');
 * await addToFleet(fleet, { images: ['registry.example/app:1'] });
 * console.log(await exportFleet(fleet)); // { inventories: [], missing: [ 'registry.example/app:1' ] }
 * await fleet.close();
 * ```
 */
export function exportFleet(fleet: Fleet, options: ExportFleetOptions = {}): Promise<ExportedInventories> {
  return run(exportFleetParameters, [fleet, options], (report) => {
    report('reading inventories');
    return exportInventories(fleet[databaseOf], options.references ?? []);
  });
}

/** Options of {@link pruneFleet}: how much of a fleet's history to keep. */
export interface PruneFleetOptions extends RunOptions, RetentionParameters {
  /** The time from which ages are computed. Default: now. */
  now?: Date;
}

/** @internal */
export const pruneFleetParameters: ParameterCheck = new ParameterCheck('pruneFleet', {
  fleet: fleetShape,
  options: optionShapes<PruneFleetOptions>({
    ...things.runOptions,
    ...shapesOf(retentionOptions),
    now: date,
  }),
});

/**
 * Deletes images that no name refers to, outdated verdicts, and the news of old runs. Same as `scapfeed fleet prune`. Current
 * data is kept.
 *
 * @returns The numbers of images, packages, verdicts and runs that were deleted.
 * @throws {@link ScapfeedError} `FEED_LOCKED` when a run is in progress; `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { openFleet, pruneFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('young-fleet');
 * console.log(await pruneFleet(fleet, { keepFor: 90 * 86_400_000 })); // { images: 0, packages: 0, verdicts: 0, runs: 0 }
 * await fleet.close();
 * ```
 */
export function pruneFleet(fleet: Fleet, options: PruneFleetOptions = {}): Promise<Pruned> {
  return run(pruneFleetParameters, [fleet, options], async (report) => {
    const { keepFor = usualRetention.keepFor, keepRuns = usualRetention.keepRuns } = options;
    report('deleting old data');
    const before = new Date(Math.max(0, timeOf(options).getTime() - keepFor));
    const pruned = await prune(fleet[databaseOf], { before, runs: keepRuns });
    await recordAct(fleet[databaseOf], `fleet prune before ${before.toISOString()}`, currentTime());
    return pruned;
  });
}
