import { readContainersPolicy } from './containers-policy.ts';
import { readNotaryPolicy } from './notary-policy.ts';
import type { SigningPolicy } from './policy.ts';
import { policyInvalid, readStrictJson } from './strict-json.ts';

/** A policy by what stands in it. Errors: TRUST_POLICY_INVALID. */
export function readSigningPolicy(bytes: Buffer, file: string): SigningPolicy {
  const document = readStrictJson(bytes.toString('utf8'), file);
  if ('default' in document || 'transports' in document) return readContainersPolicy(document, file);
  if ('trustPolicies' in document) return readNotaryPolicy(document, file);
  throw policyInvalid("expected containers' policy.json or a trust policy of the Notary Project", file);
}
