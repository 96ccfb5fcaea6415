import { readOwnPolicy, readSigningPolicy, type SigningPolicy } from '../../signatures/index.ts';
import type { TrustFiles } from './trust-files.ts';

/**
 * The policy of a file: containers' or the Notary Project's in JSON, or the section `signed` of a scapfeed.yaml.
 * @throws {ScapfeedError} TRUST_ROOT_MISSING, TRUST_POLICY_INVALID, POLICY_INVALID
 */
export async function signingPolicy(file: string, trust: TrustFiles): Promise<SigningPolicy> {
  const bytes = trust.read(file);
  if (/^\s*\{/.test(bytes.toString('utf8', 0, 1000))) return readSigningPolicy(bytes, file);
  const { readPolicyFile } = await import('../../policy/index.ts');
  return readOwnPolicy(readPolicyFile(bytes, file).signed, file, trust);
}
