import { once } from 'node:events';
import type { Sender } from '../../../fleet/fleet.ts';
import { Queue } from '../../../fleet/queue/queue.ts';
import type { ServeContext } from '../../../fleet/serve/context.ts';
import type { HarborContext } from '../../../fleet/serve/harbor/scans.ts';
import { keepNights, type Schedule } from '../../../fleet/serve/nights.ts';
import { Runner } from '../../../fleet/serve/runner.ts';
import { keepSending } from '../../../fleet/serve/sending.ts';
import { openDatabase } from '../../../fleet/store/open-database.ts';
import { currentTime } from '../../../io/clock.ts';
import { growHeapSlowly } from '../../../io/memory.ts';
import { remotePlace } from '../../../tasks/fleet/remote-place.ts';
import { fleetServeOptions } from '../../../tasks/fleet/server-options.ts';
import { usage } from '../../../tasks/given-words.ts';
import type { OptionValues } from '../../../tasks/option.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetTools } from '../../fleet-tools.ts';
import { openChosenFeed } from '../../options/feed-choice.ts';
import { pullBefore, requirePullChoice } from '../../options/fleet-pull.ts';
import { runChoice } from '../../options/fleet-run.ts';
import { requireHarbor, serverChoice } from '../../options/fleet-server.ts';
import { signInChoice } from '../../options/fleet-sign-in.ts';
import { fleetPlace } from '../../options/fleet-store.ts';
import { toolVersion } from '../../program.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetServe = defineCommand({
  name: 'fleet serve',
  operands: [],
  about: `Serves an API (/api/v1, /metrics) and web pages until it receives SIGTERM or SIGINT, and does the runs that are due.
On the loopback address, anyone can read until there is a token; writing needs one.`,
  options: fleetServeOptions,
  exitCodes: {
    0: 'stopped by SIGTERM or SIGINT',
    2: 'wrong use, the address is not free, or the fleet cannot be opened',
  },
  examples: [
    'scapfeed fleet serve --at 02:00',
    'scapfeed fleet serve --database postgres://fleet@db.example/fleet --listen 0.0.0.0:8710 --tls-cert fleet.pem --tls-key fleet.key',
  ],
  run,
});

/** Milliseconds that a run gets to end its job: containers are given ten seconds. */
const patience = 8_000;

async function run(
  { options: given }: Arguments<typeof fleetServeOptions, []>,
  terminal: Terminal,
): Promise<number> {
  const signIn = signInChoice('fleet serve', given, terminal.env);
  const choice = { ...serverChoice('fleet serve', given), ...(signIn && { signIn }) };
  const schedule = scheduleOf(given);
  requireHarbor('fleet serve', given);
  requirePullChoice('fleet serve', given, terminal);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const database = await openDatabase(fleetPlace(given.database, terminal.env), currentTime());
  const queue = await Queue.open(database, (error) => terminal.err(`the queue: ${error.message}`));
  try {
    const tools = { ...fleetTools('fleet serve', given, terminal, given), ending: stop.signal };
    const runner = runnerOf(given, terminal, { database, queue, tools });
    const maxAge = given['max-age'];
    const context: ServeContext = {
      ...{ database, tool: `scapfeed ${toolVersion}`, now: currentTime, warn: terminal.err },
      runs: runner,
      openFeed: () => openChosenFeed(given.feed, terminal.env),
      requirePlace: (kind, place) =>
        remotePlace(kind, place, { linkLocal: given['allow-link-local-registry'] ?? false }),
      ...(maxAge !== undefined && { maxAge }),
    };
    const harbor = given.harbor ? await openHarbor(given, terminal, { database, queue }) : undefined;
    if (harbor) context.harbor = harbor;
    // Help and completions read this command's options, and need no server.
    const { openServer } = await import('../../../fleet/serve/open-server.ts');
    growHeapSlowly(40);
    const server = await openServer(context, choice);
    terminal.err(`serving ${database.place} at ${server.origin}`);
    if (server.isOpen)
      terminal.err('there is no token: every process of this machine may read, and nobody may write');
    const nights = { database, queue, runner, now: currentTime, warn: terminal.err };
    const kept = Promise.all([
      schedule && keepNights({ ...nights, schedule }, stop.signal),
      keepSending({ database, queue, tools }, stop.signal),
      harbor?.scans.keep(stop.signal),
    ]);
    await Promise.race([stop.signal.aborted || once(stop.signal, 'abort'), kept]);
    await Promise.all([
      server.close(),
      Promise.race([
        Promise.all([runner.settled(), kept]),
        new Promise((ended) => setTimeout(ended, patience)),
      ]),
    ]);
    await harbor?.scans.close();
    return 0;
  } finally {
    await queue.stop();
    await database.close();
  }
}

async function openHarbor(
  given: OptionValues<typeof fleetServeOptions>,
  terminal: Terminal,
  { database, queue }: Pick<Sender, 'database' | 'queue'>,
): Promise<HarborContext> {
  const [{ HarborScans }, { harborTools }] = await Promise.all([
    import('../../../fleet/serve/harbor/scans.ts'),
    import('../../harbor/harbor-tools.ts'),
  ]);
  const tools = harborTools(given, terminal, {
    ...{ schedule: scheduleOf(given), pulls: given.pull ?? false },
  });
  const parts = { database, queue, tools, now: currentTime, warn: terminal.err };
  return { tools, scans: await HarborScans.open(parts) };
}

function scheduleOf({ every, at }: OptionValues<typeof fleetServeOptions>): Schedule | undefined {
  if (every !== undefined && at !== undefined)
    throw usage('fleet serve', 'expected --every or --at, found both', 'leave one out');
  return every === undefined ? at : { every };
}

function runnerOf(given: OptionValues<typeof fleetServeOptions>, terminal: Terminal, sender: Sender): Runner {
  return new Runner({
    ...{ ...sender, options: runChoice(given) },
    async openFeed() {
      const pull = await pullBefore(given, terminal);
      const feed = openChosenFeed(given.feed, terminal.env);
      return { feed, how: { signed: feed.origin.signed, ...(pull && { pull }) } };
    },
  });
}
