import type { Bundle } from '@sigstore/bundle';
import type { InTotoStatement } from './statement.ts';

/** A signature of Sigstore's in any of its forms, as a bundle; that it signs this image by its own words is known already. */
export interface SigstoreSignature {
  bundle: Bundle;
  /** The bytes that a plain signature is over; a DSSE envelope carries its own. */
  artifact: Buffer;
  statement?: InTotoStatement;
  /** The name that was signed; absent: the form has none. */
  name?: string;
}
