import type { ComplianceResult } from '../../model/compliance/index.ts';
import type { PolicyUse, ScanResult } from '../../model/verdict/index.ts';
import { complianceTable } from '../../report/comply/table.ts';
import { wholeJson } from '../../report/formats/json.ts';
import { scanJson } from '../../report/scan/json.ts';
import type { ReportView } from '../../report/writers.ts';
import { type CountedReports, countedJson, countedTable } from '../formats.ts';
import { type ScannedImage, tableOfScan } from '../scan/formats.ts';

/** Report formats of `check`. */
export type CheckFormat = 'json' | 'table' | 'html';

/** The result of `check` for one image. */
export interface FoundCheck extends ScannedImage {
  result: ComplianceResult;
  /** The table lists passed rules too. */
  all: boolean;
}

export const checkReports: CountedReports<CheckFormat, FoundCheck> = {
  formats: {
    json: countedJson(checkJson),
    table: countedTable(tableOf, ({ report, result: { policy: _, ...result }, ...found }, view) =>
      tableOf({ ...found, report: { ...report, result: withoutPolicy(report.result) }, result }, view),
    ),
    html: {
      one: async ({ report, result }) =>
        (await import('../../report/check/html.ts')).checkHtml(report, result),
      several: async () => {
        const { countedHtml } = await import('../../report/many/counted-html.ts');
        const { checkFilters, checkSection } = await import('../../report/check/html.ts');
        return countedHtml({ ...checkFilters, noun: ['entry', 'entries'] }, ({ report, result }, prefix) =>
          checkSection(report, result, prefix),
        );
      },
    },
  },
  summary: async () => {
    const { countedSummary } = await import('../../report/many/counted.ts');
    const { ruleCounts } = await import('../../report/many/rule-counts.ts');
    const { checkBoxes } = await import('../../report/check/html.ts');
    return countedSummary({
      action: { command: 'check', verb: 'check', done: 'checked' },
      headings: {
        flaws: 'FLAWS',
        fixable: 'FIXABLE',
        fail: 'FAILED',
        waived: 'WAIVED',
        unjudged: 'UNJUDGED',
        pass: 'PASSED',
      },
      facts: ({ report, result }) => {
        const { flaws, fixable } = report.counts();
        return { counts: { flaws, fixable, ...ruleCounts(result) }, boxes: checkBoxes(report, result) };
      },
      policy: policyOf,
    });
  },
};

/** `{"scan": …, "comply": …}`: each as its own command writes it. */
function* checkJson({ report, result }: FoundCheck): Iterable<string> {
  yield '{"scan":';
  yield* scanJson(report);
  yield `,"comply":${wholeJson(result).trimEnd()}}\n`;
}

function tableOf({ result, all, ...scanned }: FoundCheck, view: ReportView): string {
  return `${tableOfScan(scanned, view)}\n${complianceTable(result, { color: view.color, all })}`;
}

/** The entries that flaws use, then the waivers that rules use. */
function policyOf({ report, result }: FoundCheck): PolicyUse | undefined {
  const { policy } = report.result.exceptions ?? {};
  if (!policy || !result.policy) return policy ?? result.policy;
  return { ...policy, entries: [...policy.entries, ...result.policy.entries] };
}

function withoutPolicy(result: ScanResult): ScanResult {
  const { policy: _, ...exceptions } = result.exceptions ?? {};
  return { ...result, exceptions };
}
