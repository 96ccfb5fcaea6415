import type { TargetRun } from './for-targets.ts';
import type { FoundInventory } from './found-inventory.ts';
import type { FormatOf } from './output-formats.ts';

/** Reads several images; a run on one does not load the code for it. */
export async function inventorySeveral(
  run: TargetRun<FormatOf<'inventory'>, FoundInventory>,
): Promise<number> {
  return (await import('./inventory-targets.ts')).inventoryTargets(run);
}
