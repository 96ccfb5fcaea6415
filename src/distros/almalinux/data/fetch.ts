import { settled } from '../../../io/settled.ts';
import { ScapfeedError } from '../../../model/index.ts';
import type { FetchContext } from '../../../sources/contract.ts';
import { type Download, downloadIfThere, downloadOptional } from '../../../sources/download.ts';
import { fetchRepositories } from '../../../sources/repodata/fetch.ts';
import type { Snapshot } from '../../../sources/snapshots.ts';
import type { AlmaLinuxDefinition } from './definition.ts';
import { readErrata } from './errata.ts';
import { errataInput, osvInput, repositoryInputs, sourceId } from './inputs.ts';

/** Updates the errata of every release that the server has, the OSV records and the lists of packages if there are any. */
export async function fetchAlmaLinux(
  context: FetchContext,
  definition: AlmaLinuxDefinition,
): Promise<Snapshot[]> {
  const { releases } = definition;
  const errata = (
    await settled(
      releases.map((release) => downloadIfThere(context, checked(errataInput(release, definition), context))),
    )
  ).flatMap((snapshot) => snapshot ?? []);
  if (errata.length === 0) {
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected the errata of a release, found none',
      where: definition.errata,
      remedy: 'check feeds/almalinux.json, or complete the mirror',
    });
  }
  const osv = await downloadOptional(context, osvInput(definition));
  const repositories = releases.flatMap((release) => repositoryInputs(release, definition));
  const lists = await fetchRepositories(context, repositories);
  const snapshots = [...errata, ...(osv ? [osv] : []), ...lists];
  await context.store.retain(
    sourceId,
    snapshots.map(({ id }) => id),
  );
  return snapshots;
}

/** A new document is used only if it can be read to its end. */
function checked(errata: Download, { store }: FetchContext): Download {
  return {
    ...errata,
    verify: async (blob) => {
      let found = false;
      for await (const _ of readErrata(store.open(blob), errata.url)) found = true;
      if (!found) throw noErrata(errata.url);
    },
  };
}

/** A release has had errata since its first day: an empty list would make every image of it clean. */
function noErrata(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected errata, found an empty list',
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}
