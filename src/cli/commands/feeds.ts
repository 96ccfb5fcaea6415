import { currentTime } from '../../io/clock.ts';
import { type FeedContent, type FeedPlatform, lifePhaseOn } from '../../model/index.ts';
import { feedText } from '../../report/feed-text.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable, thousands } from '../../report/text-table.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { type ChosenFeed, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...feedOptions, output: outputs('feeds') };

export const feeds = defineCommand({
  name: 'feeds',
  operands: [],
  options,
  examples: ['scapfeed feeds --feed out'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const feed = openChosenFeed(given.feed, terminal.env);
  const now = currentTime();
  await writeOutputs(terminal, given.output, {
    json: () => json({ feed: feed.origin, ...feed.manifest }),
    table: () => feedTable(feed, now),
  });
  feed.close();
  return 0;
}

function feedTable({ origin, manifest }: ChosenFeed, now: Date): string {
  const today = now.toISOString().slice(0, 10);
  const rows = manifest.platforms.map((platform) => platformRow(platform, now, today));
  const { format, tool, created } = manifest;
  const sources = manifest.sources.map(({ name, records, used, dropped, licence }) =>
    line(
      `${name}: ${plural(records, 'record')}, ${thousands(used)} used, ${thousands(dropped)} not; licence ${licence}`,
    ),
  );
  return [
    line(feedText(origin)),
    line(`format ${format}, made by ${tool.name} ${tool.version} from data of ${created}`),
    '\n',
    textTable(['PLATFORM', 'STATEMENTS', 'PACKAGES', 'DATA OF', 'AGE', 'SUPPORT', 'MARKS'], rows),
    '\n',
    ...sources,
    ...contentLines(manifest.content ?? [], now),
  ].join('');
}

function contentLines(contents: readonly FeedContent[], now: Date): string[] {
  if (contents.length === 0) return [];
  const rows = contents.map((content) => [
    content.product,
    content.benchmark.version,
    content.platforms.join(', '),
    content.date?.slice(0, 10) ?? '-',
    content.date === undefined ? '-' : plural(ageInDays(content.date, now), 'day'),
    content.licence,
    content.profiles.map(({ id }) => id.replace(/^xccdf_[^_]+_profile_/, '')).join(', '),
  ]);
  return ['\n', textTable(['CONTENT', 'VERSION', 'FOR', 'DATA OF', 'AGE', 'LICENCE', 'PROFILES'], rows)];
}

function ageInDays(date: string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - Date.parse(date)) / 86_400_000));
}

function platformRow(platform: FeedPlatform, now: Date, today: string): string[] {
  const days = ageInDays(platform.updated, now);
  return [
    platform.id,
    thousands(platform.statements),
    thousands(platform.packages),
    platform.updated.slice(0, 10),
    plural(days, 'day'),
    lifePhaseOn(platform, today).replaceAll('_', ' '),
    (platform.marks ?? []).join(', ').replaceAll('_', ' ') || '-',
  ];
}
