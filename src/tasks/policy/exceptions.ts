import type { InventoryNote } from '../../model/inventory/index.ts';
import type { Exceptions, PolicyUse, ScanResult, VexUse, ViewedVerdict } from '../../model/verdict/index.ts';
import type { Baseline, PolicyFile } from '../../policy/index.ts';
import type { VexDocument } from '../../vex/index.ts';
import type { IssuerRights } from '../signed/vex-rights.ts';

/** A policy file and how it was chosen. */
export interface ChosenPolicy {
  policy: PolicyFile;
  chosen: PolicyUse['chosen'];
  /** Issuers and the flaws that they may lift. Absent: every document that is named may lift all. */
  rights?: IssuerRights;
}

/** The exceptions that the user gave, read before the image is. */
export interface GivenExceptions {
  policy?: ChosenPolicy;
  vex?: readonly VexDocument[];
  /** Names of VEX repositories of the feed. */
  repositories?: readonly string[];
  baseline?: Baseline;
  notes?: readonly InventoryNote[];
}

/** The name in `feed:NAME`, a place of VEX; undefined: it is another place. */
export function repositoryName(place: string): string | undefined {
  return place.startsWith('feed:') ? place.slice('feed:'.length) : undefined;
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
    const { os } = result.inventory;
    const rights = policy?.rights?.in(result.image.reference, os);
    const cleared = applyVex(verdicts, vex, { ...result.image, os }, now, rights);
    verdicts = cleared.verdicts;
    exceptions.vex = cleared.uses;
    added.push(...cleared.notes, ...withheldNotes(cleared.uses, policy?.policy.file));
  }
  if (baseline) {
    const { ignoreKnown } = await import('../../policy/index.ts');
    const known = ignoreKnown(verdicts, baseline);
    verdicts = known.verdicts;
    exceptions.baseline = known.use;
    if (known.use.known > 0) added.push(...(await otherSubject(baseline, known.use.known, result)));
  }
  const inventory = { ...result.inventory, notes: [...result.inventory.notes, ...added] };
  return { ...result, inventory, verdicts, exceptions };
}

/** Documents with statements that are not applied, because the policy gives their issuers no right. */
function withheldNotes(uses: readonly VexUse[], policy = ''): InventoryNote[] {
  return uses.flatMap(({ document, notLifted = 0 }) => {
    if (notLifted === 0) return [];
    const stay =
      notLifted === 1
        ? '1 verdict that it would clear stays'
        : `${notLifted} verdicts that it would clear stay`;
    return [
      {
        code: 'vex_without_right',
        where: document,
        detail: `${stay}: ${policy} gives its issuer no right to lift them`,
      },
    ];
  });
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

/** Flaws that were known in another release may have fixes in this one, and those of another image nobody has considered here. */
async function otherSubject(
  { file, platform, reference }: Baseline,
  known: number,
  { platform: { id }, image }: ScanResult,
): Promise<InventoryNote[]> {
  const { stableImageName } = await import('../../report/scan/words.ts');
  const hidden = `${known === 1 ? '1 flaw of it is' : `${known} flaws of it are`} not counted here`;
  const notes: InventoryNote[] = [];
  if (platform !== undefined && platform !== id) {
    const detail = `a result of ${platform}, and this is ${id}: ${hidden}`;
    notes.push({ code: 'baseline_of_other_release', where: file, detail });
  }
  if (reference !== undefined && stableImageName(reference) !== stableImageName(image.reference)) {
    const detail = `a result of ${reference}, and this is ${image.reference}: ${hidden}`;
    notes.push({ code: 'baseline_of_other_image', where: file, detail });
  }
  return notes;
}

/** A policy with what became of its entries, as results have it. */
export function policyUse(
  { policy: { file, sha256 }, chosen }: ChosenPolicy,
  entries: PolicyUse['entries'],
): PolicyUse {
  return { file, sha256, chosen, entries };
}
