import type { Exceptions, InventoryNote, PolicyUse, ScanResult, ViewedVerdict } from '../../model/index.ts';
import type { Baseline, PolicyFile } from '../../policy/index.ts';
import type { VexDocument } from '../../vex/index.ts';

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
    const { ignoreByPolicy } = await import('../../policy/index.ts');
    const day = now.toISOString().slice(0, 10);
    const ignored = ignoreByPolicy(verdicts, policy.policy, result.image.layers, day);
    added.push(...wideEntries(policy.policy, ignored.entries, verdicts));
    verdicts = ignored.verdicts;
    exceptions.policy = policyUse(policy, ignored.entries);
  }
  if (vex) {
    const { applyVex } = await import('../../vex/index.ts');
    const cleared = applyVex(verdicts, vex, { ...result.image, os: result.inventory.os }, now);
    verdicts = cleared.verdicts;
    exceptions.vex = cleared.uses;
    added.push(...cleared.notes);
  }
  if (baseline) {
    const { ignoreKnown } = await import('../../policy/index.ts');
    const known = ignoreKnown(verdicts, baseline);
    verdicts = known.verdicts;
    exceptions.baseline = known.use;
    if (known.use.known > 0) added.push(...otherRelease(baseline, known.use.known, result.platform.id));
  }
  const inventory = { ...result.inventory, notes: [...result.inventory.notes, ...added] };
  return { ...result, inventory, verdicts, exceptions };
}

/** Entries without a vulnerability that put aside each verdict of an image with several: more than one means to accept. */
function wideEntries(
  { file, ignore }: PolicyFile,
  uses: PolicyUse['entries'],
  verdicts: readonly ViewedVerdict[],
): InventoryNote[] {
  const all = new Set(verdicts.map(({ vulnerability }) => vulnerability)).size;
  return uses
    .filter(({ state, verdicts: count }, at) => {
      const isWide = ignore[at]?.vulnerability.length === 0;
      return state === 'used' && isWide && count === verdicts.length && all > 1;
    })
    .map(({ line }) => ({
      code: 'policy_ignores_everything',
      where: `${file}:${line}`,
      detail: `this entry ignores every flaw of the image: ${all} vulnerabilities`,
    }));
}

/** Flaws that were known in another release may have fixes in this one, which have not been considered. */
function otherRelease({ file, platform }: Baseline, known: number, own: string): InventoryNote[] {
  if (platform === undefined || platform === own) return [];
  const detail = `a result of ${platform}, and this is ${own}: ${known === 1 ? '1 flaw' : `${known} flaws`} of it ${known === 1 ? 'is' : 'are'} not counted here`;
  return [{ code: 'baseline_of_other_release', where: file, detail }];
}

/** A policy with what became of its entries, as results have it. */
export function policyUse(
  { policy: { file, sha256 }, chosen }: ChosenPolicy,
  entries: PolicyUse['entries'],
): PolicyUse {
  return { file, sha256, chosen, entries };
}
