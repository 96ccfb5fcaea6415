import { fillTemplate, templateView } from '../scan/template.ts';
import type { ManyScan, MergedScan } from './scan.ts';

/** Fills in a template for several images: `targets`, each with all that a template of one image sees, and `totals`. */
export function mergedTemplate(template: string, where: string): MergedScan {
  return {
    part: (report) => [JSON.stringify(templateView(report))],
    whole: ({ targets, ...scan }: ManyScan) => {
      const views = targets.map(({ part, facts, ...target }, at) => ({
        ...(facts ? (JSON.parse([...part()].join('')) as object) : { flaws: [], upgrades: [] }),
        ...target,
        isLast: at === targets.length - 1,
      }));
      return [fillTemplate({ ...scan, targets: views }, template, where)];
    },
  };
}
