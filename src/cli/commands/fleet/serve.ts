import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { openDatabase } from '../../../fleet/store/open-database.ts';
import { currentTime } from '../../../io/clock.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { form, group, withDefault } from '../../option.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';
import { toolVersion } from '../../version.ts';

const options = {
  ...fleetOptions,
  ...group('Server', {
    listen: withDefault(
      form(
        'HOST:PORT',
        'where it listens',
        listenAddress,
        'write it as 127.0.0.1:8710, [::1]:8710 or 0.0.0.0:8710',
      ),
      { host: '127.0.0.1', port: 8710 },
      '127.0.0.1:8710',
    ),
  }),
};

export const fleetServe = defineCommand({
  name: 'fleet serve',
  operands: [],
  about: 'Serves the fleet over HTTP until it is told to end (SIGTERM, SIGINT).',
  options,
  exitCodes: {
    0: 'it was told to end',
    2: 'wrong use, the address is not free, or the fleet cannot be opened',
  },
  examples: ['scapfeed fleet serve --database postgres://fleet@db.example/fleet'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const database = await openDatabase(fleetPlace(given.database, terminal.env), currentTime());
  try {
    // Help and completions read this command's options, and need no server.
    const { openServer } = await import('../../../fleet/serve/open-server.ts');
    const context = {
      ...{ database, tool: `scapfeed ${toolVersion}`, now: currentTime },
      warn: terminal.err,
    };
    const server = await openServer(context, { listen: given.listen });
    terminal.err(`serving ${database.place} at ${server.origin}`);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await server.close();
    return 0;
  } finally {
    await database.close();
  }
}

function listenAddress(text: string): { host: string; port: number } | undefined {
  const [, inBrackets, plain = '', digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (inBrackets !== undefined && !isIPv6(inBrackets)))
    return undefined;
  return { host: inBrackets ?? plain, port };
}
