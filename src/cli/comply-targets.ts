import { complianceFacts, ruleBoxes, ruleFilters, shownRules } from '../report/comply/html.ts';
import { ruleSection } from '../report/comply/html-rule.ts';
import { complianceJson } from '../report/comply/json.ts';
import { complianceSuite } from '../report/comply/junit.ts';
import { complianceRun } from '../report/comply/sarif.ts';
import { countedJson, countedTable } from '../report/many/counted.ts';
import { countedHtml, countedSection } from '../report/many/counted-html.ts';
import type { Deed } from '../report/many/results.ts';
import { resultsJunit } from '../report/many/results-junit.ts';
import { resultsSarif, sarifPart } from '../report/many/results-sarif.ts';
import { countedTargets } from './counted-targets.ts';
import type { TargetRun } from './for-targets.ts';
import type { FoundCompliance } from './found-compliance.ts';
import type { FormatOf } from './output-formats.ts';
import { ruleCounts, ruleHeadings } from './rule-counts.ts';

const deed: Deed = { command: 'comply', verb: 'judge', done: 'judged' };
const words = { ...ruleFilters, noun: ['rule', 'rules'] } as const;

/** Judges several images by one profile. */
export function complyTargets(run: TargetRun<FormatOf<'comply'>, FoundCompliance>): Promise<number> {
  return countedTargets<FormatOf<'comply'>, FoundCompliance>(run, {
    deed,
    headings: ruleHeadings,
    facts: ({ result }) => ({ counts: ruleCounts(result), boxes: ruleBoxes(shownRules(result)) }),
    policy: ({ result }) => result.policy,
    formats: {
      table: {
        part: ({ table, result: { policy: _, ...alone } }, view) => [table(view, alone)],
        whole: countedTable,
      },
      json: { part: ({ result }) => [complianceJson(result)], whole: countedJson },
      sarif: {
        part: ({ result, name }, of) => sarifPart(complianceRun(result, name), of),
        whole: (many) => resultsSarif(many, deed, { totals: many.totals }),
      },
      junit: {
        part: ({ result, name }) => [`${complianceSuite(result, name, `${name}.`)}\n`],
        whole: ({ targets }) => resultsJunit(targets, deed),
      },
      html: {
        part: ({ result }, of) =>
          countedSection(of, {
            heading: result.profile?.title ?? result.benchmark.title,
            facts: complianceFacts(result),
            entries: shownRules(result).map((rule) => ruleSection(rule, `image-${of.at + 1}-`)),
          }),
        whole: (many) => countedHtml(many, words),
      },
    },
  });
}
