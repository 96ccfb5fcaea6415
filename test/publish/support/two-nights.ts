import { cpSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { ScapfeedError } from '../../../src/model/error.ts';
import { type KeyStore, openKeyStore } from '../../../src/publish/keys/key-store.ts';
import { fileInfo } from '../../../src/publish/site/sign-site.ts';
import { targetPath } from '../../../src/published/names.ts';
import { checkFeed } from '../../../src/validate/feed-files.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import {
  type Answer,
  daysLater,
  type HostileServer,
  makePublisher,
  type Publisher,
  pullInto,
  resign,
  serve,
  writeNight,
} from './publisher.ts';

/** A publisher's folder as it stood after the first night, and after the second. */
export interface TwoNights {
  publisher: Publisher;
  older: string;
  newer: string;
}

export async function makeTwoNights(): Promise<TwoNights> {
  const publisher = await makePublisher();
  await publisher.publish([writeNight(60)]);
  const older = copyOf(publisher.site);
  await publisher.publish([writeNight(60, { 'package-0003': '2.0-1' })], { date: daysLater(1) });
  return { publisher, older, newer: copyOf(publisher.site) };
}

export function copyOf(site: string): string {
  const copy = join(temporaryFolder(), 'site');
  cpSync(site, copy, { recursive: true });
  return copy;
}

/** A client that has pulled a platform from this site. */
export async function pulledClient({ root }: Publisher, site: string): Promise<string> {
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, site, { pinned: root, platforms: ['debian-12'], now: daysLater(1) });
  return out;
}

/** The site and the keys, to do with as one likes. */
export function copyPublisher({ store }: Publisher, site: string): { site: string; store: KeyStore } {
  const folder = temporaryFolder();
  cpSync(store.directory, folder, { recursive: true });
  return { site: copyOf(site), store: openKeyStore(folder) };
}

const servers: HostileServer[] = [];

/** Call once in a file: the servers of a test end with it. */
export function closeServers(): void {
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
}

export async function lying(site: string, answers: Readonly<Record<string, Answer>>): Promise<string> {
  const server = await serve(site, answers);
  servers.push(server);
  return server.url;
}

export const metadata = (site: string, name: string) => readFileSync(join(site, 'metadata', name), 'utf8');
/** The target that a client of the first night asks for first: a delta, or the manifest where none saves anything. */
export function target(site: string): { path: string; bytes: Buffer } {
  const { signed } = JSON.parse(metadata(site, roleFile(site, 'debian-12')));
  const names = Object.keys(signed.targets);
  const name = names.find((known) => known.includes('/delta/')) ?? 'debian-12/manifest.json.br';
  const { sha256 } = signed.targets[name].hashes;
  return { path: `targets/${name}`, bytes: readFileSync(join(site, targetPath(name, sha256))) };
}

/** Pulls into a client's place what must be refused: with this code, a place and a remedy, exit 3, and the feed in use stays. */
export async function refused(
  out: string,
  url: string,
  code: string,
  now = daysLater(1),
): Promise<ScapfeedError> {
  const before = realpathSync(out);
  const error = await pullInto(out, url, { now }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ScapfeedError);
  const told = error as ScapfeedError;
  expect(told.code, told.message).toBe(code);
  expect(told.exitCode).toBe(3);
  expect(told.where).toBeTruthy();
  expect(told.remedy).toBeTruthy();
  expect(realpathSync(out)).toBe(before);
  await checkFeed(out);
  return told;
}

export function roleFile(site: string, role: string): string {
  const found = readdirSync(join(site, 'metadata')).filter((name) => name.endsWith(`.${role}.json`));
  return found.sort().at(-1)!;
}

/** A publisher whose online keys fell to the attacker: role, snapshot and timestamp signed anew around changed roles. */
export async function signChain(
  site: string,
  store: KeyStore,
  changed: Record<string, string>,
): Promise<void> {
  const snapshotText = metadata(site, roleFile(site, 'snapshot'));
  const meta: Record<string, unknown> = {};
  for (const [role, text] of Object.entries(changed)) {
    const version = 90;
    const body = resign(text, store, (part) => {
      part['version'] = version;
    });
    writeFileSync(join(site, 'metadata', `${version}.${role}.json`), body);
    meta[`${role}.json`] = { version, ...fileInfo(body) };
  }
  const snapshot = resign(snapshotText, store, (part) => {
    part['version'] = 90;
    part['meta'] = { ...(part['meta'] as object), ...meta };
  });
  writeFileSync(join(site, 'metadata/90.snapshot.json'), snapshot);
  const timestamp = resign(metadata(site, 'timestamp.json'), store, (part) => {
    part['version'] = 90;
    part['meta'] = { 'snapshot.json': { version: 90, ...fileInfo(snapshot) } };
  });
  writeFileSync(join(site, 'metadata/timestamp.json'), timestamp);
}
