import { fixesOnly, ScapfeedError } from '../../model/index.ts';
import type { FetchContext, SourceSink } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
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
import { type LatestSecdb, parseLatest } from './latest.ts';

/** A new database is used only if it can be read, and is the one that its vendor names: otherwise the last good one stays. */
export async function fetchRolling(context: FetchContext, data: RollingData): Promise<Snapshot[]> {
  const { store } = context;
  const latest = await fetchLatest(context, data);
  const input = secdbInput(data);
  const secdb = await download(context, {
    ...input,
    verify: async (blob) => {
      if (latest) requireDigest(blob, latest.told, input.url);
      readSecdb(await secdbText(blob, store, input.url), input.url, data);
    },
  });
  // The server may have answered that it has not changed.
  if (latest) requireDigest(secdb, latest.told, input.url);
  const snapshots = latest ? [latest.snapshot, secdb] : [secdb];
  await store.retain(
    data.vendor.id,
    snapshots.map(({ id }) => id),
  );
  return snapshots;
}

async function fetchLatest(
  context: FetchContext,
  data: RollingData,
): Promise<{ snapshot: Snapshot; told: LatestSecdb } | undefined> {
  const { store } = context;
  const input = latestInput(data);
  if (input === undefined) return undefined;
  const told = async (blob: Blob) =>
    parseLatest((await store.read(blob, input.maxBytes)).toString('utf8'), input.url);
  const snapshot = await download(context, {
    ...input,
    verify: async (blob) => {
      await told(blob);
    },
  });
  return { snapshot, told: await told(snapshot) };
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
