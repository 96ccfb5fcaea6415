import type { Environment, SignatureGate } from '../../model/index.ts';
import { choice, group } from '../option.ts';
import { usage } from '../usage.ts';
import type { SignatureChoice } from './judge-signatures.ts';
import { isSignatureAsked } from './require-signed.ts';
import type { Subject } from './subject.ts';

export const attestationOptions = group('Signatures', {
  'from-attestation': choice(
    ['cyclonedx', 'spdx'],
    'judge the SBOM in an attestation of this type (%) by the signers above, instead of the image',
    { metavar: 'TYPE', noun: 'type of SBOM' },
  ),
});

/** An image as an attested SBOM tells it, with how its signature was checked. */
export interface AttestedSubject extends Subject {
  signed: SignatureGate;
}

/** Reads the SBOM of a verified attestation of an image in place of the image. Errors: ATTESTATION_*, those of `signed` and of SBOMs. */
export async function openAttested(
  reference: string,
  type: string,
  given: SignatureChoice,
  env: Environment,
): Promise<AttestedSubject> {
  if (!isSignatureAsked(given)) {
    throw usage(
      'scan',
      '--from-attestation: nothing says who must have attested it',
      'add --signed-by, or --identity with --issuer and --trusted-root',
    );
  }
  const { attestedSbom } = await import('./judge-signatures.ts');
  const { gate, statement, at } = await attestedSbom('scan', reference, type, given, env);
  const { readSbom } = await import('../../sbom/index.ts');
  const where = `${reference}, attested ${type}`;
  const { image, inventory } = readSbom(statement, where);
  // The statement's subject is what was verified; what the SBOM says of itself is not compared with anything.
  return { image: { ...image, reference: where, digest: at.digest }, inventory, signed: gate };
}
