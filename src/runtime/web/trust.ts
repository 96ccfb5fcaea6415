import { parseForeignJson } from '../../io/foreign-json.ts';
import { type ErrorCode, ScapfeedError } from '../../model/error.ts';
import { isRoleName, metadataPath } from '../../published/names.ts';
import { clockTolerance } from '../../published/own-parts.ts';
import { sha256 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { WebOrigin } from './origin.ts';
import { isSignedBy, type MetadataKey, type VerifyEd25519 } from './signature.ts';

/** Where verified metadata is kept between visits, so that a mirror cannot go back to an older state. */
export interface TrustStore {
  /** Text under a name, or `undefined`. */
  get(name: string): string | undefined | Promise<string | undefined>;
  set(name: string, text: string): void | Promise<void>;
}

export interface WebTrust {
  root: { version: number; sha256: string };
  /** When the timestamp was signed. */
  signed: Date;
  /** Delegated roles. */
  roles: string[];
  /** Targets of a delegated role. */
  targets(role: string): Promise<Record<string, WebTarget>>;
  /** @throws {ScapfeedError} TRUST_EXPIRED if at that time one of the parts that were read has expired */
  requireUnexpired(at: Date): void;
}

export interface WebTarget {
  length: number;
  hashes: { sha256: string };
}

interface RoleKeys {
  keyids: string[];
  threshold: number;
}

interface MetaInfo {
  version: number;
  length?: number;
  hashes?: { sha256?: string };
}

interface SignedPart {
  _type: string;
  spec_version: string;
  version: number;
  expires: string;
  keys: Record<string, MetadataKey>;
  roles: Record<string, RoleKeys>;
  meta: Record<string, MetaInfo>;
  signed: string;
  targets: Record<string, WebTarget>;
  delegations?: { keys: Record<string, MetadataKey>; roles: (RoleKeys & { name: string })[] };
}

interface SignedDocument {
  signatures: { keyid: string; sig: string }[];
  signed: SignedPart;
}

/** Maximum length of metadata in bytes, where none is signed. */
const mostBytes = { root: 512_000, timestamp: 16_384, snapshot: 2_000_000, targets: 5_000_000 };
const mostRoots = 256;
const mostSignatures = 64;

interface WebTrustOptions {
  origin: WebOrigin;
  /** A root that the user trusts. */
  pinned: Uint8Array;
  store: TrustStore;
  now: Date;
  verifyEd25519?: VerifyEd25519 | undefined;
}

/** The client workflow of TUF's specification (5.1 to 5.6) by WebCrypto. @throws TRUST_… */
export async function followTrust({
  origin,
  pinned,
  store,
  now,
  verifyEd25519,
}: WebTrustOptions): Promise<WebTrust> {
  const keysOf = (part: SignedPart, role: string) => keyringOf(part, role, verifyEd25519);
  const kept = await keptState(store, pinned);
  let { bytes: rootBytes, root } = await startRoot(kept, pinned, keysOf);
  for (let followed = 0; followed < mostRoots; followed++) {
    const path = metadataPath('root', root.signed.version + 1);
    const bytes = await origin.fetch(path, mostBytes.root, true);
    if (!bytes) break;
    const where = origin.url + path;
    const next = parse(bytes, 'root', where);
    await requireSigned(next, keysOf(root.signed, 'root'), 'root', where);
    await requireSigned(next, keysOf(next.signed, 'root'), 'root', where);
    if (next.signed.version !== root.signed.version + 1)
      throw refused(
        'TRUST_ROOT_SKIPPED',
        `expected root version ${root.signed.version + 1}, found ${next.signed.version}`,
        where,
      );
    [root, rootBytes] = [next, bytes];
    kept.root = textOf(bytes);
  }
  requireUnexpired(root.signed, 'root', now, origin.url);

  const timestampKeys = keysOf(root.signed, 'timestamp');
  const timestampWhere = origin.url + metadataPath('timestamp');
  const offered = await origin.fetch(metadataPath('timestamp'), mostBytes.timestamp, true);
  if (!offered) throw noFeed(origin.url);
  const before = await keptPart(kept.timestamp, 'timestamp', timestampKeys);
  let timestamp = parse(offered, 'timestamp', timestampWhere);
  await requireSigned(timestamp, timestampKeys, 'timestamp', timestampWhere);
  if (before) {
    requireNotOlder(before.signed.version, timestamp.signed.version, 'timestamp', timestampWhere);
    const [old, now] = [before, timestamp].map(
      ({ signed }) => metaOf(signed, 'snapshot', timestampWhere).version,
    );
    requireNotOlder(old!, now!, 'snapshot', timestampWhere);
    if (before.signed.version === timestamp.signed.version) timestamp = before;
  }
  if (timestamp !== before) kept.timestamp = textOf(offered);
  requireUnexpired(timestamp.signed, 'timestamp', now, timestampWhere);
  const signed = new Date(timestamp.signed.signed);
  if (!(signed.getTime() <= now.getTime() + clockTolerance))
    throw refused(
      'TRUST_FROM_FUTURE',
      `the feed was signed ${timestamp.signed.signed}, which is in the future`,
      timestampWhere,
      "set this machine's clock; if it is right, report it to the publisher",
    );

  const snapshotKeys = keysOf(root.signed, 'snapshot');
  const olderSnapshot = await keptPart(kept.snapshot, 'snapshot', snapshotKeys);
  const snapshot = await follow(
    origin,
    'snapshot',
    metaOf(timestamp.signed, 'snapshot', timestampWhere),
    snapshotKeys,
    now,
  );
  for (const [name, { version }] of Object.entries(olderSnapshot?.signed.meta ?? {})) {
    const found = snapshot.document.signed.meta[name];
    const role = name.replace(/\.json$/, '');
    if (!found) throw refused('TRUST_ROLLBACK', `the snapshot dropped the role ${role}`, origin.url);
    requireNotOlder(version, found.version, role, origin.url);
  }
  kept.snapshot = textOf(snapshot.bytes);
  await store.set('state', JSON.stringify({ ...kept, pinned: await sha256(pinned) }));

  const metaFor = (role: string) => metaOf(snapshot.document.signed, role, origin.url);
  const top = (await follow(origin, 'targets', metaFor('targets'), keysOf(root.signed, 'targets'), now))
    .document;
  const { keys = {}, roles: delegated = [] } = top.signed.delegations ?? {};
  const read: [part: SignedPart, role: string][] = [
    [root.signed, 'root'],
    [timestamp.signed, 'timestamp'],
    [snapshot.document.signed, 'snapshot'],
    [top.signed, 'targets'],
  ];
  return {
    requireUnexpired(at) {
      for (const [part, role] of read) requireUnexpired(part, role, at, origin.url);
    },
    root: { version: root.signed.version, sha256: await sha256(rootBytes) },
    signed,
    roles: delegated.map(({ name }) => name),
    async targets(role) {
      const delegation = delegated.find(({ name }) => name === role);
      if (!delegation || !isRoleName(role))
        throw refused(
          'TRUST_FOREIGN_CONTENT',
          `the targets metadata does not delegate to ${role}`,
          origin.url,
        );
      const { document } = await follow(
        origin,
        role,
        metaFor(role),
        keysNamed(keys, delegation, verifyEd25519),
        now,
      );
      read.push([document.signed, role]);
      return ownTargets(document.signed.targets, role, origin.url);
    },
  };
}

interface KeptState {
  root?: string;
  timestamp?: string;
  snapshot?: string;
}

/** Nothing of what another root brought. */
async function keptState(store: TrustStore, pinned: Uint8Array): Promise<KeptState> {
  try {
    const text = await store.get('state');
    const state = text === undefined ? undefined : (parseForeignJson(text) as KeptState & { pinned: string });
    if (state?.pinned !== (await sha256(pinned))) return {};
    const { root, timestamp, snapshot } = state;
    return {
      ...(typeof root === 'string' && { root }),
      ...(typeof timestamp === 'string' && { timestamp }),
      ...(typeof snapshot === 'string' && { snapshot }),
    };
  } catch (error) {
    if (error instanceof ScapfeedError) throw error;
    return {};
  }
}

async function startRoot(
  kept: KeptState,
  pinned: Uint8Array,
  keysOf: (part: SignedPart, role: string) => RoleKeyring,
): Promise<{ root: SignedDocument; bytes: Uint8Array }> {
  const bytes = kept.root === undefined ? pinned : new TextEncoder().encode(kept.root);
  const where = 'the trusted root';
  const root = parse(bytes, 'root', where);
  await requireSigned(root, keysOf(root.signed, 'root'), 'root', where);
  return { root, bytes };
}

/** A kept document, if the keys of today have signed it. */
async function keptPart(
  text: string | undefined,
  role: string,
  keys: RoleKeyring,
): Promise<SignedDocument | undefined> {
  if (text === undefined) return undefined;
  try {
    const document = parse(new TextEncoder().encode(text), role, 'kept');
    await requireSigned(document, keys, role, 'kept');
    return document;
  } catch {
    return undefined;
  }
}

/** The metadata of a role in the version, length and digest that another one has signed. */
async function follow(
  origin: WebOrigin,
  role: string,
  { version, length, hashes }: MetaInfo,
  keys: RoleKeyring,
  now: Date,
): Promise<{ document: SignedDocument; bytes: Uint8Array }> {
  const path = metadataPath(role, version);
  const where = origin.url + path;
  const bound = role === 'snapshot' ? mostBytes.snapshot : mostBytes.targets;
  const bytes = await origin.fetch(path, Math.min(length ?? bound, bound));
  if (!bytes)
    throw refused(
      'TRUST_SWAPPED',
      `the signed metadata names version ${version} of ${role}, which is not there: the mirror mixes two states`,
      where,
    );
  if (length !== undefined && bytes.length < length)
    throw refused(
      'TRUST_TRUNCATED',
      `the ${role} metadata was cut: expected ${length} bytes, found ${bytes.length}`,
      where,
    );
  if (hashes?.sha256 !== undefined && hashes.sha256 !== (await sha256(bytes)))
    throw refused('TRUST_SWAPPED', `the ${role} metadata is not the one that was signed for`, where);
  const document = parse(bytes, role === 'snapshot' ? role : 'targets', where);
  await requireSigned(document, keys, role, where);
  if (document.signed.version !== version)
    throw refused(
      'TRUST_SWAPPED',
      `the mirror mixes two states: expected version ${version} of ${role}, found ${document.signed.version}`,
      where,
    );
  requireUnexpired(document.signed, role, now, where);
  return { document, bytes };
}

function parse(bytes: Uint8Array, type: string, where: string): SignedDocument {
  let found: SignedDocument;
  try {
    found = parseForeignJson(bytes, { uniqueNames: true }) as SignedDocument;
  } catch (cause) {
    throw notMetadata(type, where, cause);
  }
  const { signatures, signed } = found ?? {};
  if (!Array.isArray(signatures) || signatures.length > mostSignatures || !isObject(signed))
    throw notMetadata(type, where);
  if (signed._type !== type)
    throw refused('TRUST_SWAPPED', `found other metadata in place of ${type}`, where);
  if (typeof signed.spec_version !== 'string' || !signed.spec_version.startsWith('1.'))
    throw refused(
      'FEED_FORMAT_UNSUPPORTED',
      `the ${type} metadata is of a version of TUF that this page does not read`,
      where,
      'use a newer version of scapfeed',
    );
  const needed = {
    root: [signed.keys, signed.roles],
    timestamp: [signed.meta],
    snapshot: [signed.meta],
    targets: [signed.targets],
  };
  const parts: unknown[] = needed[type as keyof typeof needed];
  if (!Number.isSafeInteger(signed.version) || signed.version < 1 || !parts.every(isObject))
    throw notMetadata(type, where);
  return found;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface RoleKeyring {
  keys: ReadonlyMap<string, MetadataKey>;
  threshold: number;
  verifyEd25519: VerifyEd25519 | undefined;
}

function keyringOf(
  { keys, roles }: SignedPart,
  role: string,
  verifyEd25519: VerifyEd25519 | undefined,
): RoleKeyring {
  const none = { keyids: [], threshold: 1 };
  return keysNamed(keys, Object.hasOwn(roles, role) ? roles[role]! : none, verifyEd25519);
}

function keysNamed(
  keys: Record<string, MetadataKey>,
  { keyids, threshold }: RoleKeys,
  verifyEd25519: VerifyEd25519 | undefined,
): RoleKeyring {
  const named = (Array.isArray(keyids) ? keyids : []).flatMap((id) => {
    const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
    return typeof key?.keyval?.public === 'string' ? [[id, key] as const] : [];
  });
  return {
    keys: new Map(named),
    threshold: Number.isSafeInteger(threshold) && threshold > 0 ? threshold : Number.POSITIVE_INFINITY,
    verifyEd25519,
  };
}

/** Each key counts once, under however many ids. */
async function requireSigned(
  { signatures, signed }: SignedDocument,
  { keys, threshold, verifyEd25519 }: RoleKeyring,
  role: string,
  where: string,
): Promise<void> {
  let text: string;
  try {
    text = canonicalJson(signed);
  } catch (cause) {
    throw notMetadata(role, where, cause);
  }
  const bytes = new TextEncoder().encode(text);
  const good = new Set<string>();
  let claimed = 0;
  for (const entry of signatures) {
    const key = typeof entry?.sig === 'string' ? keys.get(entry.keyid) : undefined;
    if (!key) continue;
    claimed += 1;
    if (await isSignedBy(key, entry.sig, bytes, verifyEd25519)) good.add(key.keyval.public);
  }
  if (good.size >= threshold) return;
  throw claimed === 0
    ? refused('TRUST_UNSIGNED', `the ${role} metadata has no signature by a trusted key`, where)
    : refused(
        'TRUST_SIGNATURE_WRONG',
        `the ${role} metadata was changed after it was signed: ${good.size} of ${threshold} signatures are right`,
        where,
      );
}

function requireNotOlder(before: number, now: number, role: string, where: string): void {
  if (now < before)
    throw refused(
      'TRUST_ROLLBACK',
      `older ${role} metadata than was seen before: version ${now} after ${before}`,
      where,
    );
}

function requireUnexpired({ expires }: SignedPart, role: string, now: Date, where: string): void {
  if (Date.parse(expires) > now.getTime()) return;
  throw refused(
    'TRUST_EXPIRED',
    `the ${role} metadata expired ${expires}: nothing newer was published, or the mirror withholds it`,
    where,
    'ask the publisher whether they still publish, or use another mirror',
  );
}

function metaOf({ meta }: SignedPart, role: string, where: string): MetaInfo {
  const info = Object.hasOwn(meta, `${role}.json`) ? meta[`${role}.json`] : undefined;
  if (info && Number.isSafeInteger(info.version)) return info;
  throw refused('TRUST_NOT_METADATA', `the signed metadata does not name ${role}`, where);
}

const safeName = /^[a-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)+$/;

/** A role may list its own targets only. */
function ownTargets(
  targets: Record<string, WebTarget>,
  role: string,
  where: string,
): Record<string, WebTarget> {
  for (const [name, target] of Object.entries(targets)) {
    const isOwn = name.startsWith(`${role}/`) && safeName.test(name);
    const isWhole = Number.isSafeInteger(target?.length) && /^[0-9a-f]{64}$/.test(target.hashes?.sha256);
    if (!isOwn || !isWhole)
      throw refused(
        'TRUST_FOREIGN_CONTENT',
        `the role ${role} lists ${name}, which is not one of its own targets`,
        where,
      );
  }
  return targets;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function noFeed(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'no published feed here: expected metadata/timestamp.json',
    where,
    remedy: 'check the address',
  });
}

function notMetadata(type: string, where: string, cause?: unknown): ScapfeedError {
  const message = `expected ${type} metadata, found something else`;
  return refused('TRUST_NOT_METADATA', message, where, undefined, cause);
}

function refused(
  code: ErrorCode,
  message: string,
  where: string,
  remedy = 'use another mirror, and report it to the publisher',
  cause?: unknown,
): ScapfeedError {
  return new ScapfeedError({ code, message, where, remedy, ...(cause === undefined ? {} : { cause }) });
}
