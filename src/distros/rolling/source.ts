import type { Source } from '../../sources/contract.ts';
import { secdbEvidence } from '../../sources/secdb/statements.ts';
import type { RollingVendor } from '../rolling.ts';
import { platformOf, type RollingDefinition, vendorSource } from './definition.ts';
import { fetchRolling, readRolling } from './read.ts';

/** The security database of a vendor without releases. */
export function rollingSource(vendor: RollingVendor, definition: RollingDefinition): Source {
  const data = { vendor, definition };
  return {
    ...vendorSource(vendor),
    platforms: [platformOf(data)],
    fetch: (context) => fetchRolling(context, data),
    read: (snapshots, store, out) => readRolling(snapshots, store, out, data),
    evidence: (input, pointer, _, store) => secdbEvidence(input, pointer, store),
  };
}
