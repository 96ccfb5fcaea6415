import type { Environment } from '../../model/index.ts';
import { usage } from '../../tasks/given-words.ts';
import type { AttestedImage } from '../../tasks/signed/attested-image.ts';
import type { SignatureChoice } from './judge-signatures.ts';
import { isSignatureAsked } from './require-signed.ts';

/** Reads the SBOM of a verified attestation of an image in place of the image. Errors: ATTESTATION_*, those of
`signed` and of SBOMs. */
export async function openAttested(
  reference: string,
  type: string,
  given: SignatureChoice,
  env: Environment,
): Promise<AttestedImage> {
  if (!isSignatureAsked(given)) {
    throw usage(
      'scan',
      '--from-attestation: no required signer is given',
      'add --signed-by, or --identity with --issuer and --trusted-root',
    );
  }
  const { attestedSubject } = await import('./judge-signatures.ts');
  return attestedSubject('scan', reference, type, given, env);
}
