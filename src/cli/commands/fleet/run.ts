import { busy } from '../../../fleet/busy.ts';
import { readNews } from '../../../fleet/news/read-news.ts';
import { openFleet } from '../../../fleet/open-fleet.ts';
import { throughRestarts } from '../../../fleet/outlasting.ts';
import { runFleet } from '../../../fleet/run.ts';
import { growHeapSlowly } from '../../../io/memory.ts';
import { newsTable } from '../../../report/fleet/news-table.ts';
import { runText } from '../../../report/fleet/run-text.ts';
import { fleetRunOptions } from '../../../tasks/fleet/command-options.ts';
import { dueForGate, requireRatings, requireSla, runOutcome } from '../../../tasks/fleet/gate.ts';
import { flagNames } from '../../../tasks/outcome.ts';
import { parametersOf } from '../../../tasks/parameters.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetTools } from '../../fleet-tools.ts';
import { openChosenFeed } from '../../options/feed-choice.ts';
import { pullBefore } from '../../options/fleet-pull.ts';
import { runChoice } from '../../options/fleet-run.ts';
import { fleetPlace } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import { concluded } from '../../target-run.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetRunOptions, output: outputs('fleet run') };

export const fleetRun = defineCommand({
  name: 'fleet run',
  operands: [],
  about: `Looks up every image by name, reads new images, judges again what a changed feed or image affects, and
reports what changed. Known images are not fetched again. Any number of \`scapfeed fleet worker\` processes can
share the work.`,
  options,
  isLong: true,
  exitCodes: {
    0: 'fine',
    1: 'news that match --fail-on-new, or with --fail-on-overdue an overdue flaw, or an image that is not signed as --require-signed requires',
    2: 'wrong use, or the fleet cannot be opened, or --fail-on-overdue without an SLA',
    3:
      'the feed is missing, damaged, without platforms, or older than --max-age; or --pull failed and the ' +
      'last good feed was used; or another run is active; or the disk of the database is full',
    4:
      'the fleet has no image; or an image could not be read, a registry could not be listed, or no platform ' +
      'covers an image; or an image is past its end of life or its package database is incomplete; or an image has no signature ' +
      'for --require-signed; or, with --fail-on-uncovered, an image has packages without data; or, with ' +
      '--fail-on-new, more than half of the new flaws are unrated, or, with --fail-on-overdue, of those that the SLA could have a day for',
  },
  examples: ['scapfeed fleet run --pull --fail-on-new high'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const pull = await pullBefore(given, terminal);
  growHeapSlowly(40);
  const feed = openChosenFeed(given.feed, terminal.env);
  const gate = parametersOf(given);
  requireRatings(gate, feed.manifest, flagNames);
  const tools = fleetTools('fleet run', given, terminal, given);
  const fleet = await openFleet(fleetPlace(given.database, terminal.env), feed, tools, terminal.openStore);
  try {
    if (gate.failOnOverdue) await requireSla(fleet.database, flagNames('failOnOverdue'));
    const summary = await runFleet(fleet, runChoice(given), {
      signed: feed.origin.signed,
      ...(pull && { pull }),
    });
    if (!summary) throw busy(fleet.database);
    const news = await throughRestarts(tools, () => readNews(fleet.database, { run: summary.run }, 'all'));
    const due = await throughRestarts(tools, () => dueForGate(fleet.database, gate, tools.now()));
    await writeOutputs(terminal, given.output, {
      table: () => runText(summary) + newsTable(news),
      json: () => json({ ...summary, news, usage: terminal.measure() }),
    });
    const pullFailed = pull !== undefined && 'code' in pull;
    return concluded(runOutcome(summary, news, gate, flagNames, { due, pullFailed }), terminal);
  } finally {
    await fleet.close();
    feed.close();
  }
}
