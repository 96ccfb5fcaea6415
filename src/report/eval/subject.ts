import {
  doubtOf,
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';
import { entryTest, platformTest } from '../formats/junit.ts';
import { inMarkdown } from '../formats/markdown.ts';
import { noteText } from '../note-text.ts';
import { stableImageName } from '../scan/words.ts';
import {
  type EntryRule,
  imageFacts,
  noticesOf,
  type ReportEntry,
  type ReportSubject,
  severityLevels,
  type TestSuite,
} from '../subject.ts';
import { evidenceText } from './evidence-text.ts';
import { byUrgency, subjectOf } from './order.ts';

/** A result, and the name by which CI systems identify its image. */
interface NamedEvaluation {
  evaluation: OvalEvaluation;
  name?: string;
}

/** An entry for each definition: it failed if it needs an action, and is open where it could not be evaluated. */
export function evaluationSubject({
  evaluation,
  name = stableImageName(evaluation.image.reference),
}: NamedEvaluation): ReportSubject {
  const { tool, image, content, counts, definitions } = evaluation;
  return {
    toolVersion: tool.version,
    name,
    category: `scapfeed-eval/${name}/${content.name}`,
    entries: byUrgency(definitions).map(entryOf),
    notices: noticesOf(evaluation, doubtOf(evaluation), []),
    facts: { ...imageFacts(image), contentSha256: content.sha256, counts },
  };
}

/** A test for each listed definition, and one for the content's own platform check. */
export function evaluationSuite({
  evaluation,
  name = stableImageName(evaluation.image.reference),
}: NamedEvaluation): TestSuite {
  const { definitions, content, time, image, notes = [], unfinished } = evaluation;
  const entries = byUrgency(definitions).map(entryOf);
  return {
    command: 'eval',
    name,
    title: content.name,
    evaluated: { time, reference: image.reference },
    tests: [platformTest(content.name, doubtOf(evaluation)), ...entries.map(entryTest)],
    remarks: notes.map(noteText),
    unfinished,
  };
}

function entryOf(row: EvaluatedDefinition): ReportEntry {
  const state = stateOf(row);
  const details = evidenceText(row);
  const place = row.evidence.flatMap(({ found }) => found)[0]?.place;
  return {
    ruleId: row.id,
    rule: () => ruleOf(row),
    state,
    severity: row.severity,
    level: severityLevels[row.severity].level,
    message: details === '' ? row.title : `${row.title}\n${details}`,
    ...(place?.startsWith('/') && { path: place }),
    places: [{ name: place ?? row.title, fullName: row.id, kind: 'module' }],
    identity: [row.id],
    properties: { class: row.class, result: row.result, severity: row.severity },
    test: {
      title: row.title,
      reason: state === 'skipped' ? row.result : (row.message ?? `${row.class}: ${row.result}`),
      evidence: () => details,
    },
  };
}

function stateOf(row: EvaluatedDefinition): ReportEntry['state'] {
  if (needsAction(row)) return 'failed';
  if (isUnsettled(row)) return 'open';
  return row.result === 'not applicable' || row.result === 'not evaluated' ? 'skipped' : 'passed';
}

function ruleOf(row: EvaluatedDefinition): EntryRule {
  const links = row.references.flatMap(({ url }) => (url?.startsWith('http') ? [url] : []));
  const { level, number } = severityLevels[row.severity];
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
