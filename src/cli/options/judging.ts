import {
  didYouMean,
  type Image,
  type Inventory,
  isUnrated,
  lifePhaseOn,
  type ScanResult,
  type UncoveredPackage,
} from '../../model/index.ts';
import {
  choosePlatform,
  type MatchOptions,
  matchInventory,
  type PlatformChoice,
  viewVerdicts,
} from '../../runtime/index.ts';
import { type OptionValues, usage } from '../command.ts';
import { toolVersion } from '../version.ts';
import { type ChosenFeed, checkAge } from './feed-choice.ts';
import { judgedPlatform } from './image-choice.ts';

/** Options that change verdicts, not what is shown of them. */
export const judgingOptions = {
  'platform-map': { type: 'string', multiple: true },
  pro: { type: 'boolean' },
  'no-pro': { type: 'boolean' },
  stream: { type: 'string' },
} as const;

export const judgingHelp = `  --platform ID      judge as this platform, whatever the image says of itself
  --platform-map A=B judge system A (rocky-9) by the rows of platform B (rhel-9); repeatable
  --pro, --no-pro    whether fixes of Ubuntu Pro can be installed (default: as the image says)
  --stream NAME      the RHEL update channel: main, eus, aus, tus, e4s, els (default: by the image's content sets)
`;

/** Inventory x feed, with everything that a report says of either. `now` tells the feed's age and the release's phase. */
export function judgeImage(
  feed: ChosenFeed,
  image: Image,
  inventory: Inventory,
  values: OptionValues,
  now: Date,
): ScanResult {
  const choice = choosePlatform(feed.manifest.platforms, inventory, platformOptions(values));
  const ageDays = checkAge(choice.platform, values, now);
  const shard = feed.shard(choice.platform.id)!;
  const matched = matchInventory(feed, shard, inventory, matchOptions(values, choice));
  const verdicts = viewVerdicts(matched.verdicts);
  const { id, name, updated, marks = [] } = choice.platform;
  return {
    tool: `scapfeed ${toolVersion}`,
    feed: feed.origin,
    platform: {
      id,
      name,
      updated,
      ageDays,
      phase: lifePhaseOn(choice.platform, now.toISOString().slice(0, 10)),
      marks: [...marks, ...choice.marks],
    },
    image: {
      reference: image.reference,
      ...(image.digest === undefined ? {} : { digest: image.digest }),
      ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
      layers: image.files.layers,
    },
    inventory: {
      os: inventory.os,
      databases: inventory.databases,
      notes: [...image.notes, ...inventory.notes, ...matched.notes],
      packages: inventory.packages.length,
    },
    verdicts,
    unrated: verdicts.filter((verdict) => verdict.hidden === undefined && isUnrated(verdict)).length,
    judged: matched.judged,
    uncovered: [...matched.uncovered, ...halfInstalled(inventory)],
  };
}

/** Half-installed packages may have files in place or not: dpkg cannot tell, and neither can we. */
function halfInstalled({ halfInstalled: packages = [] }: Inventory): UncoveredPackage[] {
  return packages.map((pkg) => ({ package: pkg, reason: 'half_installed' }));
}

/** What the options say of how verdicts are made. */
export function matchOptions(values: OptionValues, choice: PlatformChoice): MatchOptions {
  const stream = streamOption(values);
  const pro = values['pro'] === true ? true : values['no-pro'] === true ? false : undefined;
  return {
    mapped: choice.marks.includes('mapped'),
    ...(pro === undefined ? {} : { pro }),
    ...(stream === undefined ? {} : { stream }),
  };
}

const streams = ['main', 'eus', 'eus-long-life', 'aus', 'tus', 'e4s', 'els'];

/** Another name would hold the image on its minor, below fixes that it gets. */
function streamOption(values: OptionValues): string | undefined {
  const stream = values['stream'] as string | undefined;
  if (stream === undefined || streams.includes(stream)) return stream;
  throw usage(
    { name: 'scan' },
    `--stream ${stream} is no channel of RHEL`,
    didYouMean(stream.toLowerCase(), streams),
  );
}

/** Which platform the options name, or how they map the image's own name to one. */
export function platformOptions(values: OptionValues): { platform?: string; map: Map<string, string> } {
  const map = new Map<string, string>();
  for (const text of (values['platform-map'] as string[] | undefined) ?? []) {
    const [from, to] = text.split('=');
    if (!from || !to)
      throw usage({ name: 'scan' }, `--platform-map ${text} is no pair`, 'write it as rocky-9=rhel-9');
    map.set(from, to);
  }
  const platform = judgedPlatform(values);
  return platform === undefined ? { map } : { platform, map };
}
