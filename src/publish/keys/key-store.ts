import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeAtomically } from '../../io/files.ts';
import { readWhole } from '../../io/read-whole.ts';
import { systemReason, writeError } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import { othersMayAny, ownFolder, requireOwn } from '../private-folder.ts';
import type { KeyFile, KeyRole } from './key-file.ts';

const keyName = /^[0-9a-f]{64}\.json$/;
const rootName = /^([1-9]\d{0,8})\.root\.json$/;

/** The root that waits for signatures of other holders. */
const pendingName = 'pending.root.json';

/** A folder of `KEYID.json` and `N.root.json`: the keys of a publisher and the chain of roots that name them. */
export interface KeyStore {
  readonly directory: string;
  /** The keys by role and keyid. @throws KEY_NOT_PRIVATE if others may read or change them */
  keys(): KeyFile[];
  save(key: KeyFile): Promise<void>;
  remove(key: KeyFile): void;
  /** Texts of the roots, 1 first. */
  rootChain(): string[];
  /** Adds the next root to the chain; an existing one is not replaced. */
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
    save: (key) => write(folder, `${key.keyid}.json`, `${JSON.stringify(key, undefined, 1)}\n`),
    remove: (key) => rmSync(join(folder, `${key.keyid}.json`), { force: true }),
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
      await write(folder, name, text);
    },
    pendingRoot: () => readText(join(folder, pendingName)),
    savePendingRoot: (text) => write(folder, pendingName, text),
    dropPendingRoot: () => rmSync(join(folder, pendingName), { force: true }),
  };
}

/** The keys of a role that the newest root may name. @throws KEY_MISSING if there are none */
export function roleKeys(stores: readonly KeyStore[], role: KeyRole): KeyFile[] {
  const found = stores.flatMap((store) => store.keys()).filter((key) => key.roles.includes(role));
  if (found.length > 0) return found;
  throw new ScapfeedError({
    code: 'KEY_MISSING',
    message: `no key for the role ${role}`,
    where: stores.map(({ directory }) => directory).join(', '),
    remedy: `make one with \`scapfeed keys make --role ${role}\`, or specify its folder with --keys or --root-keys`,
  });
}

/** Key files must be private: a passphrase can be guessed from one, and its command, if it has one, is run. */
const keyMode = 0o600;

function readKeys(folder: string): KeyFile[] {
  const names = listing(folder).filter((name) => keyName.test(name));
  const own = { forbidden: othersMayAny, code: 'KEY_NOT_PRIVATE' } as const;
  if (names.length > 0) requireOwn(folder, statSync(folder), { kind: 'folder', ...own });
  const keys = names.map((name) => {
    const file = join(folder, name);
    requireOwn(file, statSync(file), { kind: 'file', ...own });
    return parseKey(readWhole(file).toString('utf8'), file);
  });
  const order = (key: KeyFile) => `${key.roles.join()} ${key.keyid}`;
  return keys.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function parseKey(text: string, where: string): KeyFile {
  let key: Partial<KeyFile> | null = null;
  try {
    key = JSON.parse(text) as Partial<KeyFile> | null;
  } catch {
    // Reported below like any other file that is not a key file.
  }
  const whole = key?.format === 1 && key.keyid && Array.isArray(key.roles) && key.key?.keyval?.public;
  if (whole) return key as KeyFile;
  throw new ScapfeedError({
    code: 'KEY_MALFORMED',
    message: 'expected a key file of format 1, found something else',
    where,
    remedy: 'remove the file, or restore a good copy of it',
  });
}

/** The file of the newest root, which is the one to give to clients: the first before there is any. */
export function newestRootFile({ directory, rootChain }: Pick<KeyStore, 'directory' | 'rootChain'>): string {
  return join(directory, `${Math.max(1, rootChain().length)}.root.json`);
}

function readChain(folder: string): string[] {
  const versions = listing(folder).flatMap((name) => rootName.exec(name)?.[1] ?? []);
  const sorted = versions.map(Number).sort((a, b) => a - b);
  return sorted.map((version) => readWhole(join(folder, `${version}.root.json`)).toString('utf8'));
}

function listing(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readWhole(path).toString('utf8') : undefined;
}

async function write(folder: string, name: string, text: string): Promise<void> {
  try {
    ownFolder(folder, othersMayAny, 'KEY_NOT_PRIVATE');
    await writeAtomically(join(folder, name), text, keyMode);
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw writeError({
      message: `the keys cannot be written: ${systemReason(cause)}`,
      where: join(folder, name),
      remedy:
        'free space or grant access, and run the command again; the existing keys and roots are unchanged',
      cause,
    });
  }
}
