import type { ComplianceEvidence, EvaluatedDefinition } from '../../model/compliance/index.ts';
import { plural } from '../text-table.ts';

/** The tests behind a result as lines: what was asked, and what was found. */
export function evidenceText({ message, evidence, omittedTests }: EvaluatedDefinition): string {
  return [
    ...(message === undefined ? [] : [message]),
    ...evidence.flatMap(testLines),
    ...omittedLine(omittedTests),
  ].join('\n');
}

export function omittedLine(omittedTests = 0): string[] {
  return omittedTests === 0 ? [] : [`and ${plural(omittedTests, 'more test')}`];
}

function testLines({
  test,
  comment,
  result,
  expected,
  found,
  message,
  searched = [],
}: ComplianceEvidence): string[] {
  return [
    `${result}: ${comment ?? test}${expected.length === 0 ? '' : ` (${expected.join(', ')})`}`,
    ...(message === undefined ? [] : [`  ${message}`]),
    ...(searched.length > 0 ? [`  nothing found; searched: ${searched.join(', ')}`] : []),
    ...found.map(({ place, line, value }) =>
      `  ${place}${line === undefined ? '' : `:${line}`} ${value ?? ''}`.trimEnd(),
    ),
  ];
}
