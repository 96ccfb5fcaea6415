import type { Image, Inventory } from '../model/inventory/index.ts';
import {
  type ExplainedPackages,
  explainedPackagesJson,
  explainedPackagesText,
} from '../report/explained-packages.ts';
import { type Explained, explainedJson, explainedText } from '../report/explanation.ts';
import { requirePackages } from '../runtime/index.ts';
import { openSnapshotStore } from '../sources/snapshots.ts';
import { explainIn, packagesWith } from '../tasks/explain/run.ts';
import type { OpenFeed } from './feed.ts';
import { timeOf } from './image.ts';
import { type VerdictOptions, verdictOptions } from './judge.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link explain}. */
export interface ExplainOptions extends VerdictOptions, RunOptions {
  /** The image that the inventory was read from. */
  image: Image;
  /** The snapshots folder that the feed was built from, for the vendor's records. Default: none, and no records are shown. */
  snapshots?: string;
}

/** The explanation of a vulnerability's verdicts in packages of one name. */
export type Explanations = Reported<Explained, 'json' | 'table'>;

/** The packages of an image that have a verdict for a vulnerability. */
export type PackagesOfVulnerability = Reported<ExplainedPackages, 'json' | 'table'>;

/** @internal */
export const explainParameters: ParameterCheck = new ParameterCheck('explain', {
  inventory: things.inventory,
  feed: things.feed,
  vulnerability: required(text),
  name: text,
  options: required(
    optionShapes<ExplainOptions>({
      ...things.runOptions,
      ...things.verdictOptions,
      image: required(things.image),
      snapshots: text,
    }),
  ),
});

/**
 * Explains verdicts: the deciding statement, rule and version comparison, the vendor's record, and the statements for other
 * releases.
 *
 * @param vulnerability - A CVE id, another id in the feed, or an advisory.
 * @param name - An installed or source package. If absent, the image's packages with a verdict are listed.
 * @throws {@link ScapfeedError} `USAGE` when the vulnerability or package does not exist; and the errors of {@link judge}
 * @example
 * ```ts
 * import { explain, openFeed, openImage, readInventory, writeReport } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * const image = await openImage('dir:image');
 * const inventory = readInventory(image);
 * const listed = await explain(inventory, feed, 'CVE-2023-5363', undefined, { image });
 * console.log(listed.result.verdicts.map((verdict) => verdict.package.name)); // [ 'libssl3' ]
 * const explained = await explain(inventory, feed, 'CVE-2023-5363', 'libssl3', { image });
 * console.log(await writeReport(explained, 'table'));
 * image.close();
 * feed.close();
 * ```
 */
export function explain(
  inventory: Inventory,
  feed: OpenFeed,
  vulnerability: string,
  name: string,
  options: ExplainOptions,
): Promise<Explanations>;
export function explain(
  inventory: Inventory,
  feed: OpenFeed,
  vulnerability: string,
  name: undefined,
  options: ExplainOptions,
): Promise<PackagesOfVulnerability>;
export function explain(
  inventory: Inventory,
  feed: OpenFeed,
  vulnerability: string,
  name: string | undefined,
  options: ExplainOptions,
): Promise<Explanations | PackagesOfVulnerability> {
  return run(explainParameters, [inventory, feed, vulnerability, name, options], async (report) => {
    const { image, snapshots } = options;
    report(`looking for ${vulnerability}`);
    const how = verdictOptions(options, timeOf(options));
    const known = requirePackages(inventory, image.reference);
    if (name === undefined) {
      const listed = packagesWith(vulnerability, image, known, feed, how);
      return reported(listed, {
        json: () => explainedPackagesJson(listed),
        table: () =>
          explainedPackagesText(listed, { place: image.place, options: ['--feed', listed.feed.directory] }),
      });
    }
    const store = snapshots === undefined ? undefined : openSnapshotStore(snapshots);
    const explained = await explainIn(image, known, feed, store, how, { vulnerability, name });
    return reported(explained, {
      json: () => explainedJson(explained),
      table: () => explainedText(explained),
    });
  });
}
