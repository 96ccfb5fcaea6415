import {
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
  type Severity,
} from '../../model/index.ts';
import { evidenceText } from './evidence-text.ts';
import { byUrgency, subjectOf } from './order.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  unknown: 'warning',
};

/** The score that GitHub shows for a severity. */
const scores: Partial<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

/** Formats SARIF 2.1.0 with a result for each listed definition that needs an action or could not be evaluated. */
export function evaluationSarif(evaluation: OvalEvaluation): string {
  const rows = evaluation.definitions.filter((row) => needsAction(row) || isUnsettled(row)).sort(byUrgency);
  const { tool, image, unfinished, applies, reason } = evaluation;
  const problems = [
    ...(applies === 'no' ? [`nothing applies: ${reason ?? ''}`] : []),
    ...(unfinished === undefined ? [] : [`not finished: ${unfinished}`]),
  ];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool.name, version: tool.version, rules: rows.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: problems.length === 0,
            ...(problems.length === 0
              ? {}
              : {
                  toolExecutionNotifications: problems.map((text) => ({ level: 'error', message: { text } })),
                }),
          },
        ],
        results: rows.map((row, ruleIndex) => resultOf(row, ruleIndex, image.reference)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf(row: EvaluatedDefinition): object {
  const url = row.references.find((each) => each.url !== undefined && /^https?:/.test(each.url))?.url;
  const score = scores[row.severity];
  return {
    id: row.id,
    name: subjectOf(row),
    shortDescription: { text: row.title },
    ...(url === undefined ? {} : { helpUri: url }),
    properties: {
      tags: ['security', row.class, ...row.vulnerabilities],
      ...(score === undefined ? {} : { 'security-severity': score }),
    },
  };
}

function resultOf(row: EvaluatedDefinition, ruleIndex: number, image: string): object {
  const details = evidenceText(row);
  return {
    ruleId: row.id,
    ruleIndex,
    kind: needsAction(row) ? 'fail' : 'open',
    // A result that is no failure has no level.
    level: needsAction(row) ? levels[row.severity] : 'none',
    message: { text: details === '' ? row.title : `${row.title}\n${details}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(image) } },
        logicalLocations: [{ name: image, kind: 'module' }],
      },
    ],
    partialFingerprints: { 'definition/v1': row.id },
  };
}
