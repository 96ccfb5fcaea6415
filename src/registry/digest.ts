import { createHash } from 'node:crypto';

/** Digest of a whole buffer, `sha256:HEX`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Whether a tag holds what is attached to an image instead of an image: cosign's signatures, attestations and SBOMs, and the list
 * that stands for the referrers API ("Referrers Tag Schema" of the OCI distribution specification, which cuts a digest to 64).
 */
export function isAttachedTag(tag: string): boolean {
  return /^sha(?:256|384|512)-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/.test(tag);
}
