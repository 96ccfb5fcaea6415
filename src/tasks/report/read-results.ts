import { basename } from 'node:path';
import { documentInfo, isRuleResult, type ReadResults, readResults } from '../../comply/index.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import {
  type ComplianceResult,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import { readContentBytes } from '../content/bytes.ts';
import { toolVersion } from '../tool-version.ts';

/** Results in any form that `comply`, `eval` or oscap writes: XML, or the JSON of `comply`. */
export async function readResultsFile(file: string): Promise<ReadResults> {
  const bytes = await readContentBytes(file);
  if (bytes[0] === 0x7b) return { kind: 'compliance', result: complianceFrom(bytes, file), earlier: 0 };
  return readResults(bytes, basename(file), toolVersion);
}

/** OVAL results with the definitions that a table lists: all, or those that `eval` lists. */
export function listedOf(evaluation: OvalEvaluation, all: boolean): OvalEvaluation {
  if (all) return evaluation;
  const definitions = evaluation.definitions.filter((each) => needsAction(each) || isUnsettled(each));
  return { ...evaluation, definitions };
}

/** The error of a format that says the results of a benchmark. */
export function ovalAlone(file: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: 'expected results of a benchmark, found OVAL results alone',
    where: file,
    remedy: 'specify XCCDF results or ARF; OVAL results alone can be written as table or html',
  });
}

/** The JSON of `comply`: alone, or as its part of the JSON of `check`. */
export function complyPart(parsed: unknown): unknown {
  const { scan, comply } = (parsed ?? {}) as { scan?: unknown; comply?: unknown };
  return scan === undefined || comply === undefined ? parsed : comply;
}

function complianceFrom(bytes: Buffer, file: string): ComplianceResult {
  // Identifies the file if it is something else; damaged JSON ends here.
  const found = documentInfo(bytes, file, toolVersion);
  const parsed = complyPart(parseForeignJson(bytes)) as Partial<ComplianceResult> | null;
  const lists = [parsed?.rules, parsed?.scores, parsed?.values, parsed?.platforms];
  if (
    lists.every((list) => Array.isArray(list)) &&
    parsed?.rules?.every((rule) => isRuleResult(rule?.result)) &&
    parsed?.benchmark &&
    parsed.image &&
    parsed.content &&
    parsed.tool
  )
    return parsed as ComplianceResult;
  const takenBy = found.facts.find(({ name }) => name === 'taken by')?.value;
  throw new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `expected results that \`scapfeed comply\` wrote as JSON, found ${found.kind}`,
    where: file,
    remedy: `make them with \`scapfeed comply … -o json=FILE\`${takenBy === undefined ? '' : `; this is taken by ${takenBy}`}`,
  });
}
