import data from '../../../feeds/osv.json' with { type: 'json' };
import { settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { EvidenceDocument, FetchContext, Source, SourceInput } from '../../sources/contract.ts';
import { downloadIfThere } from '../../sources/download.ts';
import type { Snapshot, SnapshotStore } from '../../sources/snapshots.ts';
import { ecosystems } from '../ecosystems.ts';
import { eachRecord, inputOf, platformOf, readOsv } from './read.ts';

/** `feeds/osv.json`: where the archives of the ecosystems are. */
export interface OsvDefinition {
  /** `ECOSYSTEM/all.zip` is below it. */
  archives: string;
}

const sourceId = 'osv';
const maxArchiveBytes = 2 ** 31;

/** OSV's archives of the packages of languages. */
export function createSource({ archives }: OsvDefinition): Source {
  return {
    id: sourceId,
    name: 'OSV',
    licence:
      'GitHub Advisory Database, PyPA and Go CC-BY-4.0; RustSec CC0-1.0; malicious packages and Bitnami Apache-2.0',
    attribution:
      'Advisories of the GitHub Advisory Database, PyPA, the Go vulnerability database, RustSec and Bitnami, distributed by https://osv.dev',
    unsealed: true,
    platforms: ecosystems.map(platformOf),
    fetch: (context) => fetchArchives(context, archives),
    read: readOsv,
    evidence,
  };
}

export const source: Source = createSource(data);

async function fetchArchives(context: FetchContext, archives: string): Promise<Snapshot[]> {
  const found = await settled(
    ecosystems.map((ecosystem) =>
      downloadIfThere(context, {
        id: inputOf(ecosystem),
        source: sourceId,
        url: `${archives}/${ecosystem.name}/all.zip`,
        kind: 'zip',
        maxBytes: maxArchiveBytes,
        verify: (blob) => requireRecords(blob, context.store, ecosystem.name),
      }),
    ),
  );
  const snapshots = found.filter((snapshot) => snapshot !== undefined);
  if (snapshots.length === 0)
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected the archive of an ecosystem, found none',
      where: archives,
      remedy: 'check feeds/osv.json, or complete the mirror',
    });
  await context.store.retain(sourceId, snapshots);
  return snapshots;
}

/** By an archive without records, every package of an ecosystem would look clean. */
async function requireRecords(
  blob: Pick<SourceInput, 'sha256'>,
  store: SnapshotStore,
  name: string,
): Promise<void> {
  let records = 0;
  await eachRecord({ id: `the archive of ${name}`, sha256: blob.sha256 }, store, () => {
    records += 1;
  });
  if (records > 0) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected records about packages of ${name}, found none`,
    where: `${name}/all.zip`,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

/** The record of an archive that evidence names, and its place there: `GHSA-….json/affected`. */
async function evidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const [file, ...place] = pointer.split('/');
  let document: EvidenceDocument | undefined;
  await eachRecord(input, store, (entry) => {
    // A publisher's own folder has its records in folders.
    if (entry.name === file || entry.name.endsWith(`/${file}`))
      document = {
        place: `${input.url}, file ${entry.name}`,
        bytes: entry.content(),
        pointer: ['', ...place].join('/'),
      };
  });
  return document;
}
