import type { FetchContext } from '../../sources/contract.ts';
import { downloadOptional } from '../../sources/download.ts';
import { fetchRepositories } from '../../sources/repodata/fetch.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import {
  isListed,
  isOfDocuments,
  isPaged,
  isUpdated,
  osvInput,
  type RebuildData,
  repositoryInputs,
} from './definition.ts';
import { fetchFlawDocuments } from './documents.ts';
import { fetchLists } from './lists-fetch.ts';
import { fetchPages } from './pages-fetch.ts';
import { fetchPatches } from './patches-fetch.ts';
import { fetchUpdateLists } from './updates.ts';

/** Updates the errata, the OSV records and the lists of packages if there are any. */
export async function fetchRebuild(context: FetchContext, data: RebuildData): Promise<Snapshot[]> {
  const { rebuild, definition } = data;
  const errata = isPaged(definition)
    ? await fetchPages(context, { rebuild, definition })
    : isListed(definition)
      ? await fetchLists(context, { rebuild, definition })
      : isUpdated(definition)
        ? await fetchUpdateLists(context, { rebuild, definition })
        : isOfDocuments(definition)
          ? await fetchFlawDocuments(context, { rebuild, definition })
          : await fetchPatches(context, { rebuild, definition });
  const osvRecords = osvInput(data);
  const osv = osvRecords && (await downloadOptional(context, osvRecords));
  const repositories = definition.releases.flatMap((release) => repositoryInputs(release, data));
  const lists = await fetchRepositories(context, repositories);
  const snapshots = [...errata, ...(osv ? [osv] : []), ...lists];
  await context.store.retain(rebuild.id, snapshots);
  return snapshots;
}
