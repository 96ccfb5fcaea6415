import type { ComplianceResult, OvalResultsData } from '../../model/compliance/index.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import { complianceTable } from '../../report/comply/table.ts';
import { wholeJson } from '../../report/formats/json.ts';
import type { Action } from '../../report/many/results.ts';
import type { ReportView } from '../../report/writers.ts';
import { type CountedReports, countedJson, countedSharedFormats, countedTable } from '../formats.ts';
import { mainOval } from './run.ts';

/** The report formats of an image judged by a profile. */
export type ComplianceFormat = 'json' | 'table' | 'xccdf' | 'oval' | 'arf' | 'sarif' | 'junit' | 'html';

/** An image that was judged by a profile. */
export interface FoundCompliance {
  /** The name by which CI systems identify the image. */
  name: string;
  result: ComplianceResult & { signed?: SignatureGate };
  oval(): readonly OvalResultsData[];
  /** The table lists passed rules too. */
  all: boolean;
}

const action: Action = { command: 'comply', verb: 'judge', done: 'judged' };

export const complianceReports: CountedReports<ComplianceFormat, FoundCompliance> = {
  formats: {
    json: countedJson(({ result }) => wholeJson(result)),
    table: countedTable(tableOf, ({ result: { policy: _, ...result }, ...found }, view) =>
      tableOf({ ...found, result }, view),
    ),
    xccdf: {
      one: async ({ result }) => (await import('../../report/comply/xccdf.ts')).xccdfResult(result),
    },
    oval: {
      one: async ({ result, oval }) =>
        (await import('../../report/comply/oval-results.ts')).ovalResults(result, mainOval(oval())),
    },
    arf: {
      one: async ({ result, oval }) => (await import('../../report/comply/arf.ts')).arfReport(result, oval()),
    },
    ...countedSharedFormats(action, async () => {
      const { complianceSubject: subject, complianceSuite: suite } = await import(
        '../../report/comply/subject.ts'
      );
      return { subject, suite };
    }),
    html: {
      one: async ({ result }) => (await import('../../report/comply/html.ts')).htmlReport(result),
      several: async () => {
        const { countedHtml } = await import('../../report/many/counted-html.ts');
        const { complianceSection, ruleFilters } = await import('../../report/comply/html.ts');
        return countedHtml({ ...ruleFilters, noun: ['rule', 'rules'] }, ({ result }, prefix) =>
          complianceSection(result, prefix),
        );
      },
    },
  },
  summary: async () => {
    const { countedSummary } = await import('../../report/many/counted.ts');
    const { ruleCounts, ruleHeadings } = await import('../../report/many/rule-counts.ts');
    const { ruleBoxes, shownRules } = await import('../../report/comply/html.ts');
    return countedSummary({
      action,
      headings: ruleHeadings,
      facts: ({ result }) => ({ counts: ruleCounts(result), boxes: ruleBoxes(shownRules(result)) }),
      policy: ({ result }) => result.policy,
    });
  },
};

function tableOf({ result, all }: FoundCompliance, { color }: ReportView): string {
  return complianceTable(result, { color, all });
}
