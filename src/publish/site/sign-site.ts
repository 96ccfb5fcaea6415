import { isDeepStrictEqual } from 'node:util';
import { ScapfeedError } from '../../model/error.ts';
import { feedRole, metadataPath } from '../../published/names.ts';
import { sha256 } from '../feed/lines.ts';
import { type KeyFile, type KeyRole, roles } from '../keys/key-file.ts';
import { type KeyStore, roleKeys } from '../keys/key-store.ts';
import { type KeySigner, openSigner, type Passphrases } from '../keys/signer.ts';
import {
  type FileInfo,
  parseDocument,
  type RootPart,
  type SignedDocument,
  type SignedPart,
  type SnapshotPart,
  signPart,
  specVersion,
  type TargetInfo,
  type TargetsPart,
  type TimestampPart,
} from '../tuf/metadata.ts';
import type { Site } from './layout.ts';
import { snapshotVersion } from './state.ts';

/** Expiry dates of what a publish signs, ISO 8601. */
export interface Expiries {
  targets: string;
  snapshot: string;
  timestamp: string;
}

export interface SignOptions {
  site: Site;
  store: KeyStore;
  signers: RoleSigners;
  /** Time of the signatures, ISO 8601. */
  date: string;
  expires: Expiries;
}

/** Signed and written metadata, all but the timestamp. */
export interface PreparedMetadata {
  snapshotVersion: number;
  /** Writes the timestamp, which makes the new state visible to clients. */
  commit(): Promise<void>;
}

/**
 * Writes roots, delegated roles, targets and snapshot under their new versions. Unchanged metadata that will not expire soon
 * is not signed again, so that clients do not have to fetch it.
 */
export async function signSite(
  options: SignOptions,
  delegated: Readonly<Record<string, Record<string, TargetInfo>>>,
): Promise<PreparedMetadata> {
  const { site, store, signers, date, expires } = options;
  const root = await writeRoots(site, store);
  const last = lastSnapshot(site);
  const meta: SnapshotPart['meta'] = {};

  async function settle<T extends SignedPart>(role: string, version: number, wanted: Omit<T, 'version'>) {
    const path = version > 0 ? metadataPath(role, version) : undefined;
    const old = path ? site.read(path)?.toString('utf8') : undefined;
    const kept = old !== undefined && isStill(old, wanted as unknown as SignedPart, root, date);
    const part = { ...wanted, version: version + 1 } as unknown as SignedPart;
    const text = kept ? old : signPart(part, signers[part._type as keyof RoleSigners]);
    const info = { version: kept ? version : version + 1, ...fileInfo(text) };
    if (!kept) await site.write(metadataPath(role, info.version), text);
    return info;
  }

  const names = [...new Set([...Object.keys(delegated), ...rolesOf(last)])].sort();
  for (const name of names) {
    const part = targetsPart(delegated[name] ?? {}, expires.targets);
    meta[`${name}.json`] = await settle<TargetsPart>(name, versionOf(last, name), part);
  }
  const delegations = delegationsTo(names, root);
  const top = { ...targetsPart({}, expires.targets), delegations };
  meta['targets.json'] = await settle<TargetsPart>('targets', versionOf(last, 'targets'), top);
  const snapshot = await settle<SnapshotPart>('snapshot', last?.version ?? 0, {
    _type: 'snapshot',
    spec_version: specVersion,
    expires: expires.snapshot,
    meta,
  });
  const timestamp: TimestampPart = {
    _type: 'timestamp',
    spec_version: specVersion,
    version: nextTimestamp(site),
    expires: expires.timestamp,
    meta: { 'snapshot.json': snapshot },
    signed: date,
  };
  const text = signPart(timestamp, signers.timestamp);
  return {
    snapshotVersion: snapshot.version,
    commit: () => site.write(metadataPath('timestamp'), text),
  };
}

/** The newest root of the keys, with enough keys for each online role. @throws KEY_MISSING */
function requireKeys(store: KeyStore): SignedDocument<RootPart> {
  const newest = store.rootChain().at(-1);
  if (newest === undefined) {
    throw new ScapfeedError({
      code: 'KEY_MISSING',
      message: 'no root lists the signing keys',
      where: store.directory,
      remedy: 'make keys and root with `scapfeed keys make`',
    });
  }
  const root = parseDocument<RootPart>(newest, store.directory);
  for (const role of onlineRoles) keysOf(role, root, store);
  return root;
}

async function writeRoots(site: Site, store: KeyStore): Promise<SignedDocument<RootPart>> {
  const root = requireKeys(store);
  for (const [at, text] of store.rootChain().entries()) {
    const path = metadataPath('root', at + 1);
    const published = site.read(path)?.toString('utf8');
    if (published === undefined) await site.write(path, text);
    else if (published !== text) throw otherRoot(path);
  }
  return root;
}

/** The keys of each role that signs a publication, open. */
export type RoleSigners = Record<'targets' | 'snapshot' | 'timestamp', KeySigner[]>;

const onlineRoles = roles.filter((role) => role !== 'root');

/** The keys of a role that the root names, at least as many as must sign. */
function keysOf(role: KeyRole, { signed }: SignedDocument<RootPart>, store: KeyStore): KeyFile[] {
  const { keyids, threshold } = signed.roles[role];
  const named = roleKeys([store], role).filter(({ keyid }) => keyids.includes(keyid));
  if (named.length >= threshold) return named;
  throw new ScapfeedError({
    code: 'KEY_MISSING',
    message: `root ${signed.version} requires ${threshold} signatures for ${role}, available keys: ${named.length}`,
    where: store.directory,
    remedy: 'add the keys that the root names, or change it with `scapfeed keys rotate`',
  });
}

/** @throws {ScapfeedError} KEY_MISSING, KEY_PASSPHRASE_WRONG, KEY_MALFORMED */
export function openSigners(store: KeyStore, passphrase: Passphrases): RoleSigners {
  const root = requireKeys(store);
  const entries = onlineRoles.map((role) => {
    const signers = keysOf(role, root, store).map((key) => openSigner(key, passphrase));
    return [role, signers] as const;
  });
  return Object.fromEntries(entries) as RoleSigners;
}

/** True if a signed document has the same content and valid keys, and at least half of the wanted lifetime is left. */
function isStill(text: string, wanted: SignedPart, root: SignedDocument<RootPart>, date: string): boolean {
  const { signed, signatures } = parseDocument(text, wanted._type);
  const { version: _, expires, ...stated } = signed;
  const { version: __, expires: wantedExpires, ...say } = wanted;
  // Documents that were read have their fields in the order of tuf-js's model.
  if (!isDeepStrictEqual(stated, say)) return false;
  const { keyids, threshold } = root.signed.roles[wanted._type];
  if (signatures.filter(({ keyid }) => keyids.includes(keyid)).length < threshold) return false;
  const now = Date.parse(date);
  return Date.parse(expires) - now >= (Date.parse(wantedExpires) - now) / 2;
}

function targetsPart(targets: Record<string, TargetInfo>, expires: string): Omit<TargetsPart, 'version'> {
  const sorted = Object.entries(targets).sort(([a], [b]) => (a < b ? -1 : 1));
  return { _type: 'targets', spec_version: specVersion, expires, targets: Object.fromEntries(sorted) };
}

/** One role per platform, so that a client reads only the lists of files that it may need. */
function delegationsTo(names: readonly string[], { signed }: SignedDocument<RootPart>) {
  const { keyids, threshold } = signed.roles.targets;
  return {
    keys: Object.fromEntries(keyids.map((keyid) => [keyid, signed.keys[keyid]!])),
    roles: names.map((name) => ({
      name,
      keyids,
      threshold,
      terminating: true,
      // A star stands for one part of a name; exports are of the whole feed, in folders.
      paths: (name === feedRole ? [1, 2, 3, 4, 5] : [1, 2]).map((depth) => name + '/*'.repeat(depth)),
    })),
  };
}

function lastSnapshot(site: Site): SnapshotPart | undefined {
  const version = snapshotVersion(site);
  if (version === undefined) return undefined;
  const text = site.read(metadataPath('snapshot', version))?.toString('utf8');
  if (text !== undefined) return parseDocument<SnapshotPart>(text, 'metadata').signed;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `the published folder lacks the snapshot ${version} that its timestamp names`,
    where: site.directory,
    remedy: 'restore the folder from a copy, or publish to a new one',
  });
}

/** A role that was in a snapshot must stay in it (specification 5.5.5), empty if necessary. */
function rolesOf(snapshot: SnapshotPart | undefined): string[] {
  const roleNames = Object.keys(snapshot?.meta ?? {}).map((file) => file.replace(/\.json$/, ''));
  return roleNames.filter((name) => name !== 'targets');
}

function nextTimestamp(site: Site): number {
  const text = site.read(metadataPath('timestamp'))?.toString('utf8');
  return text === undefined ? 1 : parseDocument<TimestampPart>(text, 'timestamp.json').signed.version + 1;
}

function versionOf(snapshot: SnapshotPart | undefined, role: string): number {
  return snapshot?.meta[`${role}.json`]?.version ?? 0;
}

export function fileInfo(content: string | Buffer): FileInfo {
  return { length: Buffer.byteLength(content), hashes: { sha256: sha256(content) } };
}

function otherRoot(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_SIGNATURE_WRONG',
    message: 'the folder was published with other keys: its root is not the one of this key store',
    where,
    remedy: 'specify the right keys with --keys, or publish to another folder',
  });
}
