import { openFleet } from '../../../fleet/open-fleet.ts';
import { jobKinds } from '../../../fleet/queue/queue.ts';
import { work } from '../../../fleet/work.ts';
import { growHeapSlowly } from '../../../io/memory.ts';
import { fleetWorkerOptions } from '../../../tasks/fleet/command-options.ts';
import { usage } from '../../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetTools } from '../../fleet-tools.ts';
import { openChosenFeed } from '../../options/feed-choice.ts';

import { fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetWorker = defineCommand({
  name: 'fleet worker',
  operands: [],
  about: `Does jobs of runs that other processes started, until it receives SIGTERM or SIGINT. It needs the same feed as the
run, and a PostgreSQL server as the database. If a worker dies, another one takes its job.`,
  options: fleetWorkerOptions,
  exitCodes: {
    0: 'stopped by SIGTERM or SIGINT',
    2: 'wrong use, or the fleet cannot be opened',
    3: 'the feed is missing or damaged',
  },
  examples: ['scapfeed pull && scapfeed fleet worker --database postgres://fleet@db.example/fleet'],
  run,
});

async function run(
  { options: given }: Arguments<typeof fleetWorkerOptions, []>,
  terminal: Terminal,
): Promise<number> {
  const place = fleetPlace(given.database, terminal.env);
  const open = () => openChosenFeed(given.feed, terminal.env);
  const tools = { ...fleetTools('fleet worker', given, terminal), reopen: open };
  growHeapSlowly(40);
  const fleet = await openFleet(place, open(), tools);
  try {
    if (fleet.database.kind === 'embedded') {
      throw usage(
        'fleet worker',
        'the embedded database has one process, which does the jobs itself',
        'specify a server with --database',
      );
    }
    const end = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end.abort());
    terminal.note(`working for ${fleet.database.place} by the feed ${fleet.feed.digest().slice(0, 19)}`);
    await work(fleet, jobKinds, end.signal);
    return 0;
  } finally {
    await fleet.close();
    fleet.feed.close();
  }
}
