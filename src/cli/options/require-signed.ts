import type { Environment, SignatureGate } from '../../model/index.ts';
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
