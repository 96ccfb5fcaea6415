import { parseCommand } from '../../src/cli/command.ts';
import { fleetRun } from '../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { runChoice } from '../../src/cli/options/fleet-run.ts';
import type { Queue } from '../../src/fleet/queue/queue.ts';
import type { ServeContext } from '../../src/fleet/serve/context.ts';
import { type OpenServer, openServer, type ServerOptions } from '../../src/fleet/serve/open-server.ts';
import { Runner } from '../../src/fleet/serve/runner.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { type AccessRole, makeToken } from '../../src/fleet/store/tokens.ts';
import { type HeldStore, heldStore, quiet } from './fleet.ts';
import { noFeed } from './page-server.ts';

/** A server of a fleet in this process, at a port of its own. */
export interface TestFleetServer extends OpenServer, AsyncDisposable {
  context: ServeContext;
  /** Warnings on the server's terminal. */
  warnings: string[];
  /** Makes a token. */
  token(role: AccessRole, expires?: Date): Promise<string>;
  /** Asks for a path; `token`: by that token. */
  ask(path: string, options?: RequestInit & { token?: string }): Promise<Response>;
}

/** `store`: its place, or one that stays open. */
export async function openFleetServer(
  store: string | HeldStore,
  {
    now = () => new Date(),
    host = '127.0.0.1',
    port = 0,
    before = async () => undefined,
    runs,
    maxAge,
    ...options
  }: Partial<ServerOptions> & {
    now?: () => Date;
    host?: string;
    port?: number;
    runs?: ServeContext['runs'];
    maxAge?: number;
    /** Changes the store before the server opens. */
    before?: (context: ServeContext) => Promise<unknown>;
  } = {},
): Promise<TestFleetServer> {
  const database = typeof store === 'string' ? await openDatabase(store, now()) : store;
  const close = async () => {
    if (typeof store === 'string') await database.close();
  };
  const warnings: string[] = [];
  const context: ServeContext = {
    ...{ database, tool: 'scapfeed test', now },
    warn: (text) => void warnings.push(text),
    openFeed: noFeed,
    requirePlace: async (_kind, place) => place,
    runs: runs ?? { start: async () => 1 },
    ...(maxAge !== undefined && { maxAge }),
  };
  let made = 0;
  const token = async (role: AccessRole, expires?: Date) => {
    made += 1;
    return (await makeToken(
      database,
      { name: `${role} ${made}`, role, ...(expires && { expires }) },
      now(),
    ))!;
  };
  try {
    await before(context);
    const server = await openServer(context, { listen: { host, port }, ...options });
    return {
      ...server,
      ...{ context, warnings, token },
      ask: (path, { token: given, ...init } = {}) =>
        fetch(server.origin + path, {
          redirect: 'manual',
          ...init,
          headers: { ...init.headers, ...(given !== undefined && { authorization: `Bearer ${given}` }) },
        }),
      async [Symbol.asyncDispose]() {
        await server.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server on a store of its own, which has no row. */
export async function newFleetServer(
  options?: Parameters<typeof openFleetServer>[1],
): Promise<TestFleetServer> {
  const store = await heldStore();
  const server = await openFleetServer(store, options).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await store.close();
    },
  };
}

/** Does runs by a feed, as `fleet serve` does. */
export function testRunner(
  database: Database,
  queue: Queue,
  feedFolder: string,
  ending?: AbortSignal,
): Runner {
  const given = parseCommand(fleetRun, ['--feed', feedFolder, '--max-age', '0'])!.options;
  return new Runner({
    ...{ database, queue, options: runChoice(given) },
    tools: { ...fleetTools('fleet run', given, quiet, given), ...(ending && { ending }) },
    openFeed: async () => ({ feed: openChosenFeed(feedFolder, {}), how: { signed: false } }),
  });
}

/** `METHOD /path` of the lines of a tree of routes; HEAD is what GET is. */
export function routesOf(tree: string): string[] {
  const parents: string[] = [];
  return tree
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', path = '', methods = ''] = /^([│ ]*)[├└]── (\S+) \((.*)\)$/.exec(line) ?? [];
      const depth = indent.length / 4;
      parents[depth] = depth === 0 ? '' : `${parents[depth - 1]}/${path.replace(/^\//, '')}`;
      const full = parents[depth] === '' ? '/' : parents[depth]!;
      return methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${full}`);
    });
}
