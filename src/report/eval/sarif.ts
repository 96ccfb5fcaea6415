import {
  doubtOf,
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../../model/index.ts';
import { noteLine } from '../note-text.ts';
import {
  inMarkdown,
  type SarifNotification,
  type SarifResult,
  type SarifRule,
  type SarifRun,
  sarifLog,
  sarifUri,
} from '../sarif/log.ts';
import { sarifSeverities } from '../sarif/severity.ts';
import { stableImageName } from '../scan/words.ts';
import { evidenceText } from './evidence-text.ts';
import { byUrgency, subjectOf } from './order.ts';

/** Formats SARIF 2.1.0: a result for each definition that needs an action, and an open one where it could not be evaluated. */
export function evaluationSarif(
  evaluation: OvalEvaluation,
  name: string = stableImageName(evaluation.image.reference),
): Iterable<string> {
  return sarifLog(evaluationRun(evaluation, name));
}

/** The run of one image; several images have one each. */
export function evaluationRun(evaluation: OvalEvaluation, name: string): SarifRun {
  const { tool, image, content, counts } = evaluation;
  return {
    toolVersion: tool.version,
    category: `scapfeed-eval/${name}/${content.name}`,
    results: resultsOf(evaluation, name),
    notifications: notificationsOf(evaluation),
    properties: {
      image: image.reference,
      ...(image.digest === undefined ? {} : { imageDigest: image.digest }),
      contentSha256: content.sha256,
      counts,
    },
  };
}

function* resultsOf({ definitions }: OvalEvaluation, name: string): Iterable<SarifResult> {
  const told = byUrgency(definitions.filter((row) => needsAction(row) || isUnsettled(row)));
  for (const row of told) {
    const failed = needsAction(row);
    const details = evidenceText(row);
    const place = row.evidence.flatMap(({ found }) => found)[0]?.place;
    yield {
      rule: ruleOf(row),
      level: failed ? sarifSeverities[row.severity].level : 'none',
      kind: failed ? 'fail' : 'open',
      message: details === '' ? row.title : `${row.title}\n${details}`,
      uri: sarifUri(name, place?.startsWith('/') ? place : 'image'),
      logical: [{ name: place ?? row.title, fullName: row.id, kind: 'module' }],
      identity: [row.id, name],
      properties: { class: row.class, result: row.result, severity: row.severity },
    };
  }
}

function ruleOf(row: EvaluatedDefinition): SarifRule {
  const links = row.references.flatMap(({ url }) => (url?.startsWith('http') ? [url] : []));
  const { level, number } = sarifSeverities[row.severity];
  const about = [row.advisory, ...row.vulnerabilities].filter((each) => each !== undefined);
  return {
    id: row.id,
    name: subjectOf(row),
    short: row.title || row.id,
    full: row.title || row.id,
    help: {
      text: [row.title, ...about, ...links].join('\n'),
      markdown: [inMarkdown(row.title), ...about.map((each) => `- ${inMarkdown(each)}`)].join('\n'),
    },
    level,
    ...(links[0] === undefined ? {} : { helpUri: links[0] }),
    tags: ['security', row.class, ...row.vulnerabilities],
    ...(number === undefined ? {} : { securitySeverity: number }),
  };
}

function notificationsOf(evaluation: OvalEvaluation): SarifNotification[] {
  const { unfinished, notes = [] } = evaluation;
  const doubt = doubtOf(evaluation);
  return [
    ...(doubt === undefined ? [] : [{ level: 'error', id: 'not-applicable', text: doubt } as const]),
    ...(unfinished === undefined ? [] : [{ level: 'error', id: 'unfinished', text: unfinished } as const]),
    ...notes.map((note): SarifNotification => ({ level: 'note', id: note.code, text: noteLine(note) })),
  ];
}
