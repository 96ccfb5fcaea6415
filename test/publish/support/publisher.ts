import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { defaultLimits } from '../../../src/publish/gates/gates.ts';
import { type KeyFile, type KeyRole, makeKeyFile, roles } from '../../../src/publish/keys/key-file.ts';
import { type KeyStore, openKeyStore } from '../../../src/publish/keys/key-store.ts';
import { changeRoot } from '../../../src/publish/keys/root.ts';
import { openSigner } from '../../../src/publish/keys/signer.ts';
import { type FeedPublishOptions, type PublishOutcome, publish } from '../../../src/publish/publish.ts';
import { type FeedPullOptions, type PullOutcome, pull } from '../../../src/publish/pull/pull.ts';
import { parseDocument, type SignedPart, signPart } from '../../../src/publish/tuf/metadata.ts';
import { certificate, privateKey } from '../../image/support/tls.ts';
import { bookworm, type SmallPlatform, trixie, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** The day on which everything is signed, a day after the small feed's data. */
export const signingDay = new Date('2026-11-21T00:00:00Z');
const day = 86_400_000;

export function daysLater(days: number): Date {
  return new Date(signingDay.getTime() + days * day);
}

export const passphrase = () => 'a passphrase of tests';

/** A key that opens at once: what guessing costs is not what these tests are about. */
export function cheapKey(...keyRoles: KeyRole[]): KeyFile {
  return makeKeyFile('ed25519', keyRoles, passphrase(), { N: 16, r: 8, p: 1 });
}

export interface Publisher {
  site: string;
  store: KeyStore;
  /** The root that clients pin. */
  root: Buffer;
  publish(feeds: readonly string[], options?: Partial<FeedPublishOptions>): Promise<PublishOutcome>;
}

/** A key store with one key a role and an empty folder to publish into. */
export async function makePublisher(date = signingDay): Promise<Publisher> {
  const store = openKeyStore(temporaryFolder());
  const keys = roles.map((role) => cheapKey(role));
  for (const key of keys) await store.save(key);
  await changeRoot(store, [store], { keys, expires: iso(new Date(date.getTime() + 365 * day)) }, passphrase);
  const site = join(temporaryFolder(), 'site');
  return {
    site,
    store,
    root: Buffer.from(store.rootChain()[0]!),
    publish: (feeds, options = {}) =>
      publish({ ...publishDefaults(options.date ?? date), feeds, to: site, store, ...options }),
  };
}

export function publishDefaults(date = signingDay) {
  const after = (days: number) => iso(new Date(date.getTime() + days * day));
  return {
    passphrase,
    date,
    expires: { targets: after(90), snapshot: after(14), timestamp: after(3) },
    encodings: ['br', 'gz'] as const,
    keep: 8,
    deltas: 7,
    oval: true,
    content: true,
    limits: defaultLimits,
    sentinels: [],
    accepted: [],
    validate: async () => new Map<string, string[]>(),
    progress: () => {},
  };
}

export function pullInto(
  out: string,
  from: string | readonly string[],
  options: Partial<FeedPullOptions> = {},
): Promise<PullOutcome> {
  return pull({
    from: [from].flat(),
    out,
    now: signingDay,
    oval: false,
    content: false,
    progress: () => {},
    http: { env: {}, limits: { retries: 1, firstDelay: 1, idle: 500, headers: 500 } },
    ...options,
  });
}

export type Night = Record<string, string>;

/**
 * A feed of two releases with `count` packages; `fixed` gives some of them a fix: package -> version. `large` adds
 * packages with many vulnerabilities of older years: package -> how many.
 */
export function writeNight(
  count: number,
  fixed: Night = {},
  drop: readonly string[] = [],
  large: Readonly<Record<string, number>> = {},
): string {
  const statements: SmallPlatform['statements'][number][] = [];
  for (const [name, ids] of Object.entries(large)) {
    for (let at = 0; at < ids; at++) {
      const vulnerability = `CVE-2020-${1000 + at}`;
      statements.push({ package: name, vulnerability, status: 'affected', fixState: 'none_yet' });
    }
  }
  for (let at = 0; at < count; at++) {
    const name = `package-${String(at).padStart(4, '0')}`;
    if (drop.includes(name)) continue;
    const version = fixed[name];
    statements.push({
      package: name,
      vulnerability: `CVE-2026-${1000 + at}`,
      ...(version === undefined
        ? { status: 'affected', fixState: 'none_yet' }
        : { status: 'fixed', fixed: version }),
    });
    statements.push({
      package: name,
      vulnerability: `CVE-2025-${1000 + at}`,
      status: 'fixed',
      fixed: '1.0-1',
    });
  }
  const roster = new Map([['package-0000', { version: '1.0-1', binaries: [] }]]);
  return writeSmallFeed([
    { platform: bookworm, data: { roster }, statements },
    { platform: trixie, statements: statements.slice(-8) },
  ]);
}

export interface HostileServer {
  url: string;
  /** Paths, without their first slash. */
  requests: string[];
  /** All else that clients let it see. */
  heads: IncomingMessage[];
  /** Ports of its clients. */
  connections: number[];
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

const tls = { key: privateKey, cert: certificate };
const servers = {
  http: (listener: RequestListener): Server => createServer(listener),
  https: (listener: RequestListener): Server => createTlsServer(tls, listener),
  h2: (listener: RequestListener): Server =>
    createSecureServer(tls, listener as unknown as Http2Listener) as unknown as Server,
};

/** Serves a published folder on loopback; `answers` lie for single paths. */
export async function serve(
  site: string,
  answers: Readonly<Record<string, Answer>> = {},
  protocol: keyof typeof servers = 'http',
): Promise<HostileServer> {
  const [requests, heads, connections]: [string[], IncomingMessage[], number[]] = [[], [], []];
  const open = new Set<Socket>();
  const server = servers[protocol]((request, response) => {
    const path = request.url!.slice(1);
    requests.push(path);
    heads.push(request);
    const lie = answers[path] ?? answers[path.replace(/[0-9a-f]{64}\./, '')];
    if (lie) lie(response, request);
    else sendFile(join(site, path), response);
  });
  server.on('connection', (socket: Socket) => {
    connections.push(socket.remotePort!);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    heads,
    connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function sendFile(file: string, response: ServerResponse): void {
  try {
    const bytes = readFileSync(file);
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

export function send(content: string | Buffer): Answer {
  return (response) => response.writeHead(200).end(content);
}

/** A body that does not end. */
export const endless: Answer = (response) => {
  response.writeHead(200);
  const piece = Buffer.alloc(65_536, 0x20);
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more).on('error', () => {});
  more();
};

/** Changes the signed part of a document and signs it again, by keys of this store that may sign the role. */
export function resign(
  text: string,
  store: KeyStore,
  change: (part: Record<string, unknown>) => void,
): string {
  const { signed } = parseDocument<SignedPart>(text, 'test');
  change(signed as unknown as Record<string, unknown>);
  const signers = store
    .keys()
    .filter((key) => key.roles.includes(signed._type))
    .map((key) => openSigner(key, passphrase));
  return signPart(signed, signers);
}

export function iso(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
