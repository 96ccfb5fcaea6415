import type { Source } from '../../../sources/contract.ts';
import { type RedHatDefinition, redHatDefinition } from './definition.ts';
import { redHatEvidence } from './evidence.ts';
import { fetchRedHat } from './fetch/index.ts';
import { readRedHat } from './read.ts';
import { redHatTables } from './repositories.ts';

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
    evidence: redHatEvidence,
  };
}

export const source: Source = createSource(redHatDefinition);
