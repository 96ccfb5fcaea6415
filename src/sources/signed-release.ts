import { ScapfeedError } from '../model/error.ts';
import type { FetchContext } from './contract.ts';
import { download } from './download.ts';
import { cleartextOf, verifiedCleartext } from './openpgp.ts';
import type { Blob, Snapshot, SnapshotStore } from './snapshots.ts';

/** A suite of an apt archive, and who may sign for it. */
export interface Suite {
  /** Id of the snapshot of its InRelease file. */
  id: string;
  source: string;
  /** Address of `dists/SUITE`. */
  url: string;
  /**
   * The field that distinguishes this suite from the archive's others, and its value: a good signature of another suite does not
   * count for this one. Debian's `Suite` moves (stable), Ubuntu's pockets share their `Codename`.
   */
  named: { field: 'codename' | 'suite'; value: string };
  armoredKeys: string;
  /** The suite is past its end of life: a term (Valid-Until) that has ended is not renewed. */
  archived: boolean;
}

/** A suite's InRelease file, its signature checked. */
export interface SignedRelease {
  snapshot: Snapshot;
  /** Digest and size by the path below `dists/SUITE`. */
  files: ReadonlyMap<string, Blob>;
  /** Files are also at `by-hash/SHA256/DIGEST`, where a mirror in the middle of an update still has them. */
  byHash: boolean;
}

const releaseByteLimit = 2 ** 24;

/**
 * Fetches a suite's InRelease file (https://wiki.debian.org/DebianRepository/Format) and checks signature, suite and
 * dates. Undefined: the suite has none.
 * @throws SOURCE_SIGNATURE_WRONG, SOURCE_EXPIRED, SOURCE_MALFORMED
 */
export async function fetchSignedRelease(
  context: FetchContext,
  suite: Suite,
): Promise<SignedRelease | undefined> {
  const url = `${suite.url}/InRelease`;
  const { store } = context;
  const read = async (blob: Blob) => {
    const text = (await store.read(blob, releaseByteLimit)).toString('utf8');
    return parseRelease(await verifiedCleartext(text, suite.armoredKeys, context.now, url), url);
  };
  const known = (await store.list(suite.source)).find((one) => one.id === suite.id && one.url === url);
  // A signature by a key that has expired since proves nothing.
  const before = known && (await read(known).catch(() => undefined));
  let release = before;
  const verify = async (blob: Blob) => {
    release = await read(blob);
    requireSuite(release, suite, url);
    requireNoOlder(release, before, url);
  };
  try {
    const wanted = {
      id: suite.id,
      source: suite.source,
      url,
      kind: 'text',
      maxBytes: releaseByteLimit,
    } as const;
    const snapshot = await download(context, { ...wanted, verify });
    release ??= await read(snapshot);
    requireTerm(release, suite, context.now, url);
    return { snapshot, files: release.files, byHash: release.byHash };
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    const taken = error.code === 'SOURCE_EXPIRED' && context.unsignedMirror;
    if (error.code === 'FETCH_NOT_FOUND' || taken) return undefined;
    throw error;
  }
}

/**
 * The signed date of a suite's InRelease file, ISO 8601 UTC. Its signature was checked when it was fetched: to check it
 * again would make a feed depend on the day on which it is built.
 */
export async function signedDate(snapshot: Blob, store: SnapshotStore): Promise<string> {
  const text = (await store.read(snapshot, releaseByteLimit)).toString('utf8');
  const where = store.path(snapshot);
  const { date } = parseRelease(await cleartextOf(text, where), where);
  return new Date(date).toISOString();
}

interface Release {
  codename: string | undefined;
  suite: string | undefined;
  date: number;
  /** NaN: without a term. */
  validUntil: number;
  byHash: boolean;
  files: Map<string, Blob>;
}

/** The fields of a Release file that are used; deb822, one paragraph. */
function parseRelease(text: string, where: string): Release {
  const fields = new Map<string, string>();
  const files = new Map<string, Blob>();
  let field = '';
  for (const line of text.split(/\r?\n/)) {
    const entry = /^ ([0-9a-f]{64})\s+(\d{1,15})\s+(\S+)\s*$/.exec(line);
    if (field === 'sha256' && entry) files.set(entry[3]!, { sha256: entry[1]!, size: Number(entry[2]) });
    const [, name, value] = /^([A-Za-z0-9-]+):(.*)$/s.exec(line) ?? [];
    if (name === undefined) continue;
    field = name.toLowerCase();
    fields.set(field, value!.trim());
  }
  const date = utcTime(fields.get('date'));
  if (files.size === 0 || Number.isNaN(date)) {
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: 'expected a Release file with a date and SHA256 digests, found none',
      where,
    });
  }
  const validUntil = utcTime(fields.get('valid-until'));
  const byHash = fields.get('acquire-by-hash') === 'yes';
  return { codename: fields.get('codename'), suite: fields.get('suite'), date, validUntil, byHash, files };
}

/** RFC 2822 in UTC, as the format demands; a time without a zone would be read as one of this machine's. */
function utcTime(text = ''): number {
  return Date.parse(/(?:UTC|GMT|Z|[+-]\d{4})$/.test(text) ? text : `${text} UTC`);
}

function requireSuite(release: Release, { named: { field, value } }: Suite, where: string): void {
  if (release[field] === value) return;
  throw new ScapfeedError({
    code: 'SOURCE_SIGNATURE_WRONG',
    message: `expected the signed Release file of ${value}, found that of ${release[field] ?? 'none'}`,
    where,
    remedy: 'check the address in feeds/, or the layout of the mirror (MIRROR/HOST/PATH)',
  });
}

/** A signature stays good for ever: without this check and the next, old indexes could be passed off as new ones. */
function requireNoOlder({ date }: Release, before: Release | undefined, where: string): void {
  if (before === undefined || date >= before.date) return;
  throw expired(
    `expected a Release file no older than ${day(before.date)}, found one of ${day(date)}`,
    where,
  );
}

function requireTerm({ validUntil }: Release, { archived }: Suite, now: Date, where: string): void {
  if (!(validUntil < now.getTime()) || archived) return;
  throw expired(`expected a Release file that is valid, found one that was until ${day(validUntil)}`, where);
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function expired(message: string, where: string): ScapfeedError {
  const remedy = 'update the mirror; the last good snapshot is kept';
  return new ScapfeedError({ code: 'SOURCE_EXPIRED', message, where, remedy });
}
