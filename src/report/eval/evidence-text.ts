import type { ComplianceEvidence, EvaluatedDefinition } from '../../model/index.ts';

/** The tests behind a result as lines: what was asked, and what was found. */
export function evidenceText({ message, evidence }: EvaluatedDefinition): string {
  return [...(message === undefined ? [] : [message]), ...evidence.flatMap(testLines)].join('\n');
}

function testLines({ test, comment, result, expected, found, message }: ComplianceEvidence): string[] {
  return [
    `${result}: ${comment ?? test}${expected.length === 0 ? '' : ` (${expected.join(', ')})`}`,
    ...(message === undefined ? [] : [`  ${message}`]),
    ...found.map(({ place, line, value }) =>
      `  ${place}${line === undefined ? '' : `:${line}`} ${value ?? ''}`.trimEnd(),
    ),
  ];
}
