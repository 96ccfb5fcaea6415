import { settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { type Download, downloadIfThere, downloadOptional } from '../../sources/download.ts';
import { noErrata } from '../../sources/errata/malformed-share.ts';
import { fetchRepositories } from '../../sources/repodata/fetch.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import {
  type AdvisoryForm,
  isListed,
  isOfDocuments,
  isPaged,
  isUpdated,
  type ListsDefinition,
  osvInput,
  type RebuildData,
  repositoryInputs,
} from './definition.ts';
import { fetchFlawDocuments } from './documents.ts';
import { errataInput, readErrata } from './lists.ts';
import { fetchPages } from './pages-fetch.ts';
import { ovalInput, patchForm } from './patches.ts';
import { checkedOval, fetchPatches } from './patches-fetch.ts';
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

/** Updates the errata of every release that the server has, and their OVAL if there is any. */
async function fetchLists(context: FetchContext, data: RebuildData<ListsDefinition>): Promise<Snapshot[]> {
  const { rebuild, definition } = data;
  const { releases } = definition;
  const form = patchForm(rebuild);
  const errata = (
    await settled(
      releases.map((release) => downloadIfThere(context, checked(errataInput(release, data), form, context))),
    )
  ).flatMap((snapshot) => snapshot ?? []);
  if (errata.length === 0) {
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected the errata of a release, found none',
      where: definition.errata,
      remedy: `check feeds/${rebuild.id}.json, or complete the mirror`,
    });
  }
  const ovals = releases.flatMap((release) => ovalInput(release, data) ?? []);
  const oval = await settled(
    ovals.map((input) => downloadOptional(context, checkedOval(input, form, definition, context))),
  );
  return [...errata, ...oval.flatMap((snapshot) => snapshot ?? [])];
}

/** A new document is used only if it can be read to its end. */
function checked(errata: Download, { id }: AdvisoryForm, { store }: FetchContext): Download {
  return {
    ...errata,
    verify: async (blob) => {
      let found = false;
      for await (const _ of readErrata(store.open(blob), errata.url, id)) found = true;
      if (!found) throw noErrata('errata', errata.url);
    },
  };
}
