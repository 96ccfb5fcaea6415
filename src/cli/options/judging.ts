import { judges } from '../../distros/judges.ts';
import { didYouMean, type Image, type Inventory, type ScanResult } from '../../model/index.ts';
import { judge, type MatchOptions, type PlatformChoice } from '../../runtime/index.ts';
import { type OptionSpecs, type OptionValues, usage } from '../command.ts';
import { toolVersion } from '../version.ts';
import { type ChosenFeed, maxAge } from './feed-choice.ts';
import { judgedPlatform } from './image-choice.ts';

/** What the rules of single distributions can be told: `--pro`, `--no-pro`, `--stream`. */
const ownOptions = judges.flatMap(({ options = [] }) => options);

/** Options that change verdicts, not what is shown of them. */
export const judgingOptions: OptionSpecs = {
  'platform-map': { type: 'string', multiple: true },
  ...Object.fromEntries(
    ownOptions.flatMap(({ name, type }): [string, OptionSpecs[string]][] =>
      type === 'flag'
        ? [
            [name, { type: 'boolean' }],
            [`no-${name}`, { type: 'boolean' }],
          ]
        : [[name, { type: 'string' }]],
    ),
  ),
};

export const judgingHelp = `  --platform ID      judge as this platform, whatever the image says of itself
  --platform-map A=B judge system A (rocky-9) by the rows of platform B (rhel-9); repeatable
${ownOptions.map(helpLine).join('')}`;

function helpLine(option: (typeof ownOptions)[number]): string {
  const { name, type, help } = option;
  const term = type === 'flag' ? `--${name}, --no-${name}` : `--${name} NAME`;
  return `  ${term.padEnd(19)}${help}${type === 'choice' ? `: ${option.of.join(', ')}` : ''}\n`;
}

/** Inventory x feed, with everything that a report says of either. `now` tells the feed's age and the release's phase. */
export function judgeImage(
  feed: ChosenFeed,
  image: Image,
  inventory: Inventory,
  values: OptionValues,
  now: Date,
): ScanResult {
  const allowed = maxAge(values);
  const { notes, platform, ...judgement } = judge(feed, inventory, {
    ...platformOptions(values),
    settings: settings(values),
    now,
    ...(allowed === undefined ? {} : { maxAge: allowed }),
  });
  return {
    tool: `scapfeed ${toolVersion}`,
    feed: feed.origin,
    platform,
    image: {
      reference: image.reference,
      ...(image.digest === undefined ? {} : { digest: image.digest }),
      ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
      layers: image.files.layers,
    },
    inventory: {
      os: inventory.os,
      databases: inventory.databases,
      notes: [...image.notes, ...inventory.notes, ...notes],
      packages: inventory.packages.length,
    },
    ...judgement,
  };
}

/** What the options say of how verdicts are made. */
export function matchOptions(values: OptionValues, choice: PlatformChoice): MatchOptions {
  return { mapped: choice.marks.includes('mapped'), settings: settings(values) };
}

/** Values of the judges' own options. A channel of another name would hold an image on its minor, below fixes it gets. */
function settings(values: OptionValues): Record<string, string | boolean> {
  const chosen: Record<string, string | boolean> = {};
  for (const option of ownOptions) {
    const { name, type } = option;
    if (type === 'flag') {
      if (values[name] === true) chosen[name] = true;
      else if (values[`no-${name}`] === true) chosen[name] = false;
      continue;
    }
    const value = values[name] as string | undefined;
    if (value === undefined) continue;
    if (!option.of.includes(value)) throw noChoice(option, value);
    chosen[name] = value;
  }
  return chosen;
}

function noChoice({ name, of, what }: { name: string; of: readonly string[]; what: string }, value: string) {
  return usage({ name: 'scan' }, `--${name} ${value} is no ${what}`, didYouMean(value.toLowerCase(), of));
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
