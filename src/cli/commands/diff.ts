import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { referenceHelp } from '../../image/index.ts';
import { currentTime } from '../../io/clock.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readNamed } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Inventory } from '../../model/inventory/index.ts';
// By itself: a scan need not load it.
import { inventoryFault } from '../../model/inventory/inventory-shape.ts';
import { exploitedText, type RatingChange, ratedText } from '../../publish/changes/assessment-changes.ts';
import { changeKinds } from '../../publish/changes/changes.ts';
import type { ChangesDocument } from '../../publish/changes/document.ts';
import { changesPage, standingText } from '../../publish/changes/page.ts';
import { imageChangesHtml } from '../../report/diff/image-html.ts';
import { imageChangesMarkdown } from '../../report/diff/image-markdown.ts';
import { imageChangesTable } from '../../report/diff/image-table.ts';
import { gapText } from '../../report/gap-text.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { requireComplete, requirePackages } from '../../runtime/index.ts';
import { type Flip, feedChanges, verdictFlips } from '../../tasks/diff/feeds.ts';
import { diffOptions } from '../../tasks/diff/options.ts';
import { usage } from '../../tasks/given-words.ts';
import { sbomFile } from '../../tasks/image/sbom-subject.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { coverage } from '../../tasks/scan/gate.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { diffImages, ofImagesOnly } from '../options/diff-images.ts';
import { openSubject } from '../options/subject.ts';
import type { FormatOf } from '../output-formats.ts';
import { json, type OutputChoice, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...diffOptions, output: outputs('diff') };

type DiffOptions = OptionValues<typeof options>;

export const diff = defineCommand({
  name: 'diff',
  operands: ['OLD', 'NEW'],
  about: `OLD and NEW are two feeds, by their directories, or two images:
${referenceHelp()}
For feeds, it shows statements that differ or, with --inventory, verdicts that change for one image. For images, it
shows packages and flaws that differ and, with --verify and --profile, differences found by verify and comply.`,
  options,
  notes:
    'The html format is for two feeds or two images, markdown for two images; neither is for --inventory.',
  exitCodes: {
    0: 'fine',
    2: 'wrong use, or an image cannot be read',
    3: 'a feed is missing, stale or damaged',
    4:
      'an image is not fully covered: its platform is not in the feed or past its end of life, packages have no ' +
      'data, or the package database is incomplete',
  },
  examples: [
    'scapfeed diff out.yesterday out --inventory oci:./image',
    'scapfeed diff registry:example.org/app:1 registry:example.org/app:2 --verify',
  ],
  run,
});

async function run(
  { options: given, operands: [old, now], again }: Arguments<typeof options, ['OLD', 'NEW']>,
  terminal: Terminal,
): Promise<number> {
  const { inventory: place, output } = given;
  if (![old, now].some(isFeed) && place === undefined) return runImages([old, now], given, terminal);
  // The configuration may name the feed of all commands.
  const isMeant = (name: (typeof ofImagesOnly)[number]) => name !== 'feed' || again.includes('--feed');
  const misplaced = ofImagesOnly.find(
    (name) => given[name] !== undefined && given[name] !== false && isMeant(name),
  );
  if (misplaced !== undefined)
    throw usage('diff', `--${misplaced} is for two images, and these are feeds`, 'leave it out');
  if (place !== undefined) {
    const reports = output.map(withoutPage);
    const inventory = requirePackages(await readPlace(place, given, terminal), place);
    const { flips, platform, gaps } = verdictFlips(old, now, inventory, currentTime());
    await writeOutputs(terminal, reports, {
      table: () => flipsTable(flips) + gaps.map((gap) => line(gapText(gap, platform.name))).join(''),
      json: () => json(flips),
    });
    requireComplete(inventory);
    const policy = { allowUncovered: given['allow-uncovered'] };
    return coverage({ gaps, platform }, policy, terminal.err, flagNames) ? 4 : 0;
  }
  const reports = output.map(withoutComment);
  const changes = feedChanges(old, now, given.platform);
  await writeOutputs(terminal, reports, {
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

/** The mistyped folder of a feed must not be asked of a registry: a bare name is one, unless it has the tag of an image. */
function requirePlace(reference: string): void {
  if (!/^\w[\w.-]*$/.test(reference) || existsSync(reference)) return;
  throw usage(
    'diff',
    `there is no folder ${reference}`,
    `specify two feeds by their directories, or two images: one of a registry with its tag, as ${reference}:latest`,
  );
}

async function runImages(
  references: readonly [string, string],
  given: DiffOptions,
  terminal: Terminal,
): Promise<number> {
  references.forEach(requirePlace);
  const { changes, isWhole } = await diffImages(references, given, terminal);
  await writeOutputs(terminal, given.output, {
    table: () => imageChangesTable(changes),
    json: () => json(changes),
    html: () => imageChangesHtml(changes),
    markdown: () => imageChangesMarkdown(changes),
  });
  if (isWhole) return 0;
  terminal.err('not covered: one of the images is not known in full');
  return 4;
}

type DiffFormat = FormatOf<'diff'>;

/** A report on two feeds: a pull request is about images. */
function withoutComment({
  format,
  ...rest
}: OutputChoice<DiffFormat>): OutputChoice<Exclude<DiffFormat, 'markdown'>> {
  if (format !== 'markdown') return { format, ...rest };
  throw usage('diff', 'markdown shows two images, and these are feeds', 'use html, table or json');
}

/** A report on what changes for one inventory. */
function withoutPage(
  choice: OutputChoice<DiffFormat>,
): OutputChoice<Exclude<DiffFormat, 'html' | 'markdown'>> {
  const { format, ...rest } = choice;
  if (format !== 'html' && format !== 'markdown') return { format, ...rest };
  throw usage(
    'diff',
    `${format} shows two ${format === 'html' ? 'feeds or images' : 'images'}, not what changes for one inventory`,
    'use table or json',
  );
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
  if (place.endsWith('.json') && (await sbomFile(place)) === undefined) return readInventoryFile(place);
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
      'write it with `scapfeed inventory IMAGE -o json=FILE`, or specify the image instead: oci:DIR, docker-archive:FILE',
  });
}

/** Bytes. */
const longestInventory = 256 << 20;

/** Undefined: no file, or no JSON. */
function parsedFile(file: string): unknown {
  try {
    return parseForeignJson(readNamed(file, longestInventory));
  } catch {
    return undefined;
  }
}
