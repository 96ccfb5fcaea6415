import type { Source } from '../../../sources/contract.ts';
import { type UbuntuDefinition, ubuntuDefinition } from './definition.ts';
import { ubuntuEvidence } from './evidence.ts';
import { fetchUbuntu } from './fetch.ts';
import { readUbuntu } from './read.ts';

export { ubuntuDefinition as definition } from './definition.ts';

/** Ubuntu: Canonical's OSV, OpenVEX and USN data, and the CVE tracker for what they do not have. */
export function createSource(definition: UbuntuDefinition): Source {
  return {
    id: 'ubuntu',
    name: 'Ubuntu security data',
    licence: 'CC-BY-SA-4.0',
    attribution: 'Canonical Ltd., Ubuntu Security Team (https://ubuntu.com/security)',
    fetch: (context) => fetchUbuntu(context, definition),
    read: (snapshots, store, out) => readUbuntu(snapshots, store, out, definition),
    evidence: (input, pointer, _, store) => ubuntuEvidence(input, pointer, store, definition),
  };
}

export const source: Source = createSource(ubuntuDefinition);
