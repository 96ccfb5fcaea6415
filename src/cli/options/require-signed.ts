import type { Environment } from '../../model/environment.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import { usage } from '../../tasks/given-words.ts';
import type { AttestedImage } from '../../tasks/signed/attested-image.ts';
import type { SignatureChoice } from './judge-signatures.ts';

const askingOptions = ['require-signed', 'signed-by', 'identity', 'identity-regexp', 'issuer'] as const;

/**
 * Checks the signatures of an image before it is read; undefined: none are asked for, and no code for them is loaded.
 * Errors: those of `signed`.
 */
export async function requireSigned(
  command: string,
  reference: string,
  given: SignatureChoice,
  env: Environment,
): Promise<SignatureGate | undefined> {
  if (!isSignatureAsked(given)) return undefined;
  const { judgeSignatures } = await import('./judge-signatures.ts');
  return judgeSignatures(command, reference, given, env);
}

/** True if a signature is required. */
export function isSignatureAsked(given: SignatureChoice): boolean {
  return askingOptions.some((name) => given[name] !== undefined);
}

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
