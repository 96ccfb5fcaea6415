import { type NewsSince, readNews } from '../../../fleet/news/read-news.ts';
import { lastRun } from '../../../fleet/store/runs.ts';
import { requireOwner } from '../../../fleet/store/waivers.ts';
import { newsAtom } from '../../../report/fleet/news-atom.ts';
import { newsMarkdown } from '../../../report/fleet/news-markdown.ts';
import { newsTable } from '../../../report/fleet/news-table.ts';
import { fleetNewsOptions, type When } from '../../../tasks/fleet/command-options.ts';
import { newsOutcome } from '../../../tasks/fleet/gate.ts';
import { ownersGiven } from '../../../tasks/fleet/owners.ts';
import { flagNames } from '../../../tasks/outcome.ts';
import { parametersOf } from '../../../tasks/parameters.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import { concluded } from '../../target-run.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetNewsOptions, output: outputs('fleet news') };

export const fleetNews = defineCommand({
  name: 'fleet news',
  operands: [],
  about: 'Only changes are news. They are grouped by cause: an image was rebuilt, or the feed changed.',
  options,
  exitCodes: {
    0: 'fine',
    1: 'news that match --fail-on-new',
    2: 'wrong use, or the fleet cannot be opened',
    4: 'with --fail-on-new: more than half of the new flaws are unrated, no run ended, or the fleet has no image',
  },
  examples: ['scapfeed fleet news --since 7d -o markdown', 'scapfeed fleet news -o atom=news.xml'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  return inFleet(given, terminal, async (database, now) => {
    await requireOwner(database, given.owner);
    const news = await readNews(database, sinceOf(given.since, now), ownersGiven(given.owner));
    const newest = news.runs.length === 0 ? await lastRun(database) : undefined;
    if (newest !== undefined) terminal.err(`there was no run since then: the newest is run ${newest}`);
    await writeOutputs(terminal, given.output, {
      table: () => newsTable(news),
      markdown: () => newsMarkdown(news),
      json: () => json(news),
      atom: () => newsAtom(news),
    });
    return concluded(newsOutcome(news, parametersOf(given), flagNames), terminal);
  });
}

function sinceOf(when: When | undefined, now: Date): NewsSince {
  if (when && 'age' in when) return { time: new Date(now.getTime() - when.age) };
  return when;
}
