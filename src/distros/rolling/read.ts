import { ScapfeedError } from '../../model/error.ts';
import { fixesOnly } from '../../model/feed/index.ts';
import type { FetchContext, SourceSink } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import { malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import { parseSecdb, type SecdbDocument } from '../../sources/secdb/document.ts';
import {
  fixesIn,
  noFixes,
  requireShare,
  secdbStatements,
  secdbText,
} from '../../sources/secdb/statements.ts';
import type { Blob, Snapshot, SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { latestInput, platformOf, type RollingData, secdbInput } from './definition.ts';

/** A vendor's description of its latest security database. */
interface LatestSecdb {
  /** Digest of the document as it is served, in lower-case hex. */
  sha256: string;
  /** When it was published, ISO 8601 UTC. */
  published: string;
}

/** Seconds since 1970; the last one that a date of four digits for its year has. */
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/** @throws SOURCE_NOT_JSON, SOURCE_MALFORMED */
function parseLatest(text: string, where: string): LatestSecdb {
  const read = readRecord(where, () => {
    const { sha256, published_at: published } = record(parseJsonText(text), '');
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
      throw malformed('/sha256', 'a digest', sha256);
    if (typeof published !== 'number' || !(published > 0 && published <= lastSecond))
      throw malformed('/published_at', 'seconds since 1970', published);
    return { sha256, published: new Date(Math.floor(published) * 1000).toISOString() };
  });
  if (read instanceof ScapfeedError) throw read;
  return read;
}

/** A new database is used only if it can be read, and is the one that its vendor names: otherwise the last good one stays. */
export async function fetchRolling(context: FetchContext, data: RollingData): Promise<Snapshot[]> {
  const { store } = context;
  const latest = await fetchLatest(context, data);
  const input = secdbInput(data);
  const secdb = await download(context, {
    ...input,
    verify: async (blob) => {
      if (latest) requireDigest(blob, latest.stated, input.url);
      readSecdb(await secdbText(blob, store, input.url), input.url, data);
    },
  });
  // The server may have answered that it has not changed.
  if (latest) requireDigest(secdb, latest.stated, input.url);
  const snapshots = latest ? [latest.snapshot, secdb] : [secdb];
  await store.retain(data.vendor.id, snapshots);
  return snapshots;
}

async function fetchLatest(
  context: FetchContext,
  data: RollingData,
): Promise<{ snapshot: Snapshot; stated: LatestSecdb } | undefined> {
  const { store } = context;
  const input = latestInput(data);
  if (input === undefined) return undefined;
  const stated = async (blob: Blob) =>
    parseLatest((await store.read(blob, input.maxBytes)).toString('utf8'), input.url);
  const snapshot = await download(context, {
    ...input,
    verify: async (blob) => {
      await stated(blob);
    },
  });
  return { snapshot, stated: await stated(snapshot) };
}

function requireDigest({ sha256 }: Blob, latest: LatestSecdb, where: string): void {
  if (sha256 === latest.sha256) return;
  throw new ScapfeedError({
    code: 'SOURCE_DIGEST_WRONG',
    message: `expected the digest ${latest.sha256}, found ${sha256}`,
    where,
    remedy: 'fetch it again; the vendor may have been publishing it just then',
  });
}

/** Reads the fixes of all builds. */
export async function readRolling(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  data: RollingData,
): Promise<void> {
  const wanted = secdbInput(data);
  const snapshot = snapshots.find(({ id }) => id === wanted.id);
  if (snapshot === undefined) return;
  const where = store.path(snapshot);
  const platform = platformOf(data);
  secdbStatements(
    readSecdb(await secdbText(snapshot, store, where), where, data),
    { input: snapshot.id, platform: platform.id },
    out,
  );
  const date = latestInput(data);
  const latest = snapshots.find(({ id }) => id === date?.id);
  if (latest) {
    const text = (await store.read(latest, date?.maxBytes)).toString('utf8');
    out.dated(snapshot.id, parseLatest(text, store.path(latest)).published);
  }
  const inputs = [snapshot, ...(latest ? [latest] : [])].map(({ id }) => id);
  out.platform(platform, { inputs, marks: [fixesOnly, 'no_package_list'] });
}

/** @throws SOURCE_NOT_JSON, SOURCE_MALFORMED: also for the database of another vendor */
function readSecdb(text: string, where: string, { definition }: RollingData): SecdbDocument {
  const document = parseSecdb(text, where);
  const { urlPrefix, packages, faults } = document;
  if (urlPrefix !== definition.urlPrefix)
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected the security database of ${definition.urlPrefix}, found that of ${urlPrefix?.slice(0, 80) ?? 'no address'}`,
      where,
      remedy: 'fetch it again, or correct the mirror',
    });
  requireShare(faults.length, packages.length, definition, where);
  if (fixesIn(document) === 0) throw noFixes(where);
  return document;
}
