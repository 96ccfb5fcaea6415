import { type NewsSince, readNews } from '../../../fleet/news/read-news.ts';
import { openDatabase } from '../../../fleet/store/open-database.ts';
import { lastRun } from '../../../fleet/store/runs.ts';
import { currentTime } from '../../../io/clock.ts';
import { newsAtom } from '../../../report/fleet/news-atom.ts';
import { newsMarkdown } from '../../../report/fleet/news-markdown.ts';
import { newsTable } from '../../../report/fleet/news-table.ts';
import { newsOutcome } from '../../../tasks/fleet/gate.ts';
import { newsPolicyOptions } from '../../../tasks/fleet/options.ts';
import { form, group, milliseconds } from '../../../tasks/option.ts';
import { flagNames } from '../../../tasks/outcome.ts';
import { parametersOf } from '../../../tasks/parameters.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import { concluded } from '../../target-run.ts';
import type { Terminal } from '../../terminal.ts';

const options = {
  ...fleetOptions,
  since: form(
    'WHEN',
    'news since an age ago (36h, 7d), a day (2026-11-20), or run:N (default: of the last run only)',
    whenOf,
    'write it as 36h, 7d, 2026-11-20 or run:12',
  ),
  ...group('Policy', newsPolicyOptions),
  output: outputs('fleet news'),
};

export const fleetNews = defineCommand({
  name: 'fleet news',
  operands: [],
  about: 'Only changes are news. They are grouped by cause: an image was rebuilt, or the feed changed.',
  options,
  exitCodes: {
    0: 'fine',
    1: 'news that match --fail-on-new',
    2: 'wrong use, or the fleet cannot be opened',
    4: 'with --fail-on-new, more than half of the new flaws are unrated',
  },
  examples: ['scapfeed fleet news --since 7d -o markdown', 'scapfeed fleet news -o atom=news.xml'],
  run,
});

/** An age is counted from the time of the command. */
type When = { age: number } | { run: number } | { time: Date };

function whenOf(text: string): When | undefined {
  const [, run] = /^run:([1-9]\d{0,8})$/.exec(text) ?? [];
  if (run !== undefined) return { run: Number(run) };
  const age = milliseconds(text);
  if (age !== undefined) return { age };
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text) ? new Date(text) : undefined;
  return time && !Number.isNaN(time.getTime()) ? { time } : undefined;
}

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    const news = await readNews(database, sinceOf(given.since, now));
    const newest = news.runs.length === 0 ? await lastRun(database) : undefined;
    if (newest !== undefined) terminal.err(`there was no run since then: the newest is run ${newest}`);
    await writeOutputs(terminal, given.output, {
      table: () => newsTable(news),
      markdown: () => newsMarkdown(news),
      json: () => json(news),
      atom: () => newsAtom(news),
    });
    return concluded(newsOutcome(news, parametersOf(given), flagNames), terminal);
  } finally {
    await database.close();
  }
}

function sinceOf(when: When | undefined, now: Date): NewsSince {
  if (when && 'age' in when) return { time: new Date(now.getTime() - when.age) };
  return when;
}
