import type { Source } from '../../../sources/contract.ts';
import { treeEvidence } from '../../../sources/csaf-tree/evidence.ts';
import { type RedHatDefinition, redHatDefinition } from './definition.ts';
import { fetchRedHat } from './fetch.ts';
import { readRedHat } from './read.ts';
import { redHatTables } from './repositories.ts';
import { treesOf } from './trees.ts';

export { redHatDefinition as definition } from './definition.ts';

/** Red Hat: both VEX trees and the security advisories, as CSAF 2.0. */
export function createSource(definition: RedHatDefinition): Source {
  return {
    id: 'redhat',
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
