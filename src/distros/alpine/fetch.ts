import { type Limit, limitUntilFailure, settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { type Download, downloadIfThere } from '../../sources/download.ts';
import { parseSecdb } from '../../sources/secdb/document.ts';
import { requireShare } from '../../sources/secdb/statements.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import { requireOf } from './accept.ts';
import {
  type AlpineDefinition,
  type AlpineRelease,
  type RepositoryInputs,
  repositoryInputs,
  sourceId,
} from './definition.ts';
import { readPackageIndex } from './package-index.ts';

const concurrency = 4;

/** Updates the security database and the package indexes of every release that the server has. */
export async function fetchAlpine(context: FetchContext, definition: AlpineDefinition): Promise<Snapshot[]> {
  const limit = limitUntilFailure(concurrency);
  const releases = definition.releases.map((release) => fetchRelease(context, release, definition, limit));
  const snapshots = (await settled(releases)).flat();
  if (snapshots.length === 0) {
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected the security database of a release, found none',
      where: definition.secdb,
      remedy: 'check feeds/alpine.json, or complete the mirror',
    });
  }
  await context.store.retain(sourceId, snapshots);
  return snapshots;
}

/**
 * All documents of a release, or none: with one repository missing, its packages would have no known fix. Package indexes
 * may be missing altogether; the release then has no roster.
 */
async function fetchRelease(
  context: FetchContext,
  release: AlpineRelease,
  definition: AlpineDefinition,
  limit: Limit,
): Promise<Snapshot[]> {
  const inputs = repositoryInputs(release, definition).map((one) =>
    checked(one, release, definition, context),
  );
  const secdbs = await settled(inputs.map(({ secdb }) => limit(() => downloadIfThere(context, secdb))));
  const found = secdbs.flatMap((snapshot) => snapshot ?? []);
  if (found.length === 0) return [];
  requireAll(
    found.length,
    inputs.map(({ secdb }) => secdb),
    'security databases',
    release,
  );
  const indexes = await settled(inputs.map(({ index }) => limit(() => downloadIfThere(context, index))));
  const listed = indexes.flatMap((snapshot) => snapshot ?? []);
  if (listed.length > 0)
    requireAll(
      listed.length,
      inputs.map(({ index }) => index),
      'package indexes',
      release,
    );
  return [...found, ...listed];
}

/** New documents are used only if they can be read: otherwise the last good ones stay. */
function checked(
  { secdb, index }: RepositoryInputs,
  release: AlpineRelease,
  definition: AlpineDefinition,
  { store }: FetchContext,
): { secdb: Download; index: Download } {
  return {
    secdb: {
      ...secdb,
      verify: async (blob) => {
        const document = parseSecdb((await store.read(blob)).toString('utf8'), secdb.url);
        requireOf(release, document, definition, secdb.url);
      },
    },
    index: {
      ...index,
      verify: async (blob) => {
        let faults = 0;
        const onMalformed = () => {
          faults += 1;
        };
        const { length } = await readPackageIndex(store.open(blob), index.url, onMalformed);
        requireShare(faults, length, definition, index.url);
      },
    },
  };
}

function requireAll(
  found: number,
  wanted: readonly Download[],
  what: string,
  { branch }: AlpineRelease,
): void {
  if (found === wanted.length) return;
  throw new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: `expected all ${wanted.length} ${what} of ${branch}, found ${found}`,
    where: wanted.map(({ url }) => url).join(', '),
    remedy: 'check the repositories in feeds/alpine.json, or complete the mirror',
  });
}
