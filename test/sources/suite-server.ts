import { createHash } from 'node:crypto';
import * as openpgp from 'openpgp';
import { type Behaviour, serve, type TestServer } from '../support/http-server.ts';

export interface SigningKey {
  privateKey: openpgp.PrivateKey;
  armored: string;
}

/** A key of a test's own. `lifetime`: seconds from `date` on. */
export async function newKey(options: { date?: Date; lifetime?: number } = {}): Promise<SigningKey> {
  const { date, lifetime } = options;
  const { privateKey, publicKey } = await openpgp.generateKey({
    userIDs: [{ name: 'a test' }],
    format: 'object',
    ...(date && { date }),
    ...(lifetime && { keyExpirationTime: lifetime }),
  });
  return { privateKey, armored: publicKey.armor() };
}

export const archiveKey = await newKey();

/** Fields of a Release file; `files` by path below the suite. */
export interface ReleaseFields {
  fields?: Record<string, string>;
  files: Record<string, Uint8Array>;
}

export function releaseText({ fields = {}, files }: ReleaseFields): string {
  const all = { Suite: 'stable', Codename: 'bookworm', Date: 'Tue, 24 Nov 2026 00:00:00 UTC', ...fields };
  const lines = Object.entries(files).map(
    ([path, content]) => ` ${digest(content)} ${content.length} ${path}\n`,
  );
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  return `${head.join('')}SHA256:\n${lines.join('')}`;
}

export async function clearsigned(
  text: string,
  keys: readonly SigningKey[] = [archiveKey],
  date?: Date,
): Promise<string> {
  const message = await openpgp.createCleartextMessage({ text });
  const signingKeys = keys.map(({ privateKey }) => privateKey);
  return openpgp.sign({ message, signingKeys, ...(date && { date }) });
}

export function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Files by URL path that a test may change while the server runs; what is not there is 404. */
export function serveFiles(files: Record<string, string | Uint8Array>): Promise<TestServer> {
  const behaviour =
    (path: string): Behaviour =>
    (_, response) => {
      const content = files[path];
      if (content === undefined) response.writeHead(404).end();
      else response.end(content);
    };
  return serve(new Proxy({}, { get: (_, path) => (typeof path === 'string' ? behaviour(path) : undefined) }));
}
