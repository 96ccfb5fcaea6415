import { settled } from '../../../io/settled.ts';
import { ScapfeedError } from '../../../model/index.ts';
import type { FetchContext } from '../../../sources/contract.ts';
import { type Download, downloadIfThere, downloadOptional } from '../../../sources/download.ts';
import { requireShare } from '../../../sources/errata/malformed-share.ts';
import { fetchRepositories } from '../../../sources/repodata/fetch.ts';
import type { Snapshot } from '../../../sources/snapshots.ts';
import type { AlmaLinuxDefinition, AlmaLinuxRelease } from './definition.ts';
import { readErrata } from './errata.ts';
import { errataInput, osvInput, ovalInput, repositoryInputs, sourceId } from './inputs.ts';
import { checkedOval } from './oval.ts';

/** Updates the errata of every release that the server has, their OVAL, the OSV records and the lists of packages if there are any. */
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
  const oval = await settled(
    releases.map((release) => downloadOptional(context, checkedOvalOf(release, definition, context))),
  );
  const osv = await downloadOptional(context, osvInput(definition));
  const repositories = releases.flatMap((release) => repositoryInputs(release, definition));
  const lists = await fetchRepositories(context, repositories);
  const snapshots = [
    ...errata,
    ...oval.flatMap((snapshot) => snapshot ?? []),
    ...(osv ? [osv] : []),
    ...lists,
  ];
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

/** A new document is used only if rows can be said of it, or of all but a few of its definitions. */
function checkedOvalOf(
  release: AlmaLinuxRelease,
  definition: AlmaLinuxDefinition,
  { store }: FetchContext,
): Download {
  const oval = ovalInput(release, definition);
  return {
    ...oval,
    verify: async (blob) => {
      const { definitions, faults } = await checkedOval(store.open(blob), oval.url);
      if (definitions === 0) throw noErrata(oval.url);
      requireShare(faults, definitions, definition, oval.url);
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
