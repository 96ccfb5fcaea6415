import { currentTime } from '../../io/clock.ts';
import { type FeedPlatform, lifePhaseOn } from '../../model/index.ts';
import { feedText } from '../../report/feed-text.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable, thousands } from '../../report/text-table.ts';
import type { Arguments, Command } from '../command.ts';
import { type ChosenFeed, feedHelp, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

export const feeds: Command = {
  name: 'feeds',
  synopsis: '[OPTIONS]',
  summary: 'show what a feed holds and how old it is',
  help: `${feedHelp}  -o FORMAT[=FILE]   table (default) or json; repeatable

Example:
  scapfeed feeds --feed out
`,
  options: { feed: feedOptions.feed, output: { type: 'string', short: 'o', multiple: true } },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(feeds, values['output'] as string[] | undefined, ['table', 'json']);
  const feed = openChosenFeed(values, terminal.env);
  const now = currentTime();
  writeOutputs(terminal, outputs, (format) =>
    format === 'json'
      ? `${JSON.stringify({ feed: feed.origin, ...feed.manifest }, undefined, 2)}\n`
      : feedTable(feed, now),
  );
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
  ].join('');
}

function platformRow(platform: FeedPlatform, now: Date, today: string): string[] {
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(platform.updated)) / 86_400_000));
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
