import type { Source } from '../../sources/contract.ts';
import { secdbEvidence } from '../../sources/secdb/statements.ts';
import type { RollingVendor } from '../rolling.ts';
import type { RollingDefinition } from './definition.ts';
import { fetchRolling, readRolling } from './read.ts';

/** The security database of a vendor without releases. */
export function rollingSource(vendor: RollingVendor, definition: RollingDefinition): Source {
  const { id, data: name, licence, terms, publisher, page } = vendor;
  const data = { vendor, definition };
  return {
    id,
    name,
    licence,
    ...(terms && { terms }),
    unsealed: true,
    attribution: `${publisher} (${page})`,
    fetch: (context) => fetchRolling(context, data),
    read: (snapshots, store, out) => readRolling(snapshots, store, out, data),
    evidence: (input, pointer, _, store) => secdbEvidence(input, pointer, store),
  };
}
