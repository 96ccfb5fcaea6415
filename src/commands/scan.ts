import { setFlagsFromString } from 'node:v8';
import { openImage } from '../image/index.ts';
import { inventoryWanted, readInventory } from '../inventory/index.ts';
import {
  type Image,
  type Inventory,
  isSeverity,
  lifePhaseOn,
  type ScanResult,
  ScapfeedError,
  type Severity,
  severities,
  severityAtLeast,
  type ViewedVerdict,
} from '../model/index.ts';
import { scanJson } from '../report/scan-json.ts';
import { scanTable } from '../report/scan-table.ts';
import { plural } from '../report/text-table.ts';
import { choosePlatform, type Feed, matchInventory, viewVerdicts } from '../scan/index.ts';
import { type Arguments, type Command, nearest, type OptionValues, usage } from './command.ts';
import { checkAge, feedHelp, feedOptions, openChosenFeed } from './feed-choice.ts';
import { imageChoice, imageHelp, imageOptions, judgedPlatform } from './image-choice.ts';
import { outputChoices, writeOutputs } from './outputs.ts';
import type { Terminal } from './terminal.ts';
import { toolVersion } from './version.ts';

export const scan: Command = {
  name: 'scan',
  synopsis: 'IMAGE [OPTIONS]',
  summary: "judge an image's packages by a feed, offline",
  help: `${imageHelp}
${feedHelp}  --platform ID      judge as this platform, whatever the image says of itself
  --platform-map A=B judge system A (rocky-9) by the rows of platform B (rhel-9); repeatable
  --severity S       show flaws of at least this severity: ${severities.slice(1).join(', ')}
  --only-fixed       show only flaws that have a fix to install
  --all              also show what the default view only counts
  --fail-on S        exit 1 when a shown flaw has at least this severity; any: whatever its rating
  --fail-on-unknown  exit 1 also for flaws not yet looked into by the vendor
  --allow-uncovered  do not exit 4 because of single packages that the feed has no data for
  -o FORMAT[=FILE]   table (default) or json; repeatable

Exit codes: 0 fine; 1 flaws at or above --fail-on; 3 feed missing, stale or damaged; 4 the platform is unknown, not
in the feed or past its end of life, there is no package database, or a package is not covered.

Example:
  scapfeed scan oci:./image --fail-on high -o table -o json=scan.json
`,
  options: {
    ...feedOptions,
    ...imageOptions,
    'platform-map': { type: 'string', multiple: true },
    severity: { type: 'string' },
    'only-fixed': { type: 'boolean' },
    all: { type: 'boolean' },
    'fail-on': { type: 'string' },
    'fail-on-unknown': { type: 'boolean' },
    'allow-uncovered': { type: 'boolean' },
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 1, max: 1 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  // A scan ends before optimized code pays for itself: without TurboFan it needs less time and memory.
  setFlagsFromString('--no-opt');
  const outputs = outputChoices(scan, values['output'] as string[] | undefined, ['table', 'json']);
  const policy = readPolicy(values);
  const feed = openChosenFeed(values, terminal.env);
  terminal.progress(`reading ${positionals[0]}`);
  const image = await openImage(positionals[0]!, imageChoice(values, inventoryWanted, terminal.env));
  try {
    const inventory = requireDatabase(readInventory(image.files), image);
    const result = judge(feed, image, inventory, values, new Date());
    const listed = result.verdicts.filter((verdict) => policy.all || verdict.hidden === undefined);
    const shown = listed.filter(policy.shows);
    writeOutputs(terminal, outputs, (format, toTerminal) =>
      format === 'json'
        ? scanJson(result, result.verdicts.filter(policy.shows))
        : scanTable(result, shown, {
            color: terminal.color && toTerminal,
            all: policy.all,
            filtered: listed.length - shown.length,
          }),
    );
    return exitCode(result, shown, values, policy, terminal);
  } finally {
    image.close();
    feed.close();
  }
}

/** No database at all is no empty inventory: an image that lost its package lists cannot be called clean. */
export function requireDatabase(inventory: Inventory, image: Image): Inventory {
  if (inventory.databases.length > 0) return inventory;
  const unreadable = inventory.notes.find(({ code }) => code.includes('unreadable'));
  throw new ScapfeedError({
    code: unreadable ? 'PACKAGE_DATABASE_UNREADABLE' : 'PACKAGE_DATABASE_MISSING',
    message: unreadable
      ? `the package database cannot be read: ${unreadable.detail ?? unreadable.code}`
      : 'no package database was found: neither dpkg status nor rpm database',
    where: unreadable?.where ?? image.reference,
    remedy: "nothing can be said of this image's packages; scan an image that keeps its package database",
  });
}

/** Inventory x feed, with everything that a report says of either. */
export function judge(
  feed: Feed,
  image: Image,
  inventory: Inventory,
  values: OptionValues,
  now: Date,
): ScanResult {
  const choice = choosePlatform(feed.manifest.platforms, inventory, platformOptions(values));
  const ageDays = checkAge(choice.platform, values, now);
  const shard = feed.shard(choice.platform.id)!;
  const matched = matchInventory(feed, shard, inventory);
  const { id, name, updated, marks = [] } = choice.platform;
  return {
    tool: `scapfeed ${toolVersion}`,
    feed: { directory: feed.directory, created: feed.manifest.created },
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
      notes: inventory.notes,
      packages: inventory.packages.length,
    },
    verdicts: viewVerdicts(matched.verdicts),
    judged: matched.judged,
    uncovered: matched.uncovered,
  };
}

export function platformOptions(values: OptionValues): { platform?: string; map: Map<string, string> } {
  const map = new Map<string, string>();
  for (const text of (values['platform-map'] as string[] | undefined) ?? []) {
    const [from, to] = text.split('=');
    if (!from || !to) throw usage(scan, `--platform-map ${text} is no pair`, 'write it as rocky-9=rhel-9');
    map.set(from, to);
  }
  const platform = judgedPlatform(values);
  return platform === undefined ? { map } : { platform, map };
}

interface Policy {
  all: boolean;
  shows(verdict: ViewedVerdict): boolean;
  fails(verdict: ViewedVerdict): boolean;
  /** The threshold is a severity, which a flaw without a rating never reaches. */
  ignoresUnrated: boolean;
}

function readPolicy(values: OptionValues): Policy {
  const least = severityOption(values, 'severity');
  const anySeverity = values['fail-on'] === 'any';
  const threshold = anySeverity ? undefined : severityOption(values, 'fail-on');
  const unsettledFails = values['fail-on-unknown'] === true;
  return {
    all: values['all'] === true,
    ignoresUnrated: threshold !== undefined,
    shows: (verdict) =>
      (least === undefined || severityAtLeast(verdict.severity, least)) &&
      (values['only-fixed'] !== true || verdict.fixState === 'available'),
    fails(verdict) {
      if (verdict.status === 'under_investigation') return unsettledFails;
      if (verdict.status !== 'affected') return false;
      return anySeverity || (threshold !== undefined && severityAtLeast(verdict.severity, threshold));
    },
  };
}

function severityOption(values: OptionValues, name: string): Severity | undefined {
  const text = values[name] as string | undefined;
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  if (isSeverity(word) && word !== 'unknown') return word;
  const near = nearest(word, severities.slice(1));
  throw usage(
    scan,
    `--${name} ${text} is no severity`,
    near ? `did you mean ${near}?` : `use one of ${severities.slice(1).join(', ')}`,
  );
}

/** Of several conditions the first of 4 and 1 counts; what leads to 2 or 3 was thrown before. */
function exitCode(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  values: OptionValues,
  policy: Policy,
  terminal: Terminal,
): number {
  const unsettled = result.verdicts.filter(({ hidden }) => hidden === 'unsettled' && !policy.all);
  const failing = [...shown, ...unsettled].filter(policy.fails);
  if (failing.length > 0) terminal.err(`policy: ${plural(failing.length, 'verdict')} at or above it\n`);
  const unrated = shown.filter(({ severity, status }) => severity === 'unknown' && status === 'affected');
  if (unrated.length > 0 && policy.ignoresUnrated) {
    terminal.err(
      `policy: ${plural(unrated.length, 'flaw')} without a vendor rating not counted; --fail-on any counts them\n`,
    );
  }
  if (result.platform.phase === 'end_of_life') return 4;
  if (result.uncovered.length > 0 && values['allow-uncovered'] !== true) {
    const packages = plural(result.uncovered.length, 'package');
    terminal.err(`not covered: ${packages} without data in this feed; --allow-uncovered accepts that\n`);
    return 4;
  }
  return failing.length > 0 ? 1 : 0;
}
