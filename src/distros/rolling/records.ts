import { fixesOnly, type Platform } from '../../model/feed/index.ts';
import { orderOf } from '../../packaging/orders.ts';
import type { FetchContext, Source, SourceSink } from '../../sources/contract.ts';
import { type Download, download } from '../../sources/download.ts';
import {
  checkOsvArchive,
  type OsvVocabulary,
  osvEvidence,
  readOsvRecords,
} from '../../sources/osv/read-records.ts';
import type { Snapshot, SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { RollingVendor } from '../rolling.ts';
import {
  archiveInput,
  platformOf,
  type RecordsData,
  type RecordsDefinition,
  vendorSource,
} from './definition.ts';

/** The OSV records of a vendor without releases. All are about its own builds, whatever ecosystem they name. */
export function recordsSource(vendor: RollingVendor, definition: RecordsDefinition): Source {
  const data = { vendor, definition };
  return {
    ...vendorSource(vendor),
    platforms: platformsOf(data),
    fetch: (context) => fetchArchive(context, data),
    read: (snapshots, store, out) => readArchive(snapshots, store, out, data),
    evidence: (input, pointer, _, store) => osvEvidence(input, pointer, store, vocabularyOf(data)),
  };
}

/** A new archive is used only if it can be read: otherwise the last good one stays. */
async function fetchArchive(context: FetchContext, data: RecordsData): Promise<Snapshot[]> {
  const snapshot = await download(context, checkedArchive(data, context.store));
  await context.store.retain(data.vendor.id, [snapshot]);
  return [snapshot];
}

/** The archive, which is checked before it is kept. */
export function checkedArchive(data: RecordsData, store: SnapshotStore): Download {
  const input = archiveInput(data);
  return {
    ...input,
    verify: (blob) => checkOsvArchive(blob, store, input.url, vocabularyOf(data), data.definition),
  };
}

export async function readArchive(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  data: RecordsData,
): Promise<void> {
  const wanted = archiveInput(data);
  const input = snapshots.find(({ id }) => id === wanted.id);
  if (input === undefined) return;
  await readOsvRecords(input, store, out, vocabularyOf(data), data.definition);
  const { byPackage } = data.vendor.records ?? {};
  const marks = [...(byPackage ? [] : [fixesOnly]), 'no_package_list'];
  for (const platform of platformsOf(data)) out.platform(platform, { inputs: [input.id], marks });
}

export function platformsOf(data: RecordsData): Platform[] {
  const { id, also = [] } = data.vendor;
  return [id, ...also].map((osId) => platformOf(data, osId));
}

const apk = orderOf('apk');

export function vocabularyOf(data: RecordsData): OsvVocabulary {
  const platforms = platformsOf(data);
  const { prefix = '', severalFlaws, versionsAreFixes, ecosystem, byPackage } = data.vendor.records ?? {};
  return {
    prefix,
    ...(severalFlaws && { severalFlaws }),
    ...(versionsAreFixes && { versionsAreFixes }),
    subject: byPackage ? 'binary' : 'source',
    names: /^[a-zA-Z0-9_][a-zA-Z0-9_.+-]{0,254}$/,
    platforms,
    platformsOf: (entry) =>
      ecosystem === undefined || entry.ecosystem === ecosystem
        ? platforms
        : { reason: 'other_ecosystem', detail: entry.ecosystem },
    orderOf: () => apk,
  };
}
