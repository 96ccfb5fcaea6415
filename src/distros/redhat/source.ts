import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext, Source } from '../../sources/contract.ts';
import { treeEvidence } from '../../sources/csaf-tree/evidence.ts';
import { fetchTree } from '../../sources/csaf-tree/fetch-tree.ts';
import { downloadOptional } from '../../sources/download.ts';
import type { Blob, Snapshot } from '../../sources/snapshots.ts';
import { type RedHatDefinition, redHatDefinition } from './definition.ts';
import { readRedHat } from './read.ts';
import { mapByteLimit, parseMap, redHatTables } from './repositories.ts';
import { treesOf } from './trees.ts';

/**
 * Updates all trees and maps. A missing tree is left out if another VEX tree exists: Red Hat is replacing the first by the
 * second.
 */
async function fetchRedHat(context: FetchContext, definition: RedHatDefinition): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const tree of treesOf(definition)) snapshots.push(...(await fetchTree(tree, context)));
  if (!snapshots.some(({ id }) => id.startsWith('redhat-vex'))) {
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected at least one VEX tree, found none',
      where: `${definition.trees['redhat-vex']}, ${definition.trees['redhat-vex-feed']}`,
      remedy: 'check the addresses in feeds/redhat.json, or the layout of the mirror (MIRROR/HOST/PATH)',
    });
  }
  for (const [id, url] of Object.entries(definition.maps)) {
    const verify = async (blob: Blob) => void parseMap(await context.store.read(blob, mapByteLimit), url);
    const map = { id, source: 'redhat', url, kind: 'json', maxBytes: mapByteLimit, verify } as const;
    // The maps give an image's streams; without them the user can name one (`--stream`).
    snapshots.push(...[(await downloadOptional(context, map)) ?? []].flat());
  }
  await context.store.retain('redhat', snapshots);
  return snapshots;
}

export { redHatDefinition as definition } from './definition.ts';

/** Red Hat: both VEX trees and the security advisories, as CSAF 2.0. */
export function createSource(definition: RedHatDefinition): Source {
  return {
    id: 'redhat',
    isSampled: true,
    name: 'Red Hat security data',
    licence: 'CC-BY-4.0',
    attribution: 'Red Hat, Inc., Product Security (https://access.redhat.com/security/data)',
    tables: redHatTables,
    fetch: (context) => fetchRedHat(context, definition),
    read: (snapshots, store, out) => readRedHat(snapshots, store, out, definition),
    evidence: (input, pointer, inputs, store) =>
      treeEvidence(treesOf(definition), input, pointer, inputs, store),
  };
}

export const source: Source = createSource(redHatDefinition);
