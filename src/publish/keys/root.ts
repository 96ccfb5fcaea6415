import { ScapfeedError } from '../../model/error.ts';
import {
  missingSignatures,
  parseDocument,
  type RootPart,
  type SignedDocument,
  signPart,
  specVersion,
} from '../tuf/metadata.ts';
import { type KeyFile, type KeyRole, roles } from './key-file.ts';
import type { KeyStore } from './key-store.ts';
import { openSigner, type Passphrases } from './signer.ts';

export interface RootChange {
  /** The keys of every role in the next root. */
  keys: readonly KeyFile[];
  /** Thresholds that change; a new role starts with 1. */
  thresholds?: Partial<Record<KeyRole, number>>;
  /** ISO 8601. */
  expires: string;
}

/** The result of signing a root. */
export interface RootOutcome {
  version: number;
  /** Number of signatures that other key holders must still add. With 0 the root is part of the chain. */
  missing: number;
}

/** The newest root of a store's chain, or undefined for a store without one. */
export function newestRoot(store: KeyStore): SignedDocument<RootPart> | undefined {
  const text = store.rootChain().at(-1);
  return text === undefined ? undefined : parseDocument<RootPart>(text, store.directory);
}

/** A root that is signed with the available keys and not yet written. */
export interface PreparedRoot extends RootOutcome {
  commit(): Promise<void>;
}

/**
 * Makes the next root. It needs a threshold of signatures by the last root's keys and by its own (specification 5.3.4, 6.1).
 * With the available keys it either joins the chain or waits as pending.root.json for `keys sign`. Nothing is written
 * before `commit`. @throws KEY_MISSING if no key of the last root is available, unless another holder is added
 */
export function prepareRoot(
  store: KeyStore,
  holders: readonly KeyStore[],
  change: RootChange,
  passphrase: Passphrases,
): PreparedRoot {
  const last = newestRoot(store);
  const part = nextRoot(last?.signed, change);
  const held = [...change.keys, ...holders.flatMap((holder) => holder.keys())];
  if (last && !addsHolder(last.signed, part)) requireHolder(last.signed, held, holders);
  return settle(store, held, { signatures: [], signed: part }, passphrase);
}

/** The same, and writes it. */
export async function changeRoot(
  store: KeyStore,
  holders: readonly KeyStore[],
  change: RootChange,
  passphrase: Passphrases,
): Promise<RootOutcome> {
  const prepared = prepareRoot(store, holders, change, passphrase);
  await prepared.commit();
  return prepared;
}

/** The keys that a root names, of every role; only the public key of those that are not available. */
export function namedKeys({ keys, roles: named }: RootPart, held: readonly KeyFile[]): KeyFile[] {
  const files = new Map(held.map((file) => [file.keyid, file]));
  return Object.entries(keys).map(([keyid, key]) => {
    const own = roles.filter((role) => named[role].keyids.includes(keyid));
    return files.get(keyid) ?? { format: 1, keyid, roles: own, key };
  });
}

/** Adds the signatures of the available root keys to the pending root. */
export async function signPendingRoot(
  store: KeyStore,
  holders: readonly KeyStore[],
  passphrase: Passphrases,
): Promise<RootOutcome> {
  const text = store.pendingRoot();
  if (text === undefined) {
    throw new ScapfeedError({
      code: 'KEY_MISSING',
      message: 'no root is waiting for signatures',
      where: store.directory,
      remedy: 'get the file pending.root.json from the person who changed the keys',
    });
  }
  const document = parseDocument<RootPart>(text, 'pending.root.json');
  const held = holders.flatMap((holder) => holder.keys());
  requireHolder(document.signed, held, holders);
  const prepared = settle(store, held, document, passphrase);
  await prepared.commit();
  return prepared;
}

function settle(
  store: KeyStore,
  held: readonly KeyFile[],
  document: SignedDocument<RootPart>,
  passphrase: Passphrases,
): PreparedRoot {
  const last = newestRoot(store);
  const { version } = document.signed;
  const expected = (last?.signed.version ?? 0) + 1;
  if (version !== expected) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_SKIPPED',
      message: `expected root version ${expected} to follow the chain, found ${version}`,
      where: store.directory,
      remedy: 'get the missing roots, or make the change again',
    });
  }
  const text = signWithHeld(document, last, held, passphrase);
  const signed = parseDocument<RootPart>(text, 'root');
  const missing = Math.max(missingSignatures(signed, signed), last ? missingSignatures(last, signed) : 0);
  return {
    version,
    missing,
    async commit() {
      if (missing > 0) return store.savePendingRoot(text);
      await store.saveRoot(version, text);
      store.dropPendingRoot();
    },
  };
}

function canSign({ secret, external }: KeyFile): boolean {
  return secret !== undefined || external !== undefined;
}

/** True if only root keys are added: the new holder signs first, those of the last root follow. */
function addsHolder({ roles: last }: RootPart, { roles: next }: RootPart): boolean {
  const { keyids } = next.root;
  return keyids.length > last.root.keyids.length && last.root.keyids.every((keyid) => keyids.includes(keyid));
}

function requireHolder(root: RootPart, held: readonly KeyFile[], holders: readonly KeyStore[]): void {
  if (held.some((file) => root.roles.root.keyids.includes(file.keyid) && canSign(file))) return;
  throw new ScapfeedError({
    code: 'KEY_MISSING',
    message: 'no root key is available to sign the next root; nothing was changed',
    where: [...new Set(holders.map(({ directory }) => directory))].join(', '),
    remedy: 'specify the folder of the root keys with --root-keys DIR, and check that its medium is mounted',
  });
}

function signWithHeld(
  document: SignedDocument<RootPart>,
  last: SignedDocument<RootPart> | undefined,
  held: readonly KeyFile[],
  passphrase: Passphrases,
): string {
  const asked = new Set([...document.signed.roles.root.keyids, ...(last?.signed.roles.root.keyids ?? [])]);
  const usable = held.filter((file) => asked.has(file.keyid) && canSign(file));
  const unique = new Map(usable.map((key) => [key.keyid, key]));
  const signers = [...unique.values()].map((key) => openSigner(key, passphrase));
  return signPart(document.signed, signers, document.signatures);
}

function nextRoot(last: RootPart | undefined, { keys, thresholds = {}, expires }: RootChange): RootPart {
  const byRole = roles.map((role) => {
    const keyids = keys.filter((key) => key.roles.includes(role)).map(({ keyid }) => keyid);
    const threshold = thresholds[role] ?? last?.roles[role].threshold ?? 1;
    requireEnough(role, new Set(keyids).size, threshold);
    return [role, { keyids: [...new Set(keyids)].sort(), threshold }] as const;
  });
  const sorted = [...keys].sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
  return {
    _type: 'root',
    spec_version: specVersion,
    version: (last?.version ?? 0) + 1,
    expires,
    consistent_snapshot: true,
    keys: Object.fromEntries(sorted.map(({ keyid, key }) => [keyid, key])),
    roles: Object.fromEntries(byRole) as RootPart['roles'],
  };
}

function requireEnough(role: KeyRole, count: number, threshold: number): void {
  if (count >= threshold && threshold >= 1) return;
  throw new ScapfeedError({
    code: 'KEY_MISSING',
    message: `the role ${role} would have ${count} keys for a threshold of ${threshold}`,
    remedy: `make a key with \`scapfeed keys make --role ${role}\` first, or change it with --threshold ${role}=N`,
  });
}
