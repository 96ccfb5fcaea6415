import type { Exceptions, InventoryNote, PolicyUse, ScanResult } from '../model/index.ts';
import type { Baseline, PolicyFile } from '../policy/index.ts';
import type { VexDocument } from '../vex/index.ts';

/** A policy file and how it was chosen. */
export interface ChosenPolicy {
  policy: PolicyFile;
  chosen: PolicyUse['chosen'];
}

/** The exceptions that the user gave, read before the image is. */
export interface GivenExceptions {
  policy?: ChosenPolicy;
  vex?: readonly VexDocument[];
  baseline?: Baseline;
  notes?: readonly InventoryNote[];
}

/**
 * Applies exceptions to a result, each ignored verdict with its reason. The user's own policy comes first, then VEX, then the
 * baseline: each sees only what the ones before it left.
 */
export async function withExceptions(
  result: ScanResult,
  { policy, vex, baseline, notes = [] }: GivenExceptions,
  now: Date,
): Promise<ScanResult> {
  if (!policy && !vex && !baseline && notes.length === 0) return result;
  let { verdicts } = result;
  const added = [...notes];
  const exceptions: Exceptions = {};
  if (policy) {
    const { ignoreByPolicy } = await import('../policy/index.ts');
    const day = now.toISOString().slice(0, 10);
    const ignored = ignoreByPolicy(verdicts, policy.policy, result.image.layers, day);
    verdicts = ignored.verdicts;
    exceptions.policy = policyUse(policy, ignored.entries);
  }
  if (vex) {
    const { applyVex } = await import('../vex/index.ts');
    const cleared = applyVex(verdicts, vex, { ...result.image, os: result.inventory.os }, now);
    verdicts = cleared.verdicts;
    exceptions.vex = cleared.uses;
    added.push(...cleared.notes);
  }
  if (baseline) {
    const { ignoreKnown } = await import('../policy/index.ts');
    const known = ignoreKnown(verdicts, baseline);
    verdicts = known.verdicts;
    exceptions.baseline = known.use;
  }
  const inventory = { ...result.inventory, notes: [...result.inventory.notes, ...added] };
  return { ...result, inventory, verdicts, exceptions };
}

/** A policy with what became of its entries, as results have it. */
export function policyUse(
  { policy: { file, sha256 }, chosen }: ChosenPolicy,
  entries: PolicyUse['entries'],
): PolicyUse {
  return { file, sha256, chosen, entries };
}
