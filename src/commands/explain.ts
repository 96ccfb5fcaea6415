import { openImage } from '../image/index.ts';
import { inventoryWanted, readInventory } from '../inventory/index.ts';
import {
  type FeedPlatform,
  type Image,
  type ImageProduct,
  type Inventory,
  ScapfeedError,
  type ShardClaim,
  type Verdict,
} from '../model/index.ts';
import {
  type Explanation,
  explanationText,
  type OtherRelease,
  otherReleasesText,
} from '../report/explanation.ts';
import { choosePlatform, compareVersions, type Feed, matchInventory } from '../scan/index.ts';
import type { Arguments, Command } from './command.ts';
import { ageHelp, checkAge, feedHelp, feedOptions, openChosenFeed } from './feed-choice.ts';
import { imageChoice, imageHelp, imageOptions } from './image-choice.ts';
import { judgingHelp, judgingOptions, matchOptions, platformOptions } from './judging.ts';
import { requireComplete, requireDatabase } from './package-databases.ts';
import { chosenSnapshots, snapshotHelp, snapshotOptions } from './snapshot-choice.ts';
import type { Terminal } from './terminal.ts';
import { vendorRecord } from './vendor-record.ts';

export const explain: Command = {
  name: 'explain',
  synopsis: 'IMAGE VULNERABILITY PACKAGE [OPTIONS]',
  summary: "tell why a verdict is what it is: the vendor's record, both versions, other releases",
  help: `PACKAGE is the name of an installed package or of its source, or of a container of Red Hat's.
${imageHelp}
${feedHelp}${ageHelp}${snapshotHelp}${judgingHelp}
Example:
  scapfeed explain oci:./image CVE-2023-0286 libssl3
`,
  options: {
    ...feedOptions,
    ...imageOptions,
    ...judgingOptions,
    ...snapshotOptions,
  },
  positionals: { min: 3, max: 3 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const [reference, vulnerability, name] = positionals as [string, string, string];
  const feed = openChosenFeed(values, terminal.env);
  const store = chosenSnapshots(values, terminal.env);
  const image = await openImage(reference, imageChoice(values, inventoryWanted, terminal.env));
  try {
    const inventory = requireDatabase(readInventory(image.files, image.labels), image);
    const choice = choosePlatform(feed.manifest.platforms, inventory, platformOptions(values));
    const { platform } = choice;
    checkAge(platform, values, new Date());
    const products = (inventory.products ?? []).filter((product) => isNamed(product, name));
    const packages = products.length > 0 ? [] : installedAs(inventory, name);
    const shard = feed.shard(platform.id)!;
    const matched = matchInventory(
      feed,
      shard,
      { ...inventory, packages, products },
      { ...matchOptions(values, choice), all: true },
    );
    const verdicts = matched.verdicts.filter((verdict) => verdict.vulnerability === vulnerability);
    for (const { package: pkg, reason, detail } of matched.uncovered) {
      terminal.out(`${pkg.name} ${pkg.version}: ${reason.replaceAll('_', ' ')} (${detail ?? ''})\n`);
    }
    for (const verdict of verdicts) {
      const record = await vendorRecord(verdict, feed, store);
      terminal.out(explanationText(explanationOf(verdict, feed, image, record)));
    }
    if (verdicts.length === 0 && matched.uncovered.length === 0)
      terminal.out(silence(feed, platform, vulnerability, name));
    const sources = [...new Set(packages.map(({ source }) => source.name))];
    for (const source of sources) {
      terminal.out(otherReleasesText(otherReleases(feed, platform, inventory, source, vulnerability)));
    }
    requireComplete(inventory);
    return matched.uncovered.length > 0 ? 4 : 0;
  } finally {
    image.close();
    feed.close();
  }
}

/** A container is named by its repository or component. */
function isNamed({ name, component }: ImageProduct, wanted: string): boolean {
  return name === wanted || component === wanted;
}

function installedAs(inventory: Inventory, name: string): Inventory['packages'] {
  const packages = inventory.packages.filter((pkg) => pkg.name === name || pkg.source.name === name);
  if (packages.length > 0) return packages;
  requireComplete(inventory);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `no installed package and no source is named ${name}`,
    remedy: 'take the name from the table of `scapfeed scan`',
  });
}

function explanationOf(
  verdict: Verdict,
  feed: Feed,
  image: Image,
  record: Explanation['record'],
): Explanation {
  const { fixedVersion, package: pkg } = verdict;
  const vulnerability = feed.vulnerability(verdict.vulnerability);
  const layer = pkg.layer === undefined ? undefined : image.files.layers[pkg.layer];
  return {
    verdict,
    ...(vulnerability ? { vulnerability } : {}),
    advisories: verdict.advisories.map((id) => feed.advisory(id) ?? { id }),
    ...(fixedVersion === undefined ? {} : { comparison: compareVersions(pkg, fixedVersion) }),
    ...(layer ? { layer: [layer.digest ?? layer.diffId, layer.createdBy].filter(Boolean).join(' ') } : {}),
    record,
  };
}

function silence(feed: Feed, platform: FeedPlatform, vulnerability: string, name: string): string {
  const known = feed.vulnerability(vulnerability);
  const about = known ? 'the feed knows it from other packages or releases' : 'nothing in the feed names it';
  return `${platform.id} says nothing of ${vulnerability} in ${name}: ${about}\n`;
}

function otherReleases(
  feed: Feed,
  chosen: FeedPlatform,
  inventory: Inventory,
  source: string,
  vulnerability: string,
): OtherRelease[] {
  const why = inventory.os
    ? `the image is ${inventory.os.prettyName ?? inventory.os.id} by ${inventory.os.found}`
    : `the image is judged as ${chosen.id}`;
  return feed.manifest.platforms
    .filter((platform) => platform.os.id === chosen.os.id && platform.id !== chosen.id)
    .flatMap((platform) => {
      const claims = feed.shard(platform.id)!.package(source)?.claims ?? [];
      const named = claims.filter(({ ids }) => ids.includes(vulnerability));
      return named.map((claim) => ({ platform: platform.id, claim: claimText(claim), why }));
    });
}

function claimText({ status, fixed, fixState, reason }: ShardClaim): string {
  const words = fixed === undefined ? status.replaceAll('_', ' ') : `fixed in ${fixed}`;
  return [words, fixState?.replaceAll('_', ' '), reason?.replaceAll('_', ' ')].filter(Boolean).join(', ');
}
