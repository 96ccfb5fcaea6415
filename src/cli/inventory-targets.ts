import { countedJson, countedTable } from '../report/many/counted.ts';
import { countedTargets } from './counted-targets.ts';
import type { TargetRun } from './for-targets.ts';
import type { FoundInventory } from './found-inventory.ts';
import type { FormatOf } from './output-formats.ts';

/** Reads several images. SBOMs describe one system: of these there is one for each image. */
export function inventoryTargets(run: TargetRun<FormatOf<'inventory'>, FoundInventory>): Promise<number> {
  return countedTargets<FormatOf<'inventory'>, FoundInventory>(run, {
    deed: { command: 'inventory', verb: 'read', done: 'read' },
    headings: { packages: 'PACKAGES', layers: 'LAYERS', notes: 'NOTES' },
    facts: ({ counts }) => ({ counts }),
    formats: {
      table: { part: ({ table }) => [table()], whole: countedTable },
      json: { part: ({ json }) => [json()], whole: countedJson },
    },
  });
}
