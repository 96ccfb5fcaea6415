import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeAtomically } from '../../io/files.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { KeyFile, Role } from './key-file.ts';

const keyName = /^[0-9a-f]{64}\.json$/;
const rootName = /^([1-9]\d{0,8})\.root\.json$/;

/** The root that waits for signatures of other holders. */
const pendingName = 'pending.root.json';

/** A folder of `KEYID.json` and `N.root.json`: the keys of a publisher and the chain of roots that speak for them. */
export interface KeyStore {
  readonly directory: string;
  /** In order of role and keyid. */
  keys(): KeyFile[];
  save(key: KeyFile): Promise<void>;
  /** Texts of the roots, 1 first. */
  rootChain(): string[];
  /** Adds the next root to the chain; one that is there is never replaced. */
  saveRoot(version: number, text: string): Promise<void>;
  pendingRoot(): string | undefined;
  savePendingRoot(text: string): Promise<void>;
  dropPendingRoot(): void;
}

export function openKeyStore(directory: string): KeyStore {
  const folder = resolve(directory);
  return {
    directory: folder,
    keys: () => readKeys(folder),
    save: (key) => writePrivately(folder, `${key.keyid}.json`, `${JSON.stringify(key, undefined, 1)}\n`),
    rootChain: () => readChain(folder),
    async saveRoot(version, text) {
      const name = `${version}.root.json`;
      if (existsSync(join(folder, name))) {
        throw new ScapfeedError({
          code: 'KEY_EXISTS',
          message: `root version ${version} exists already`,
          where: join(folder, name),
        });
      }
      await writePrivately(folder, name, text);
    },
    pendingRoot: () => readText(join(folder, pendingName)),
    savePendingRoot: (text) => writePrivately(folder, pendingName, text),
    dropPendingRoot: () => rmSync(join(folder, pendingName), { force: true }),
  };
}

/** The keys of a role that the newest root may name. KEY_MISSING when there are none. */
export function roleKeys(stores: readonly KeyStore[], role: Role): KeyFile[] {
  const found = stores.flatMap((store) => store.keys()).filter((key) => key.roles.includes(role));
  if (found.length > 0) return found;
  throw new ScapfeedError({
    code: 'KEY_MISSING',
    message: `no key for the role ${role}`,
    where: stores.map(({ directory }) => directory).join(', '),
    remedy: `make one with \`scapfeed keys make --role ${role}\`, or name its folder with --keys or --root-keys`,
  });
}

function readKeys(folder: string): KeyFile[] {
  const keys = listing(folder)
    .filter((name) => keyName.test(name))
    .map((name) => parseKey(readFileSync(join(folder, name), 'utf8'), join(folder, name)));
  const order = (key: KeyFile) => `${key.roles.join()} ${key.keyid}`;
  return keys.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function parseKey(text: string, where: string): KeyFile {
  let key: Partial<KeyFile> | null = null;
  try {
    key = JSON.parse(text) as Partial<KeyFile> | null;
  } catch {
    // Told below with everything else that is no key file.
  }
  const whole = key?.format === 1 && key.keyid && Array.isArray(key.roles) && key.key?.keyval?.public;
  if (whole) return key as KeyFile;
  throw new ScapfeedError({
    code: 'KEY_MALFORMED',
    message: 'expected a key file of format 1, found something else',
    where,
    remedy: 'remove the file, or bring back a good copy of it',
  });
}

function readChain(folder: string): string[] {
  const versions = listing(folder).flatMap((name) => rootName.exec(name)?.[1] ?? []);
  const sorted = versions.map(Number).sort((a, b) => a - b);
  return sorted.map((version) => readFileSync(join(folder, `${version}.root.json`), 'utf8'));
}

function listing(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function writePrivately(folder: string, name: string, text: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await writeAtomically(join(folder, name), text);
}
