import type { SignInRules } from '../fleet/serve/access/sign-in-rules.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import { openFeedAt } from '../tasks/feed.ts';
import { remotePlace } from '../tasks/fleet/remote-place.ts';
import { groupRights, isSafeAddress, requireOpenId, safeOrigin } from '../tasks/fleet/sign-in.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import type { OpenFeed } from './feed.ts';
import { type RunFleetOptions, runFleetShapes } from './fleet-run-options.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { fleetSettingsOf, fleetToolsOf } from './fleet-tools.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { callback, count, listOf, oneOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { run } from './run.ts';

/** Options of {@link serveFleet}: address, access and schedule. */
export interface ServeFleetOptions extends RunFleetOptions {
  /**
   * Opens the feed for the next run, for example after a {@link pull}. The server closes it at the end of the run. Before the first run
   * it is also called for the page of a vulnerability, whose details are those of the folder that it opened last.
   */
  feed: () => OpenFeed | Promise<OpenFeed>;
  /**
   * The address to listen on. Default: `127.0.0.1`. A non-loopback address requires a token ({@link makeFleetToken}) or a proxy.
   */
  host?: string;
  /** The port. Default: 8710. 0 selects a free port. */
  port?: number;
  /** Certificate chain and private key as PEM text. Enables HTTPS. */
  tls?: { cert: string; key: string };
  /** Limit on requests per minute from one address. Default: 1200. */
  perMinute?: number;
  /** A reverse proxy: the trusted addresses (`10.0.0.0/24`), and the headers with a user's name and groups. */
  proxy?: { trusted: readonly string[]; userHeader?: string; groupsHeader?: string };
  /**
   * Sign-in of people with a browser at an OpenID Provider, besides tokens. `issuer` is the provider's address and `address` the one
   * of this server as browsers open it, both with TLS or on this machine; the provider sends people back to `ADDRESS/sign-in/return`.
   * The first of the roles whose group a person is in decides, with the person's other teams if it is `team`, which needs an owner. `lasts` and `idle` end a sign-in, in
   * milliseconds (defaults: 12 hours, and an hour without a request).
   */
  signIn?: {
    issuer: string;
    clientId: string;
    clientSecret?: string;
    address: string;
    roles: readonly { group: string; role: 'read' | 'write' | 'admin' | 'team'; owner?: string }[];
    scopes?: string;
    groupsClaim?: string;
    lasts?: number;
    idle?: number;
  };
  /** Interval between runs in milliseconds, counted from the last run. Default: runs only on request. */
  every?: number;
  /** Time of a daily run, in the machine's clock and time zone. Used instead of `every`. */
  at?: { hour: number; minute: number };
}

/** A server that accepts requests. */
export interface FleetServer {
  /** The URL of the server: `http://127.0.0.1:8710`. */
  readonly origin: string;
  /** `true` when there is no token: every process of this machine may read, and none may write. */
  readonly isOpen: boolean;
  /**
   * Stops accepting requests. Resolves when pending requests are answered and the current job of a run is done, at most after
   * eight seconds.
   */
  close(): Promise<void>;
}

/** @internal */
export const serveFleetParameters: ParameterCheck = new ParameterCheck('serveFleet', {
  fleet: fleetShape,
  options: required(
    optionShapes<ServeFleetOptions>({
      ...runFleetShapes,
      feed: required(callback),
      host: text,
      port: count,
      tls: optionShapes<NonNullable<ServeFleetOptions['tls']>>({
        cert: required(text),
        key: required(text),
      }),
      perMinute: count,
      proxy: optionShapes<NonNullable<ServeFleetOptions['proxy']>>({
        trusted: required(things.texts),
        userHeader: text,
        groupsHeader: text,
      }),
      signIn: optionShapes<NonNullable<ServeFleetOptions['signIn']>>({
        issuer: required(text),
        clientId: required(text),
        clientSecret: text,
        address: required(text),
        roles: required(
          listOf(
            optionShapes<NonNullable<ServeFleetOptions['signIn']>['roles'][number]>({
              group: required(text),
              role: required(oneOf(['read', 'write', 'admin', 'team'])),
              owner: text,
            }),
          ),
        ),
        scopes: text,
        groupsClaim: text,
        lasts: count,
        idle: count,
      }),
      every: count,
      at: optionShapes<NonNullable<ServeFleetOptions['at']>>({
        hour: required(count),
        minute: required(count),
      }),
    }),
  ),
});

/** Time limit for the current job of a run at shutdown, in milliseconds. */
const patience = 8_000;

/**
 * Serves the API and the pages of a fleet, and starts the scheduled runs. Same as `scapfeed fleet serve`. The server stops on
 * `close` or when `signal` is aborted; close the fleet after that.
 *
 * @throws {@link ScapfeedError} `SYSTEM_REFUSED` when the address is in use; `USAGE` when other hosts can reach the server and
 * there is no token, the certificate is unusable, `at` is not a time of day, or `signIn` contradicts itself; `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { openFeed, openFleet, serveFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('served-fleet');
 * const server = await serveFleet(fleet, { feed: () => openFeed('feed'), port: 0, at: { hour: 2, minute: 0 } });
 * const answer = await fetch(`${server.origin}/api/v1/images`);
 * console.log(answer.status, server.isOpen); // 200 true
 * await server.close();
 * await fleet.close();
 * ```
 */
export async function serveFleet(fleet: Fleet, options: ServeFleetOptions): Promise<FleetServer> {
  serveFleetParameters.check([fleet, options]);
  const { signal } = options;
  signal?.throwIfAborted();
  // The signal ends the server, which outlives this call.
  return run(serveFleetParameters, [fleet, { ...options, signal: undefined }], async (report) => {
    const schedule = scheduleOf(options);
    const signIn = signInOf(options);
    const settings = fleetSettingsOf(options);
    const database = fleet[databaseOf];
    const [{ Queue }, { openServer }, { Runner }, { keepNights }, { keepSending }] = await Promise.all([
      import('../fleet/queue/queue.ts'),
      import('../fleet/serve/open-server.ts'),
      import('../fleet/serve/runner.ts'),
      import('../fleet/serve/nights.ts'),
      import('../fleet/serve/sending.ts'),
    ]);
    const stop = new AbortController();
    const feeds = feedsOf(options);
    const warn = (message: string) => options.onWarning?.(message);
    const queue = await Queue.open(database, (error) => warn(`the queue: ${error.message}`));
    try {
      const tools = { ...(await fleetToolsOf(options, warn, report)), ending: stop.signal };
      const runner = new Runner({
        ...{ database, queue, tools, options: settings },
        async openFeed() {
          const feed = await feeds.next();
          return { feed, how: { signed: feed.origin.signed } };
        },
      });
      const { host = '127.0.0.1', port = 8710, tls, perMinute, proxy, maxAge } = options;
      const server = await openServer(
        {
          ...{ database, tool: `scapfeed ${toolVersion}`, now: currentTime, warn },
          runs: runner,
          openFeed: feeds.atHand,
          requirePlace: (kind, place) =>
            remotePlace(kind, place, { linkLocal: options.allowLinkLocalRegistries ?? false }),
          ...(maxAge !== undefined && { maxAge }),
        },
        {
          listen: { host, port },
          ...(tls && { tls }),
          ...(perMinute !== undefined && { perMinute }),
          ...(proxy && { proxy: { ...proxy, trusted: [...proxy.trusted] } }),
          ...(signIn && { signIn }),
        },
      );
      const kept = Promise.all([
        schedule && keepNights({ database, queue, runner, schedule, now: currentTime, warn }, stop.signal),
        keepSending({ database, queue, tools }, stop.signal),
      ]);
      kept.catch((error: unknown) => warn(`the server's work ended: ${String(error)}`));
      const end = async () => {
        stop.abort();
        await Promise.all([server.close(), settledWithin(patience, [runner.settled(), kept])]);
        await queue.stop();
      };
      const { origin, isOpen } = server;
      let ended: Promise<void> | undefined;
      const close = () => {
        ended ??= end();
        return ended;
      };
      const onAbort = () => void close().catch((error: unknown) => warn(String(error)));
      signal?.addEventListener('abort', onAbort, { once: true });
      return { origin, isOpen, close };
    } catch (error) {
      await queue.stop();
      throw error;
    }
  });
}

/** `feed` may pull, which no look at a page should do: what a run opened is opened again, as a later pull left it. */
function feedsOf({ feed }: Pick<ServeFleetOptions, 'feed'>) {
  let folder: string | undefined;
  const next = async () => {
    const opened = await feed();
    folder = opened.origin.directory;
    return opened;
  };
  return { next, atHand: () => (folder === undefined ? next() : openFeedAt(folder, 'option')) };
}

async function settledWithin(milliseconds: number, work: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([Promise.allSettled(work), over]);
  clearTimeout(timer);
}

function scheduleOf({ every, at }: ServeFleetOptions) {
  if (every !== undefined && at !== undefined)
    throw wrong('expected every or at, found both', 'omit one of them');
  if (at === undefined) {
    if (every === 0) throw wrong('a run after no time at all', 'give every in milliseconds');
    return every === undefined ? undefined : { every };
  }
  if (at.hour < 24 && at.minute < 60) return at;
  throw wrong(`expected a time of day, found ${at.hour}:${at.minute}`, 'give hour and minute');
}

function signInOf({ signIn }: ServeFleetOptions): SignInRules | undefined {
  if (!signIn) return undefined;
  const { roles, ...others } = signIn;
  const address = safeOrigin(signIn.address);
  if (!isSafeAddress(signIn.issuer) || address === undefined)
    throw wrong(
      'expected the issuer and the address of signIn with TLS or on this machine, and the address without a path',
      'write them as https://idp.example and https://fleet.example',
    );
  requireOpenId(signIn.scopes, 'serveFleet()');
  const rules = roles.map((role) => {
    const rights = groupRights(role);
    if (!rights) throw wrong('the role team goes with an owner, and no other role does', 'specify both');
    return rights;
  });
  return { ...others, address, roles: rules };
}

function wrong(message: string, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'USAGE', message, where: 'serveFleet()', remedy });
}
