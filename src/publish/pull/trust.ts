import { createPublicKey, type KeyObject } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EqualVersionError, ExpiredMetadataError } from 'tuf-js/dist/error.js';
import { TrustedMetadataStore } from 'tuf-js/dist/store.js';
import { strongKeys, weakKey } from '../../io/digest.ts';
import { writeAtomically } from '../../io/files.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { writeError } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import { feedRole, isRoleName, metadataPath } from '../../published/names.ts';
import { clockTolerance } from '../../published/own-parts.ts';
import { feedStays, roomForPull } from '../feed-stays.ts';
import { othersWriteBits, requireOwn } from '../private-folder.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import type { Origin } from './origin.ts';
import { missingAsSwapped, trustError } from './trust-error.ts';

/** Limit on a role's metadata in bytes, if its length is not signed. */
export const maxMetadataBytes = { root: 512_000, timestamp: 16_384, snapshot: 2_000_000, targets: 5_000_000 };
/** Maximum number of roots that one run follows. */
export const maxRoots = 256;

export interface TrustOptions {
  /** Where trusted metadata is kept between runs, to detect rollback and freeze. */
  folder: string;
  /** A root that the user trusts; needed once. */
  pinned?: Buffer;
  /** The user gave the pinned root; it may be another publisher's. */
  chosenRoot?: boolean;
  origin: Origin;
  now: Date;
  /** Milliseconds; for offline origins. Expiry is then checked as of the day of the signature, if that is not longer ago. */
  maxAge?: number;
  /**
   * Asks for a new root only where the timestamp is another than the kept one, or the last question is an hour ago. A server can withhold
   * a root as well as a timestamp, so that this delays only what an honest one says.
   */
  quick?: boolean;
}

/** The verified metadata of an origin, signed under the pinned root. */
export interface Trusted {
  /** Platforms and other delegated roles. */
  roles: string[];
  /** When the timestamp was signed. */
  signed: Date;
  /** Targets of one role; fetched if the snapshot names another version than the kept one. */
  targets(role: string): Promise<Record<string, TargetInfo>>;
}

/** The client workflow of the specification (5.1 to 5.6); every document that was accepted, and no other, is kept on disk. */
export async function refreshTrust(options: TrustOptions): Promise<Trusted> {
  const { origin } = options;
  const session = await openSession(options);
  const timestamp = options.quick ? await fetchTimestamp(origin) : undefined;
  if (!(timestamp && isAsBefore(session, timestamp, options.now))) {
    await followRoots(session);
    if (options.quick) await noteAsked(session, options.now);
  }
  const signed = await followTimestamp(session, options, timestamp);
  const { snapshotMeta } = session.store.timestamp!.signed;
  await follow(session, 'snapshot', snapshotMeta, (bytes, local) =>
    session.store.updateSnapshot(bytes, local),
  );
  const load = async (role: string, delegator: string, check: () => void) => {
    const info = session.store.snapshot!.signed.meta[`${role}.json`];
    if (!info) throw unknownRole(role, origin.name);
    await follow(session, role, info, (bytes) => {
      session.store.updateDelegatedTargets(bytes, role, delegator);
      check();
    });
  };
  let delegated: string[] = [];
  await load('targets', 'root', () => {
    delegated = Object.keys(session.store.targets!.signed.delegations?.roles ?? {});
    const strange = delegated.find((role) => !isRoleName(role));
    if (strange !== undefined) throw strangeRole(strange, origin.name);
  });
  adopt(session);
  return {
    roles: delegated,
    signed,
    async targets(role) {
      if (!delegated.includes(role)) throw unknownRole(role, origin.name);
      if (!session.store.getRole(role))
        await load(role, 'targets', () => ownTargets(session.store, role, origin.name));
      return ownTargets(session.store, role, origin.name);
    },
  };
}

/**
 * {@link refreshTrust} as the options of a pull ask for it: a root that they name is the user's choice, and only an origin
 * without a network may be older than its signatures.
 */
export function trustAsAsked(
  options: { now: Date; pinned?: Buffer; maxAge?: number },
  origin: Origin,
  folder: string,
): Promise<Trusted> {
  const { now, pinned, maxAge } = options;
  return refreshTrust({
    folder,
    origin,
    now,
    ...(pinned ? { pinned, chosenRoot: true } : {}),
    ...(maxAge === undefined || !origin.offline ? {} : { maxAge }),
  });
}

interface Session {
  store: TrustedMetadataStore;
  /** Where documents are kept: the trust folder, or a folder in it until a different root has verified a feed. */
  folder: string;
  home: string;
  origin: Origin;
  pinned: Buffer | undefined;
  /** The user gave the root, and it has not verified a timestamp yet. */
  doubtfulRoot: boolean;
}

async function openSession(options: TrustOptions): Promise<Session> {
  const { folder: home, pinned, chosenRoot, origin, now } = options;
  const kept = readKept(home, 'pinned');
  // A root that has verified nothing is not trusted yet, and an old root's documents do not concern a new publisher.
  const folder = pinned && kept?.equals(pinned) !== true ? join(home, candidateName) : home;
  if (folder !== home) rmSync(folder, { recursive: true, force: true });
  if (pinned) removeBroken(folder);
  const root = readKept(folder, 'root') ?? pinned;
  if (!root) throw await noRoot(origin);
  try {
    const store = new TrustedMetadataStore(root);
    setReferenceTime(store, now);
    requireStrongKeys(store, pinned?.equals(root) ? 'the file of --trust-root' : join(home, 'root.json'));
    const doubtfulRoot = chosenRoot === true && !readKept(folder, 'timestamp');
    return { store, folder, home, origin, pinned, doubtfulRoot };
  } catch (error) {
    if (error instanceof ScapfeedError) throw error;
    const where = pinned?.equals(root) ? 'the file of --trust-root' : join(home, 'root.json');
    const { code, message, cause } = trustError(error, { role: 'root', bytes: root, where, root: undefined });
    const remedy = "specify the publisher's root.json with --trust-root; what was trusted before still is";
    throw new ScapfeedError({ code, message, where, remedy, cause });
  }
}

/** @throws FETCH_*: no feed is published there, which a root would not change */
async function noRoot(origin: Origin): Promise<ScapfeedError> {
  await fetchTimestamp(origin);
  return new ScapfeedError({
    code: 'TRUST_ROOT_MISSING',
    message: 'no trusted root is known',
    where: origin.name,
    remedy:
      "give the publisher's root once with --trust-root FILE; obtain it through a channel other than this server",
  });
}

/** A root that a crash has cut: the user's own takes its place, and the kept timestamp still bounds what is accepted. */
function removeBroken(folder: string): void {
  const root = readKept(folder, 'root');
  if (root && !attempt(() => new TrustedMetadataStore(root))) rmSync(join(folder, 'root.json'));
}

/** A root whose signatures can be forged is none, though it is signed well. */
function requireStrongKeys({ root }: TrustedMetadataStore, where: string): void {
  for (const { keyType, keyVal } of Object.values(root.signed.keys)) {
    // Ed25519 stands there in hex; keys that cannot be read verify nothing.
    const key = keyVal.public?.includes('-----BEGIN') ? readablePem(keyVal.public) : undefined;
    const weak = key && weakKey(key);
    if (weak === undefined) continue;
    throw new ScapfeedError({
      code: 'TRUST_ROOT_INVALID',
      message: `expected ${strongKeys}, found ${weak} (${keyType})`,
      where,
      remedy: 'ask the publisher for a root with other keys; what was trusted before still is',
    });
  }
}

function readablePem(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

const candidateName = 'candidate';

/** Replaces the old root's documents by the new root's. The root is first, because it decides whose the others are. */
function adopt(session: Session): void {
  const { folder, home } = session;
  if (folder === home) return;
  const isDocument = (name: string) => name.endsWith('.json');
  const documents = readdirSync(folder).filter(isDocument);
  const old = readdirSync(home).filter((name) => isDocument(name) && !documents.includes(name));
  const order = ['root.json', 'pinned.json'];
  try {
    for (const name of new Set([...order, ...documents])) renameSync(join(folder, name), join(home, name));
    for (const name of old) rmSync(join(home, name));
    rmSync(folder, { recursive: true });
  } catch (cause) {
    throw notKept(home, cause);
  }
  session.folder = home;
}

/** The time is fixed when the store is made (5.1); tests and air-gapped clients give their own. */
function setReferenceTime(store: TrustedMetadataStore, time: Date): void {
  (store as unknown as { referenceTime: Date }).referenceTime = time;
}

function referenceTime(store: TrustedMetadataStore): Date {
  return (store as unknown as { referenceTime: Date }).referenceTime;
}

async function followRoots(session: Session): Promise<void> {
  const { store, origin, pinned } = session;
  if (pinned && !readKept(session.folder, 'root')) await keep(session, 'root', pinned);
  if (pinned) await keep(session, 'pinned', pinned);
  for (let followed = 0; followed < maxRoots; followed++) {
    const path = metadataPath('root', store.root.signed.version + 1);
    const bytes = await origin.fetch(path, maxMetadataBytes.root).catch((error: unknown) => {
      if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
      throw error;
    });
    if (!bytes) return;
    judge(session, 'root', path, bytes, () => store.updateRoot(bytes));
    requireStrongKeys(store, `${origin.name}: ${path}`);
    await keep(session, 'root', bytes);
  }
}

const askedName = 'asked';
const askAgain = 3_600_000;

/** The timestamp is the kept one, under a root that was asked about within the hour and is valid. */
function isAsBefore({ folder, store }: Session, timestamp: Buffer, now: Date): boolean {
  if (store.root.signed.isExpired(now)) return false;
  const asked = Number(readKept(folder, askedName)?.toString('latin1'));
  const age = now.getTime() - asked;
  const isKept = ['root', 'timestamp'].every((role) => readKept(folder, role) !== undefined);
  return age >= 0 && age < askAgain && isKept && readKept(folder, 'timestamp')!.equals(timestamp);
}

async function noteAsked(session: Session, now: Date): Promise<void> {
  await keep(session, askedName, Buffer.from(String(now.getTime())));
}

function fetchTimestamp(origin: Origin): Promise<Buffer> {
  return origin.fetch(metadataPath('timestamp'), maxMetadataBytes.timestamp);
}

/** `fetched`: the timestamp, if it was fetched before. */
async function followTimestamp(
  session: Session,
  { origin, now, maxAge }: TrustOptions,
  fetched?: Buffer,
): Promise<Date> {
  const { store } = session;
  const path = metadataPath('timestamp');
  const bytes = fetched ?? (await fetchTimestamp(origin));
  const claimed = signingTime(bytes);
  if (maxAge !== undefined && claimed) allowAge(store, claimed, now, maxAge, origin.name);
  const local = readKept(session.folder, 'timestamp');
  // Expired or signed by retired keys: if its signature is valid, only its version is used (5.4.3).
  if (local) attempt(() => store.updateTimestamp(local));
  let accepted = bytes;
  judge(session, 'timestamp', path, bytes, () => {
    try {
      store.updateTimestamp(bytes);
    } catch (error) {
      if (!(error instanceof EqualVersionError)) throw error;
      // The kept one has this version: it stays, whatever another one of this version contains (5.4.3).
      accepted = local ?? bytes;
      // tuf-js accepts an unchanged timestamp without checking its expiry; checked here against freeze attacks (5.4.4).
      if (store.timestamp!.signed.isExpired(referenceTime(store)))
        throw new ExpiredMetadataError('timestamp');
    }
    const signed = signingTime(accepted);
    if (signed && signed.getTime() > now.getTime() + clockTolerance) throw fromFuture(signed, origin.name);
  });
  await keep(session, 'timestamp', accepted);
  return signingTime(accepted) ?? new Date(0);
}

/** Not trusted yet: the timestamp with this date is verified right after. */
function signingTime(bytes: Buffer): Date | undefined {
  try {
    const { signed } = parseForeignJson(bytes) as { signed: { signed: string } };
    const date = new Date(signed.signed);
    return Number.isNaN(date.getTime()) ? undefined : date;
  } catch {
    return undefined;
  }
}

function allowAge(store: TrustedMetadataStore, signed: Date, now: Date, maxAge: number, where: string): void {
  const age = now.getTime() - signed.getTime();
  if (age > maxAge) {
    const days = (milliseconds: number) => (milliseconds / 86_400_000).toFixed(1);
    throw new ScapfeedError({
      code: 'FEED_STALE',
      message: `the feed was signed ${signed.toISOString()}, ${days(age)} days ago; --max-age allows ${days(maxAge)}`,
      where,
      remedy: 'get a newer bundle, or allow a greater age with --max-age',
    });
  }
  if (age > 0) setReferenceTime(store, signed);
}

interface MetaInfo {
  version: number;
  length?: number;
  hashes?: Record<string, string>;
}

/** The role's kept metadata if it is the named version, otherwise the origin's, verified and kept. */
async function follow(
  session: Session,
  role: string,
  { version, length, hashes }: MetaInfo,
  update: (bytes: Buffer, local: boolean) => unknown,
): Promise<void> {
  const local = readKept(session.folder, role);
  if (local && attempt(() => update(local, true))) return;
  const path = metadataPath(role, version);
  const bound = role === 'snapshot' ? maxMetadataBytes.snapshot : maxMetadataBytes.targets;
  const bytes = await session.origin
    .fetch(path, length ?? bound, hashes?.['sha256'])
    .catch((error: unknown) => {
      throw missingAsSwapped(error, `version ${version} of ${role}`);
    });
  judge(session, role, path, bytes, () => update(bytes, false), length);
  await keep(session, role, bytes);
}

function judge(
  { store, origin, doubtfulRoot }: Session,
  role: string,
  path: string,
  bytes: Buffer,
  step: () => unknown,
  length?: number,
): void {
  try {
    step();
  } catch (error) {
    const root = store.root.signed;
    throw trustError(error, {
      role,
      bytes,
      where: `${origin.name}/${path}`,
      root,
      doubtfulRoot,
      ...(length === undefined ? {} : { length }),
    });
  }
}

function attempt(step: () => unknown): boolean {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}

function readKept(folder: string, role: string): Buffer | undefined {
  const path = join(folder, `${role}.json`);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  // Whoever can change what is trusted decides which publisher is followed.
  requireOwn(path, stat, { kind: 'file', forbidden: othersWriteBits(stat), code: 'TRUST_NOT_PRIVATE' });
  return readWhole(path);
}

async function keep({ folder }: Session, role: string, bytes: Buffer): Promise<void> {
  if (readKept(folder, role)?.equals(bytes)) return;
  try {
    await writeAtomically(join(folder, `${role}.json`), bytes, 0o600);
  } catch (cause) {
    throw notKept(join(folder, `${role}.json`), cause);
  }
}

function notKept(where: string, cause: unknown): ScapfeedError {
  return writeError({
    message: `trusted metadata cannot be stored: ${cause instanceof Error ? cause.message : ''}`,
    where,
    remedy: roomForPull,
    cause,
  });
}

/** A role may list its own targets only, of those that its delegation has (5.6.7.2). */
function ownTargets(store: TrustedMetadataStore, role: string, where: string): Record<string, TargetInfo> {
  const { targets } = store.getRole(role)!.signed;
  const delegation = store.targets!.signed.delegations!.roles![role]!;
  const isDelegated = (name: string) => delegation.isDelegatedPath(name) || name.startsWith(exportsPrefix);
  const isOwn = (name: string) => name.startsWith(`${role}/`) && safeName.test(name) && isDelegated(name);
  const entries = Object.entries(targets).map(([name, target]) => {
    const sha256 = target.hashes['sha256'];
    if (!isOwn(name) || !sha256 || !/^[0-9a-f]{64}$/.test(sha256)) {
      throw new ScapfeedError({
        code: 'TRUST_FOREIGN_CONTENT',
        message: `the role ${role} lists ${name}, which is not one of its own targets`,
        where,
        remedy: `report it to the publisher${feedStays}`,
      });
    }
    const custom = target.custom as Record<string, string | number>;
    return [name, { length: target.length, hashes: { sha256 }, custom }] as const;
  });
  return Object.fromEntries(entries);
}

/** Earlier publishers' delegations have no exports, which only the role of the whole feed lists. */
const exportsPrefix = `${feedRole}/exports/`;

const safeName = /^[a-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)+$/;

function strangeRole(role: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_FOREIGN_CONTENT',
    message: `the targets metadata delegates to ${JSON.stringify(role)}, which cannot be the name of a platform`,
    where,
    remedy: `report it to the publisher${feedStays}`,
  });
}

function unknownRole(role: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the feed has no platform ${role}`,
    where,
    remedy: 'omit --platform to see all that is published',
  });
}

function fromFuture(signed: Date, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_FROM_FUTURE',
    message: `the feed was signed ${signed.toISOString()}, which is in the future`,
    where,
    remedy: "set this machine's clock; if it is right, report it to the publisher",
  });
}
