import { readNamed } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/error.ts';
import { sha256 } from '../../publish/feed/lines.ts';
import {
  type KeyFile,
  type KeyRole,
  type KeyType,
  makeExternalKeyFile,
  makeKeyFile,
  requireStrength,
  roles,
} from '../../publish/keys/key-file.ts';
import type { KeyStore } from '../../publish/keys/key-store.ts';
import {
  namedKeys,
  newestRoot,
  prepareRoot,
  type RootOutcome,
  signPendingRoot,
} from '../../publish/keys/root.ts';
import type { Passphrases } from '../../publish/keys/signer.ts';
import { parseDocument, type RootPart } from '../../publish/tuf/metadata.ts';

/** Where keys are: those of the root may be kept apart. */
export interface KeyStores {
  store: KeyStore;
  rootStore: KeyStore;
}

/** Options of a change of keys. */
export interface KeyChange extends KeyStores {
  passphrase: Passphrases;
  /** Signatures that roles need from now on. */
  thresholds: Partial<Record<KeyRole, number>>;
  /** When the new root expires, ISO 8601. */
  expires: string;
}

/** Options of new keys; `external`: the private half stays where this command signs with it. */
export interface NewKeys {
  type?: KeyType;
  external?: { command: readonly string[]; publicKey: string };
}

/** A key without its private half. */
export interface KeySummary {
  keyid: string;
  type: KeyType;
  roles: readonly KeyRole[];
  /** Location of the private key. */
  secret: 'sealed' | 'external' | 'away';
  /** The command that signs with an external key. */
  external?: readonly string[];
  /** `root`: listed in the newest root; `retired`: listed in an earlier root; `none`: in no root. */
  state: 'root' | 'retired' | 'none';
}

/** The keys in the folder and those listed in the newest root. */
export interface ListedKeys {
  keys: readonly KeySummary[];
  /** Absent if there is no root yet. */
  root?: {
    version: number;
    expires: string;
    thresholds: Readonly<Record<KeyRole, number>>;
    /** Digest of its file, by which a client knows it, in hexadecimal. */
    sha256: string;
  };
}

/** The result of a key change. */
export interface ChangedKeys {
  made: readonly KeySummary[];
  /** Retired keys. Their signatures stay trusted until the root is signed. */
  retired: readonly KeySummary[];
  root: RootOutcome;
}

/** @throws {ScapfeedError} KEY_MISSING if there are neither keys nor roots */
export function listKeys({ store, rootStore }: KeyStores): ListedKeys {
  const root = newestRoot(store);
  const held = allKeys({ store, rootStore });
  if (held.length === 0 && !root) throw noKeys([store, rootStore]);
  const thresholds = Object.fromEntries(
    roles.map((role) => [role, root?.signed.roles[role].threshold ?? 0]),
  ) as Record<KeyRole, number>;
  return {
    keys: withNamed(root?.signed, held).map((key) => summaryOf(key, store)),
    ...(root && {
      root: {
        version: root.signed.version,
        expires: root.signed.expires,
        thresholds,
        sha256: sha256(Buffer.from(store.rootChain().at(-1)!)),
      },
    }),
  };
}

/** @throws {ScapfeedError} KEY_MISSING if one of the folders has none: its medium may not be mounted */
export function requireKeys({ store, rootStore }: KeyStores): void {
  const empty = [store, rootStore].filter((one) => one.keys().length === 0 && one.rootChain().length === 0);
  if (empty.length > 0) throw noKeys(empty);
}

/** Makes a key for each of these roles, by default for each that has none, and the root that names it. */
export function makeKeys(
  how: KeyChange,
  wanted: readonly KeyRole[] | undefined,
  as: NewKeys,
): Promise<ChangedKeys> {
  const current = activeKeys(how);
  const lacking = roles.filter((role) => !current.some((key) => key.roles.includes(role)));
  const made = (wanted ?? lacking).map((role) => newKey(as, role, as.type ?? 'ed25519', how.passphrase));
  return change(how, current, made, []);
}

/** Replaces the keys of these roles by new ones. */
export function rotateKeys(how: KeyChange, wanted: readonly KeyRole[], as: NewKeys): Promise<ChangedKeys> {
  const current = activeKeys(how);
  const old = current.filter((key) => key.roles.some((role) => wanted.includes(role)));
  const made = old.flatMap((key) =>
    key.roles.map((role) => newKey(as, role, as.type ?? key.key.keytype, how.passphrase)),
  );
  return change(
    how,
    current.filter((key) => !old.includes(key)),
    made,
    old,
  );
}

/** The keys in use whose id begins so. */
export function keysBeginning(stores: KeyStores, digits: string): KeyFile[] {
  return digits === '' ? [] : activeKeys(stores).filter(({ keyid }) => keyid.startsWith(digits));
}

/** Takes a key out of the root. */
export function revokeKey(how: KeyChange, { keyid }: Pick<KeyFile, 'keyid'>): Promise<ChangedKeys> {
  const current = activeKeys(how);
  const [old, kept] = [
    current.filter((key) => key.keyid === keyid),
    current.filter((key) => key.keyid !== keyid),
  ];
  return change(how, kept, [], old);
}

/** Adds the root keys at hand to a root that waits for signatures. */
export function signRoot({ store, rootStore }: KeyStores, passphrase: Passphrases): Promise<RootOutcome> {
  return signPendingRoot(store, [store, rootStore], passphrase);
}

function newKey({ external }: NewKeys, role: KeyRole, type: KeyType, passphrase: Passphrases): KeyFile {
  if (external) return makeExternalKeyFile(readText(external.publicKey), [role], external.command);
  const secret = passphrase(role);
  if (secret !== '') requireStrength(secret, role);
  return makeKeyFile(type, [role], secret);
}

/**
 * Signs the next root first. Only then are the new keys written, and after them the root that names them. A key that a
 * crash left behind is in no root, and no later root uses it.
 */
async function change(
  { store, rootStore, passphrase, thresholds, expires }: KeyChange,
  kept: readonly KeyFile[],
  made: readonly KeyFile[],
  old: readonly KeyFile[],
): Promise<ChangedKeys> {
  const next = { keys: [...kept, ...made], thresholds, expires };
  const root = prepareRoot(store, [store, rootStore], next, passphrase);
  const home = (key: KeyFile) => (key.roles.includes('root') ? rootStore : store);
  const known = new Set(allKeys({ store, rootStore }).map(({ keyid }) => keyid));
  try {
    for (const key of made) await home(key).save(key);
    await root.commit();
  } catch (error) {
    for (const key of made) if (!known.has(key.keyid)) home(key).remove(key);
    throw error;
  }
  const { version, missing } = root;
  const summaries = (keys: readonly KeyFile[]) => keys.map((key) => summaryOf(key, store));
  return { made: summaries(made), retired: summaries(old), root: { version, missing } };
}

/** The keys of the newest root, at hand or not; before the first root, all keys that were made. */
function activeKeys(stores: KeyStores): KeyFile[] {
  const root = newestRoot(stores.store);
  return root ? namedKeys(root.signed, allKeys(stores)) : allKeys(stores);
}

function allKeys({ store, rootStore }: KeyStores): KeyFile[] {
  const found = store === rootStore ? store.keys() : [...rootStore.keys(), ...store.keys()];
  return [...new Map(found.map((key) => [key.keyid, key])).values()];
}

/** The keys at hand, and the other keys of the root with their public half only. */
function withNamed(root: RootPart | undefined, held: readonly KeyFile[]): KeyFile[] {
  const known = new Set(held.map(({ keyid }) => keyid));
  const away = root ? namedKeys(root, held).filter(({ keyid }) => !known.has(keyid)) : [];
  return [...away, ...held];
}

function summaryOf({ keyid, key, roles: own, external, secret }: KeyFile, store: KeyStore): KeySummary {
  const named = newestRoot(store)?.signed.keys[keyid] !== undefined;
  const before = store.rootChain().some((root) => keyidsOf(root).includes(keyid));
  return {
    keyid,
    type: key.keytype,
    roles: own,
    secret: external ? 'external' : secret ? 'sealed' : 'away',
    ...(external && { external }),
    state: named ? 'root' : before ? 'retired' : 'none',
  };
}

function keyidsOf(root: string): string[] {
  return Object.keys(parseDocument<RootPart>(root, 'root').signed.keys);
}

function noKeys(stores: readonly KeyStore[]): ScapfeedError {
  return new ScapfeedError({
    code: 'KEY_MISSING',
    message: 'no keys found',
    where: [...new Set(stores.map(({ directory }) => directory))].join(', '),
    remedy:
      'specify their folders with --keys and --root-keys, and check that the medium is mounted; or make keys with `scapfeed keys make`',
  });
}

function readText(file: string): string {
  try {
    return readNamed(file).toString('utf8');
  } catch (cause) {
    throw new ScapfeedError({ code: 'USAGE', message: 'the public key cannot be read', where: file, cause });
  }
}
