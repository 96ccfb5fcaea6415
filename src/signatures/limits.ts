import { ScapfeedError } from '../model/error.ts';

const MiB = 1024 * 1024;

/** Limits on the signatures of one image: anyone who may push to a repository can attach signatures to its images. */
export const signatureLimits = {
  /** Rows of all lists of what is attached to one index or manifest. */
  referrers: 1000,
  /** Pages of one answer of the referrers API. */
  pages: 100,
  /** Signatures and attestations that are read. */
  signatures: 256,
  /** Bytes of one bundle, payload or envelope. An attested SBOM can be large. */
  signatureBytes: 32 * MiB,
  /** Bytes of all of them. */
  allBytes: 256 * MiB,
  /** Bytes of an OpenPGP message about an image, compressed and not; they have about 1 KB. */
  openpgpBytes: MiB,
  /** Bytes of a certificate. Fulcio's have about 1 KB. */
  certificateBytes: 64 * 1024,
  /** Log entries and timestamps of one bundle. */
  proofs: 32,
  /** Characters of a name in a certificate that patterns are tried on. */
  identity: 2048,
  /** Maximum number of materials of one statement that are listed. */
  materials: 100,
} as const;

export function tooMany(what: string, allowed: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message: `expected at most ${allowed} ${what}, found more`,
    where,
    remedy: 'remove what was attached to this image without need; nothing was verified',
  });
}
