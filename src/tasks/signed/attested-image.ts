import type { Image, Inventory } from '../../model/inventory/index.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import type { RequiredSigners } from '../../signatures/index.ts';
import { attestedSbom, type SignatureAccess } from './image-signatures.ts';

/** An image as described by an attested SBOM, with the check of the attestation's signature. */
export interface AttestedImage {
  image: Image;
  inventory: Inventory;
  signed: SignatureGate;
}

/** Reads the SBOM of a verified attestation in place of the image. Errors: ATTESTATION_*, those of `signed` and of SBOMs. */
export async function attestedImage(
  reference: string,
  type: string,
  asked: RequiredSigners,
  access: SignatureAccess,
): Promise<AttestedImage> {
  const { gate, statement, at } = await attestedSbom(reference, type, asked, access);
  const { readSbom } = await import('../../sbom/index.ts');
  const where = `${reference}, attested ${type}`;
  const { image, inventory } = readSbom(statement, where);
  // The statement's subject was verified; the SBOM's own description is not compared with anything.
  return { image: { ...image, reference: where, digest: at.digest }, inventory, signed: gate };
}
