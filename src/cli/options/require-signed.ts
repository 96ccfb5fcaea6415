import type { Environment, SignatureGate } from '../../model/index.ts';
import { group, path, repeatable } from '../../tasks/option.ts';
import { identityOptions } from './identity-options.ts';
import type { SignatureChoice } from './judge-signatures.ts';

/** Options of commands that refuse an image which is not signed as required. */
export const requireSignedOptions = group('Signatures', {
  'require-signed': path(
    'POLICY',
    "exit 1 if the image is not signed as this policy requires, 4 if it is not signed at all: containers' policy.json, a " +
      'trust policy of the Notary Project, or the section signed of a scapfeed.yaml',
  ),
  'signed-by': repeatable(
    path('FILE', 'the same for a signature by this public key, or below this certificate (PEM)'),
  ),
  ...identityOptions,
  lookaside: path('DIR', 'signatures of skopeo and podman, in the layout of a lookaside server'),
});

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
