import type { Source } from '../../../sources/contract.ts';
import { redHatEvidence } from './evidence.ts';
import { definition, type RedHatDefinition } from './feed.ts';
import { fetchRedHat } from './fetch.ts';
import { readRedHat } from './read.ts';

/** Red Hat: both VEX trees and the security advisories, as CSAF 2.0. */
export const redhat: Source = createRedHat(definition);

/** The source by another definition: tests have servers of their own. */
export function createRedHat(by: RedHatDefinition): Source {
  return {
    id: 'redhat',
    name: 'Red Hat security data',
    licence: 'CC-BY-4.0',
    attribution: 'Red Hat, Inc., Product Security (https://access.redhat.com/security/data)',
    fetch: (context) => fetchRedHat(context, by),
    async read(snapshots, store, out) {
      // Maps help to tell an image's streams: their lack is no failure, and no secret.
      for (const id of Object.keys(by.maps)) {
        if (!snapshots.some((snapshot) => snapshot.id === id)) out.ledger.doubt('input_absent', id);
      }
      await readRedHat(snapshots, store, out);
    },
    evidence: redHatEvidence,
  };
}
