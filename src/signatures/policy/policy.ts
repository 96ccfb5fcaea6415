import type { ImageReference } from '../../image/reference.ts';
import type { Demand } from '../asked.ts';

/** The requirements for an image's signatures. */
export interface SigningPolicy {
  /** Errors: TRUST_POLICY_INVALID, TRUST_ROOT_*, when what it names cannot be read. */
  demandFor(reference: ImageReference): Demand;
}
