import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceHelp } from '../../image/index.ts';
import {
  didYouMean,
  feedPlatformList,
  type Inventory,
  ScapfeedError,
  type Verdict,
  type ViewedVerdict,
} from '../../model/index.ts';
// By itself: a scan need not load it.
import { inventoryFault } from '../../model/inventory-shape.ts';
import { exploitedText, type RatingChange, ratedText } from '../../publish/changes/assessment-changes.ts';
import { changeKinds } from '../../publish/changes/changes.ts';
import { type ChangesDocument, changesDocument } from '../../publish/changes/document.ts';
import { changesPage, standingText } from '../../publish/changes/page.ts';
import { isAssessmentPart } from '../../publish/feed/assessment-parts.ts';
import { readFeedManifest, splitFeed } from '../../publish/feed/part.ts';
import { imageChangesTable } from '../../report/diff/image-table.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { unreadText } from '../../report/unread-text.ts';
import {
  assessmentOrigins,
  assessOptions,
  assessVerdicts,
  choosePlatform,
  contextGaps,
  matchInventory,
  openFeed,
  requireComplete,
  requireDatabase,
} from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { type OptionValues, repeatable, text } from '../option.ts';
import { diffImages, imageDiffOptions, ofImagesOnly } from '../options/diff-images.ts';
import { imageOptions } from '../options/image-choice.ts';
import { openSubject, unreadContextMessage } from '../options/subject.ts';
import type { FormatOf } from '../output-formats.ts';
import { json, type OutputChoice, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const options = {
  ...imageDiffOptions,
  inventory: text('PLACE', 'an image, or the JSON of an inventory: show only which of its verdicts change'),
  ...imageOptions,
  platform: repeatable(
    text(
      'ID|OS/ARCH',
      'an id: only this platform of feeds, and what images are judged as; OS/ARCH: which image of a multi-platform index (default: linux/amd64)',
    ),
  ),
  output: outputs('diff'),
};

type DiffOptions = OptionValues<typeof options>;

export const diff = defineCommand({
  name: 'diff',
  operands: ['OLD', 'NEW'],
  about: `OLD and NEW are two feeds, by their directories, or two images:
${referenceHelp()}
Of feeds, the statements that differ; with --inventory, what that means for one image. Of images, the packages and flaws
that differ, and with --verify and --profile what verify and comply say of both.`,
  options,
  notes: 'The html format is for two feeds, without --inventory.',
  exitCodes: {
    0: 'fine',
    2: 'wrong use, or an image cannot be read',
    3: 'a feed is missing, stale or damaged',
    4: 'one of the images is not known in full: no platform of the feed, packages without data, a package database that is incomplete',
  },
  examples: [
    'scapfeed diff out.yesterday out --inventory oci:./image',
    'scapfeed diff registry:example.org/app:1 registry:example.org/app:2 --verify',
  ],
  run,
});

async function run(
  { options: given, operands: [old, now] }: Arguments<typeof options, ['OLD', 'NEW']>,
  terminal: Terminal,
): Promise<number> {
  const { inventory: place, output } = given;
  if (![old, now].some(isFeed) && place === undefined) return runImages([old, now], given, terminal);
  const misplaced = ofImagesOnly.find((name) => given[name] !== undefined && given[name] !== false);
  if (misplaced !== undefined)
    throw usage('diff', `--${misplaced} is for two images, and these are feeds`, 'leave it out');
  if (place !== undefined) {
    const reports = output.map((choice) => withoutPage(choice));
    const inventory = requireDatabase(await readPlace(place, given, terminal), place);
    const flips = verdictFlips(old, now, inventory);
    const gaps = contextGaps(inventory);
    await writeOutputs(terminal, reports, {
      table: () => flipsTable(flips) + gaps.map((gap) => line(unreadText(gap))).join(''),
      json: () => json(flips),
    });
    if (gaps.length > 0) terminal.err(unreadContextMessage);
    requireComplete(inventory);
    return gaps.length > 0 ? 4 : 0;
  }
  const changes = feedChanges(old, now, given.platform);
  await writeOutputs(terminal, output, {
    table: () => changesTable(changes),
    json: () => json(changes),
    html: () => changesPage(changes),
  });
  return 0;
}

/** A folder that is to be a feed has at least this. */
function isFeed(path: string): boolean {
  return existsSync(join(path, 'manifest.json'));
}

async function runImages(
  references: readonly [string, string],
  given: DiffOptions,
  terminal: Terminal,
): Promise<number> {
  const reports = given.output.map((choice) => withoutPage(choice, 'two images'));
  const { changes, isWhole } = await diffImages(references, given, terminal);
  await writeOutputs(terminal, reports, {
    table: () => imageChangesTable(changes),
    json: () => json(changes),
  });
  if (isWhole) return 0;
  terminal.err('not covered: one of the images is not known in full');
  return 4;
}

/** A report on images: html shows two feeds. */
function withoutPage(
  { format, ...rest }: OutputChoice<FormatOf<'diff'>>,
  what = 'what changes for one inventory',
): OutputChoice<Exclude<FormatOf<'diff'>, 'html'>> {
  if (format !== 'html') return { format, ...rest };
  throw usage('diff', `html shows two feeds, not ${what}`, 'use table or json');
}

function feedChanges(old: string, now: string, platforms: readonly string[] | undefined): ChangesDocument {
  const manifests = [old, now].map(readFeedManifest);
  requireKnown(
    platforms ?? [],
    manifests.flatMap((manifest) => manifest.platforms.map(({ id }) => id)),
  );
  const parts = (directory: string) =>
    splitFeed(directory, { oval: false, content: false }).filter(
      ({ platform }) => (platforms?.includes(platform) ?? true) || isAssessmentPart(platform),
    );
  const before = new Map(parts(old).map((part) => [part.platform, part]));
  return changesDocument(parts(now), before, manifests[1]!.created);
}

/** A platform that neither feed has would look like one in which nothing changed. */
function requireKnown(wanted: readonly string[], known: readonly string[]): void {
  const missing = wanted.find((platform) => !known.includes(platform));
  if (missing === undefined) return;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `neither feed has the platform ${missing}`,
    remedy: didYouMean(missing, [...new Set(known)], feedPlatformList),
  });
}

function changesTable({ platforms, assessments }: ChangesDocument): string {
  const exploited = (assessments?.exploited ?? []).map((change) => line(exploitedText(change)));
  const rated = ratingLines(assessments?.ratings ?? []);
  const rows = platforms.flatMap(({ platform, changes }) =>
    changes.map(({ kind, package: name, vulnerability, scope, before, after }) => [
      platform,
      kind.replaceAll('_', ' '),
      vulnerability,
      scope === undefined ? name : `${name} (${scope})`,
      standingText(before),
      standingText(after),
    ]),
  );
  const apart = platforms.flatMap(({ platform, statements: { before, after } }) => {
    if (before !== undefined && after !== undefined) return [];
    return before === undefined
      ? line(`${platform} is new, with ${plural(after ?? 0, 'statement')}`)
      : line(`${platform} is gone, with ${plural(before, 'statement')}`);
  });
  const others = [...apart, ...rated];
  if (rows.length === 0) return [...exploited, ...others].join('') || 'nothing changed\n';
  return [
    ...exploited,
    textTable(['PLATFORM', 'CHANGE', 'VULNERABILITY', 'PACKAGE', 'BEFORE', 'AFTER'], rows),
    ...others,
    `${plural(rows.length, 'change')}: ${totals(platforms)}\n`,
  ].join('');
}

/** Severities by others than the distributions. */
function ratingLines(ratings: readonly RatingChange[]): string[] {
  if (ratings.length === 0) return [];
  const rows = ratings.map(({ vulnerability, before, after }) => [
    vulnerability,
    ratedText(before),
    ratedText(after),
  ]);
  return [
    `${plural(ratings.length, 'severity change')} by NVD, CISA and CNAs:\n`,
    textTable(['VULNERABILITY', 'BEFORE', 'AFTER'], rows),
  ];
}

function totals(platforms: ChangesDocument['platforms']): string {
  const counted = changeKinds.map((kind) => {
    const count = platforms.reduce((sum, { counts }) => sum + counts[kind], 0);
    return count > 0 ? `${count} ${kind.replaceAll('_', ' ')}` : [];
  });
  return counted.flat().join(', ');
}

/** A verdict on one image that differs between the two feeds. */
interface Flip {
  vulnerability: string;
  package: string;
  installed: string;
  before: string;
  after: string;
}

const noVerdict = 'no verdict';

/** What changes for one image. A change between two verdicts that both clear the package is left out. */
function verdictFlips(old: string, now: string, inventory: Inventory): Flip[] {
  const { verdicts: before, assessed: wasAssessed } = verdictsOf(old, inventory);
  const { verdicts: after, assessed: isAssessed } = verdictsOf(now, inventory);
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  // Otherwise every verdict would have changed, on the first night with ratings.
  const assessed = wasAssessed && isAssessed;
  return keys.flatMap((key) => {
    const was = before.get(key);
    const is = after.get(key);
    const told = [was, is].map((verdict) => (verdict ? describe(verdict, assessed) : noVerdict));
    const open = [was, is].some((verdict) => verdict !== undefined && !cleared.has(verdict.status));
    if (told[0] === told[1] || !open) return [];
    const { package: pkg, vulnerability } = (is ?? was)!;
    return {
      vulnerability,
      package: `${pkg.name}:${pkg.arch}`,
      installed: pkg.version,
      before: told[0]!,
      after: told[1]!,
    };
  });
}

const cleared: ReadonlySet<string> = new Set(['fixed', 'not_affected']);

/** What one of the two feeds says of an inventory. */
interface JudgedNight {
  verdicts: ReadonlyMap<string, ViewedVerdict>;
  /** The feed has ratings or knows of exploitation. */
  assessed: boolean;
}

/** By package, version and vulnerability: several versions of a kernel can be installed under one name. */
function verdictsOf(directory: string, inventory: Inventory): JudgedNight {
  const feed = openFeed(directory);
  try {
    const { manifest } = feed;
    const { platform } = choosePlatform(manifest.platforms, inventory, { map: new Map() });
    const matched = matchInventory(feed, feed.shard(platform.id)!, inventory, { all: true });
    const origins = assessmentOrigins(manifest, new Date(manifest.created));
    const verdicts = assessVerdicts(feed, matched.verdicts, assessOptions(manifest, platform, origins));
    return {
      verdicts: new Map(verdicts.map((verdict) => [keyOf(verdict), verdict])),
      assessed: origins.length > 0,
    };
  } finally {
    feed.close();
  }
}

function keyOf({ package: { name, arch, version }, vulnerability }: Verdict): string {
  return [name, arch, version, vulnerability].join('\0');
}

function describe(verdict: ViewedVerdict, assessed: boolean): string {
  const { severity, severitySource: by, exploited } = verdict;
  const words = statusText(verdict);
  if (!assessed || cleared.has(verdict.status)) return words;
  return `${words}; ${severity}${by ? ` by ${by}` : ''}${exploited ? ', known exploited' : ''}`;
}

function statusText({ status, fixState, fixedVersion }: Verdict): string {
  if (fixState === 'available') return `affected, fixed in ${fixedVersion}`;
  return standingText({
    status,
    ...(fixState ? { fixState } : {}),
    ...(status === 'fixed' && fixedVersion !== undefined ? { fixed: fixedVersion } : {}),
  });
}

function flipsTable(flips: readonly Flip[]): string {
  if (flips.length === 0) return 'nothing changes for this inventory\n';
  const rows = flips.map(({ vulnerability, package: name, installed, before, after }) => [
    vulnerability,
    name,
    installed,
    before,
    after,
  ]);
  const table = textTable(['VULNERABILITY', 'PACKAGE', 'INSTALLED', 'BEFORE', 'AFTER'], rows);
  return `${table}${plural(flips.length, 'verdict')} of this inventory changed\n`;
}

async function readPlace(place: string, given: DiffOptions, terminal: Terminal): Promise<Inventory> {
  if (place.endsWith('.json')) return readInventoryFile(place);
  const { image, inventory } = await openSubject(place, given, terminal.env);
  image.close();
  return inventory;
}

function readInventoryFile(file: string): Inventory {
  const inventory = parsedFile(file);
  const fault = inventoryFault(inventory);
  // It was looked at: every part that is read is there.
  if (fault === undefined) return inventory as Inventory;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'expected the JSON of an inventory with its packages and databases, found another value',
    where: `${file}#${fault}`,
    remedy:
      'write it with `scapfeed inventory IMAGE -o json=FILE`, or name the image in its place: oci:DIR, docker-archive:FILE',
  });
}

/** Undefined: no file, or no JSON. */
function parsedFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
