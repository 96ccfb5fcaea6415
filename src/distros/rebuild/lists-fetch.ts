import { settled } from '../../io/settled.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { type Download, downloadIfThere, downloadOptional } from '../../sources/download.ts';
import { noErrata, requireShare } from '../../sources/errata/malformed-share.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import { type AdvisoryForm, advisoryForm, type ListsDefinition, type RebuildData } from './definition.ts';
import { errataInput, readErrata } from './lists.ts';
import { checkedOval, ovalInput } from './lists-oval.ts';

/** Updates the errata of every release that the server has, and their OVAL if there is any. */
export async function fetchLists(
  context: FetchContext,
  data: RebuildData<ListsDefinition>,
): Promise<Snapshot[]> {
  const { rebuild, definition } = data;
  const { releases } = definition;
  const form = advisoryForm(rebuild);
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
    ovals.map((input) => downloadOptional(context, checkedOvalOf(input, form, definition, context))),
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

/** A new document is used only if all but a few of its definitions can be read as rows. */
function checkedOvalOf(
  oval: Download,
  form: AdvisoryForm,
  limits: ListsDefinition,
  { store }: FetchContext,
): Download {
  return {
    ...oval,
    verify: async (blob) => {
      const { definitions, faults } = await checkedOval(store.open(blob), oval.url, form);
      if (definitions === 0) throw noErrata('errata', oval.url);
      requireShare(faults, definitions, limits, oval.url);
    },
  };
}
