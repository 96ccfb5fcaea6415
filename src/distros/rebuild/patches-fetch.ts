import { settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { type Download, downloadIfThere } from '../../sources/download.ts';
import { type MalformedLimits, noErrata, requireShare } from '../../sources/errata/malformed-share.ts';
import { readPatches } from '../../sources/oval/read-patches.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import type { PatchesDefinition, RebuildData } from './definition.ts';
import { isUnderstood, ovalInput, type PatchForm, patchForm } from './patches.ts';

/** Updates the OVAL of every release that the server has. */
export async function fetchPatches(
  context: FetchContext,
  data: RebuildData<PatchesDefinition>,
): Promise<Snapshot[]> {
  const { rebuild, definition } = data;
  const inputs = definition.releases.flatMap((release) => ovalInput(release, data) ?? []);
  const form = patchForm(rebuild);
  const found = await settled(
    inputs.map((input) => downloadIfThere(context, checkedOval(input, form, definition, context))),
  );
  const snapshots = found.flatMap((snapshot) => snapshot ?? []);
  if (snapshots.length > 0) return snapshots;
  throw new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: 'expected the OVAL of a release, found none',
    where: definition.oval,
    remedy: `check feeds/${rebuild.id}.json, or complete the mirror`,
  });
}

/** A new document is used only if all but a few of its definitions can be read as rows. */
export function checkedOval(
  oval: Download,
  form: PatchForm,
  limits: MalformedLimits,
  { store }: Pick<FetchContext, 'store'>,
): Download {
  return {
    ...oval,
    verify: async (blob) => {
      let [definitions, faults] = [0, 0];
      for (const patch of await readPatches(store.open(blob), oval.url, form.class)) {
        definitions += 1;
        if (!isUnderstood(patch, form)) faults += 1;
      }
      if (definitions === 0) throw noErrata('errata', oval.url);
      requireShare(faults, definitions, limits, oval.url);
    },
  };
}
