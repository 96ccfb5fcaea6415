import { ScapfeedError } from '../../model/index.ts';
import {
  missingSignatures,
  parseDocument,
  type RootPart,
  type SignedDocument,
  signPart,
  specVersion,
} from '../tuf/metadata.ts';
import { type KeyFile, type Role, roles } from './key-file.ts';
import type { KeyStore } from './key-store.ts';
import { openSigner } from './signer.ts';

export interface RootChange {
  /** The keys of every role from now on. */
  keys: readonly KeyFile[];
  /** Only the roles whose threshold changes; a new role starts with 1. */
  thresholds?: Partial<Record<Role, number>>;
  /** ISO 8601. */
  expires: string;
}

export interface RootOutcome {
  version: number;
  /** Signatures that other holders have yet to make; 0: the root is in the chain. */
  missing: number;
}

/** The newest root of a store's chain, or undefined for a store without one. */
export function newestRoot(store: KeyStore): SignedDocument<RootPart> | undefined {
  const text = store.rootChain().at(-1);
  return text === undefined ? undefined : parseDocument<RootPart>(text, store.directory);
}

/**
 * Makes the next root. It needs a threshold of signatures by the last root and by itself (specification 5.3.4, 6.1);
 * with the keys at hand it either joins the chain or waits as pending.root.json for `keys sign`.
 */
export async function changeRoot(
  store: KeyStore,
  holders: readonly KeyStore[],
  change: RootChange,
  passphrase: () => string,
): Promise<RootOutcome> {
  const last = newestRoot(store);
  const part = nextRoot(last?.signed, change);
  return settle(store, holders, { signatures: [], signed: part }, passphrase);
}

/** Adds the signatures of the root keys at hand to the pending root. */
export async function signPendingRoot(
  store: KeyStore,
  holders: readonly KeyStore[],
  passphrase: () => string,
): Promise<RootOutcome> {
  const text = store.pendingRoot();
  if (text === undefined) {
    throw new ScapfeedError({
      code: 'KEY_MISSING',
      message: 'no root waits for signatures',
      where: store.directory,
      remedy: 'bring the file pending.root.json of the one who changed the keys',
    });
  }
  const document = parseDocument<RootPart>(text, 'pending.root.json');
  return settle(store, holders, document, passphrase);
}

async function settle(
  store: KeyStore,
  holders: readonly KeyStore[],
  document: SignedDocument<RootPart>,
  passphrase: () => string,
): Promise<RootOutcome> {
  const last = newestRoot(store);
  const { version } = document.signed;
  const expected = (last?.signed.version ?? 0) + 1;
  if (version !== expected) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_SKIPPED',
      message: `expected root version ${expected} to follow the chain, found ${version}`,
      where: store.directory,
      remedy: 'bring the roots between, or make the change again',
    });
  }
  const text = signWithHeld(document, last, holders, passphrase);
  const signed = parseDocument<RootPart>(text, 'root');
  const missing = Math.max(missingSignatures(signed, signed), last ? missingSignatures(last, signed) : 0);
  if (missing > 0) {
    await store.savePendingRoot(text);
    return { version, missing };
  }
  await store.saveRoot(version, text);
  store.dropPendingRoot();
  return { version, missing };
}

function signWithHeld(
  document: SignedDocument<RootPart>,
  last: SignedDocument<RootPart> | undefined,
  holders: readonly KeyStore[],
  passphrase: () => string,
): string {
  const asked = new Set([...document.signed.roles.root.keyids, ...(last?.signed.roles.root.keyids ?? [])]);
  const held = holders.flatMap((holder) => holder.keys()).filter(({ keyid }) => asked.has(keyid));
  const unique = new Map(held.map((key) => [key.keyid, key]));
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

function requireEnough(role: Role, count: number, threshold: number): void {
  if (count >= threshold && threshold >= 1) return;
  throw new ScapfeedError({
    code: 'KEY_MISSING',
    message: `the role ${role} would have ${count} keys for a threshold of ${threshold}`,
    remedy: `make a key with \`scapfeed keys make --role ${role}\` first, or change it with --threshold ${role}=N`,
  });
}
