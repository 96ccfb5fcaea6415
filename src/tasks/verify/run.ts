import { readInventory } from '../../inventory/index.ts';
import type { Image } from '../../model/inventory/index.ts';
import { pathMatcher } from '../../model/path-glob.ts';
import { type Steps, whole } from '../../model/progress.ts';
import type { Ignored, Verification } from '../../model/verdict/index.ts';
import { requireDatabase } from '../../runtime/index.ts';
import { verifyFilesInSteps } from '../../verify/index.ts';
import { type ChosenPolicy, policyUse } from '../policy/exceptions.ts';
import { toolVersion } from '../tool-version.ts';

/** The paths that --allow and the policy accept, and what became of the policy's entries. */
export interface Allowance {
  allowed(path: string): boolean;
  accepted?(path: string): Ignored | undefined;
  use(): Pick<Verification, 'policy'>;
}

const none: Allowance = { allowed: () => false, use: () => ({}) };

export async function allowanceOf(
  patterns: readonly string[],
  chosen: ChosenPolicy | undefined,
  now: Date,
): Promise<Allowance> {
  const allowed = pathMatcher(patterns);
  if (!chosen) return { allowed, use: () => ({}) };
  const { allowedPaths } = await import('../../policy/index.ts');
  const accepted = allowedPaths(chosen.policy, now.toISOString().slice(0, 10));
  return {
    allowed,
    accepted: (path) => accepted.of(path),
    use: () => ({ policy: policyUse(chosen, accepted.uses()) }),
  };
}

/** Compares an image's files with its packages. */
export function verifyImage(image: Image, allowance = none): Verification {
  return whole(verifyImageInSteps(image, allowance));
}

/** The same with a pause before each file. */
export function* verifyImageInSteps(image: Image, { use, ...allowance } = none): Steps<Verification> {
  const { kind, reference, digest, architecture, files } = image;
  const inventory = requireDatabase(readInventory(files), image.reference);
  const live = kind === 'directory';
  const { notes, ...found } = yield* verifyFilesInSteps({ files, inventory, live }, allowance);
  return {
    format: 'scapfeed/verification/1',
    tool: `scapfeed ${toolVersion}`,
    image: {
      reference,
      ...(digest === undefined ? {} : { digest }),
      ...(architecture === undefined ? {} : { architecture }),
      layers: live ? [] : files.layers,
    },
    inventory: {
      os: inventory.os,
      databases: inventory.databases,
      packages: inventory.packages.length,
      notes: [...image.notes, ...inventory.notes, ...notes],
    },
    ...found,
    ...use(),
  };
}
