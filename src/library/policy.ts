import { readFileSync } from 'node:fs';
import type { ChosenPolicy } from '../acts/exceptions.ts';
import { ScapfeedError } from '../model/index.ts';

/** @internal The policy that a caller names; only its accepted risks, paths and waivers are used, not its options. */
export async function policyAt(file: string): Promise<ChosenPolicy> {
  const { readPolicyFile } = await import('../policy/index.ts');
  return { policy: readPolicyFile(fileOf(file), file), chosen: 'option' };
}

function fileOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'POLICY_INVALID',
      message: `the policy cannot be read: ${(cause as Error).message}`,
      where: path,
      remedy: 'name a readable file',
      cause,
    });
  }
}
