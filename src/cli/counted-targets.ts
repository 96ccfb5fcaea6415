import type { PolicyUse } from '../model/index.ts';
import { type CountedFacts, countedTotals, type ManyCounted } from '../report/many/counted.ts';
import { type Deed, type MergedFormat, sharedPolicy } from '../report/many/results.ts';
import type { TargetResult, TargetRun } from './for-targets.ts';
import { severalTargets } from './several-targets.ts';

/** A command's way to sum up its results of several images by counts. */
export interface Counting<Format extends string, One> {
  deed: Deed;
  headings: Readonly<Record<string, string>>;
  formats: Partial<Readonly<Record<Format, MergedFormat<One, ManyCounted>>>>;
  facts(one: One): CountedFacts;
  policy?(one: One): PolicyUse | undefined;
}

/** Runs a command on several images, with one report of each format. */
export function countedTargets<Format extends string, One extends TargetResult<Format>>(
  run: TargetRun<Format, One>,
  { deed, headings, formats, facts, policy }: Counting<Format, One>,
): Promise<number> {
  const policies = new Map<number, PolicyUse>();
  return severalTargets<Format, One, CountedFacts, ManyCounted>(run, {
    format: ({ format }) => formats[format],
    facts: (one, at) => {
      const use = policy?.(one);
      if (use) policies.set(at, use);
      return facts(one);
    },
    whole: (results) => {
      const shared = sharedPolicy([...policies].sort(([a], [b]) => a - b).map(([, use]) => use));
      return {
        ...results,
        deed,
        headings,
        totals: countedTotals(results.targets, Object.keys(headings)),
        ...(shared && { policy: shared }),
      };
    },
  });
}
