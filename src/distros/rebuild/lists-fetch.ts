import { settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { type Download, downloadIfThere, downloadOptional } from '../../sources/download.ts';
import { noErrata } from '../../sources/errata/malformed-share.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import type { AdvisoryForm, ListsDefinition, RebuildData } from './definition.ts';
import { errataInput, readErrata } from './lists.ts';
import { ovalInput, patchForm } from './patches.ts';
import { checkedOval } from './patches-fetch.ts';

/** Updates the errata of every release that the server has, and their OVAL if there is any. */
export async function fetchLists(
  context: FetchContext,
  data: RebuildData<ListsDefinition>,
): Promise<Snapshot[]> {
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
