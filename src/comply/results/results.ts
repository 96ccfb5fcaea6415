import { createHash } from 'node:crypto';
import type { ComplianceResult, OvalEvaluation } from '../../model/index.ts';
import { ResultEvidence } from './oval-evidence.ts';
import { evaluationOf } from './oval-result.ts';
import { readResultsDocument } from './read-results.ts';
import { complianceOf } from './xccdf-result.ts';

/** Results that were read from a document: of a profile, or of OVAL definitions alone. */
export type ReadResults =
  | {
      kind: 'compliance';
      result: ComplianceResult /** Test results before it in the document. */;
      earlier: number;
    }
  | { kind: 'oval'; evaluation: OvalEvaluation };

/** Reads XCCDF results, OVAL results or an asset report collection, ours or another tool's; of several, the last. */
export function readResults(source: Uint8Array, name: string, toolVersion: string): ReadResults {
  const { testResults, ovalResults, benchmarks } = readResultsDocument(source, name);
  const last = testResults.at(-1);
  const evidence = new ResultEvidence(ovalResults);
  if (last) {
    const result = complianceOf(last, benchmarks, { where: name, toolVersion, evidence });
    return { kind: 'compliance', result, earlier: testResults.length - 1 };
  }
  const sha256 = createHash('sha256').update(source).digest('hex');
  return {
    kind: 'oval',
    evaluation: evaluationOf(ovalResults.at(-1)!, { name, sha256, toolVersion, evidence }),
  };
}
