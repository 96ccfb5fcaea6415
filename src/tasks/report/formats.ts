import type { ComplianceResult, OvalEvaluation } from '../../model/compliance/index.ts';
import { arfReport } from '../../report/comply/arf.ts';
import { htmlReport } from '../../report/comply/html.ts';
import { complianceTable } from '../../report/comply/table.ts';
import { xccdfResult } from '../../report/comply/xccdf.ts';
import { evaluationHtml } from '../../report/eval/html.ts';
import { evaluationTable } from '../../report/eval/table.ts';
import { wholeJson } from '../../report/formats/json.ts';
import type { Writers } from '../../report/writers.ts';
import { listedOf } from './read-results.ts';

/** The formats of OVAL results from a file. */
export type OvalResultsFormat = 'table' | 'html';

/** The formats of results of a benchmark from a file. */
export type BenchmarkFormat = OvalResultsFormat | 'json' | 'xccdf' | 'arf';

/** The writers of results of a benchmark. `all`: the table lists passed rules too. */
export function benchmarkWriters(result: ComplianceResult, all: boolean): Writers<BenchmarkFormat> {
  return {
    table: ({ color }) => complianceTable(result, { color, all }),
    html: () => htmlReport(result),
    json: () => wholeJson(result),
    xccdf: () => xccdfResult(result),
    arf: () => arfReport(result, []),
  };
}

/** The writers of OVAL results. `all`: the table lists definitions that need no action too. */
export function ovalResultsWriters(evaluation: OvalEvaluation, all: boolean): Writers<OvalResultsFormat> {
  return {
    table: ({ color }) => evaluationTable(listedOf(evaluation, all), { color }),
    html: () => evaluationHtml(evaluation),
  };
}
