import { settled } from '../../../io/settled.ts';
import { ScapfeedError } from '../../../model/index.ts';
import type { FetchContext } from '../../../sources/contract.ts';
import { type Download, download, downloadOptional } from '../../../sources/download.ts';
import type { Snapshot } from '../../../sources/snapshots.ts';
import type { AlmaLinuxDefinition } from './definition.ts';
import { readErrata } from './errata.ts';
import { errataInput, osvInput, sourceId } from './inputs.ts';

/** Updates the errata of every release that the server has, and the OSV records if there are any. */
export async function fetchAlmaLinux(
  context: FetchContext,
  definition: AlmaLinuxDefinition,
): Promise<Snapshot[]> {
  const { releases } = definition;
  const errata = (
    await settled(
      releases.map((release) => ifThere(context, checked(errataInput(release, definition), context))),
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
  const snapshots = osv ? [...errata, osv] : errata;
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
      for await (const _ of readErrata(store.open(blob), errata.url));
    },
  };
}

async function ifThere(context: FetchContext, wanted: Download): Promise<Snapshot | undefined> {
  try {
    return await download(context, wanted);
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}
