import { judges } from '../../distros/judges.ts';
import { currentTime } from '../../io/clock.ts';
import { dataDay, daysOld, undated } from '../../model/data-date.ts';
import {
  type FeedContent,
  type FeedPlatform,
  type FeedSource,
  heldMark,
  lifePhaseOn,
  type Manifest,
  vexRepositories,
} from '../../model/feed/index.ts';
import { ageText } from '../../report/data-age.ts';
import { feedText } from '../../report/feed-text.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable, thousands } from '../../report/text-table.ts';
import { feedsOptions } from '../../tasks/feeds/options.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { type ChosenFeed, openAnyFeed } from '../options/feed-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...feedsOptions, output: outputs('feeds') };

export const feeds = defineCommand({
  name: 'feeds',
  operands: [],
  options,
  examples: ['scapfeed feeds --feed out'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const feed = await openAnyFeed('feeds', given, terminal);
  const now = currentTime();
  await writeOutputs(terminal, given.output, {
    json: () => json({ feed: feed.origin, ...feed.manifest }),
    table: () => feedTable(feed, now, given.all),
  });
  feed.close();
  return 0;
}

function feedTable({ origin, manifest }: ChosenFeed, now: Date, all: boolean): string {
  const today = now.toISOString().slice(0, 10);
  const layers = all ? [] : judges.flatMap((judge) => judge.layers ?? []);
  const layerOf = ({ id }: FeedPlatform) => layers.find((prefix) => id.startsWith(prefix));
  const rows = [...Map.groupBy(manifest.platforms, (platform) => layerOf(platform) ?? platform.id)].map(
    ([prefix, alike]) =>
      alike.length > 1 ? layersRow(prefix, alike, now) : platformRow(alike[0]!, now, today),
  );
  const { format, tool, created } = manifest;
  const sources = manifest.sources.map((source) => line(sourceText(source, manifest, now)));
  return [
    line(feedText(origin)),
    line(
      `format ${format}, made by ${tool.name} ${tool.version} from data ${created === undated ? 'without a date' : `of ${created}`}`,
    ),
    '\n',
    textTable(['PLATFORM', 'STATEMENTS', 'PACKAGES', 'DATA OF', 'AGE', 'SUPPORT', 'MARKS'], rows),
    '\n',
    ...sources,
    ...contentLines(manifest.content ?? [], now),
  ].join('');
}

/** `FIRST EPSS of 2026-01-30, 3 days old, v2025.03.14: 64 records, …`. */
function sourceText(source: FeedSource, manifest: Manifest, now: Date): string {
  const { inputs } = manifest;
  const { id, name, records, used, dropped, licence, failed } = source;
  const own = inputs.filter((input) => input.source === id);
  const dates = own.flatMap(({ date }) => date ?? []);
  const newest = dates.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  const refused = failed ?? own.find((input) => input.refused)?.refused;
  const notes = [
    name,
    ...(id === 'vex' ? [` ${vexRepositories(manifest).join(', ')}`] : []),
    ...(newest === undefined ? [] : [` of ${newest.slice(0, 10)}, ${ageText(daysOld(newest, now))}`]),
    ...own.flatMap(({ version }) => (version === undefined ? [] : `, ${version}`)),
    ...(refused === undefined ? [] : [`, the last good one because a newer one was refused (${refused})`]),
  ];
  return `${notes.join('')}: ${plural(records, 'record')}, ${thousands(used)} used, ${thousands(dropped)} not; licence ${licence}`;
}

function contentLines(contents: readonly FeedContent[], now: Date): string[] {
  if (contents.length === 0) return [];
  const rows = contents.map((content) => [
    content.product,
    content.benchmark.version,
    content.platforms.join(', '),
    content.date?.slice(0, 10) ?? '-',
    content.date === undefined ? '-' : daysText(content.date, now),
    content.licence,
    content.profiles.map(({ id }) => id.replace(/^xccdf_[^_]+_profile_/, '')).join(', '),
  ]);
  return ['\n', textTable(['CONTENT', 'VERSION', 'FOR', 'DATA OF', 'AGE', 'LICENCE', 'PROFILES'], rows)];
}

function daysText(date: string, now: Date): string {
  const days = daysOld(date, now);
  return days < 0 ? 'not known' : plural(days, 'day');
}

function platformRow(platform: FeedPlatform, now: Date, today: string): string[] {
  return [
    platform.id,
    thousands(platform.statements),
    thousands(platform.packages),
    dataDay(platform.updated),
    platform.updated === undated ? '-' : daysText(platform.updated, now),
    lifePhaseOn(platform, today).replaceAll('_', ' '),
    marksText(platform),
  ];
}

/** One row for many products, which no image is: what they add up to, by the oldest data among them. */
function layersRow(prefix: string, platforms: readonly FeedPlatform[], now: Date): string[] {
  const total = platforms.reduce((sum, { statements }) => sum + statements, 0);
  const oldest = platforms
    .map(({ updated }) => updated)
    .reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a));
  const marks = new Set(platforms.map(marksText).filter((text) => text !== '-'));
  return [
    `${prefix}* (${platforms.length})`,
    thousands(total),
    '-',
    dataDay(oldest),
    oldest === undated ? '-' : daysText(oldest, now),
    '-',
    [...marks].join(', ') || '-',
  ];
}

/** `held back since 2026-11-20 by gate shrink`. */
function marksText({ marks = [], held = [] }: FeedPlatform): string {
  const by = held.length === 0 ? '' : ` by gate ${held.map(({ gate }) => gate).join(', ')}`;
  const words = marks.map((mark) => mark.replaceAll('_', ' ') + (mark.startsWith(heldMark) ? by : ''));
  return words.join(', ') || '-';
}
