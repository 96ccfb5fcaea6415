import {
  doubtOf,
  type EvaluatedDefinition,
  escapeXmlLines,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../../model/index.ts';
import { platformCase } from '../junit-platform.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { evidenceText } from './evidence-text.ts';
import { byUrgency } from './order.ts';

/** Formats JUnit XML with a test case for each listed definition, and one for the content's own platform check. */
export function evaluationJunit(evaluation: OvalEvaluation): string {
  const suite = evaluationSuite(evaluation, evaluation.content.name);
  return `${xmlHead}${xml('testsuites', { name: 'scapfeed eval' }, suite)}\n`;
}

/** The suite of one image. `prefix` precedes its classes, and so distinguishes its tests from those of other images. */
export function evaluationSuite(evaluation: OvalEvaluation, name: string, prefix = ''): string {
  const { definitions, content, time, image, notes } = evaluation;
  const rows = byUrgency(definitions);
  const doubt = doubtOf(evaluation);
  return xml(
    'testsuite',
    {
      name,
      tests: String(rows.length + 1),
      failures: String(rows.filter(needsAction).length),
      errors: String(rows.filter(isUnsettled).length + (doubt === undefined ? 0 : 1)),
      skipped: String(rows.filter(isSkipped).length),
      timestamp: time.replace(/\.\d+Z$|Z$/, ''),
      hostname: image.reference,
    },
    platformCase(`${prefix}${content.name}`, doubt),
    ...rows.map((row) => testCase(row, prefix)),
    notes ? xml('system-out', {}, escapeXmlLines(notes.map((note) => line(noteText(note))).join(''))) : '',
    evaluation.unfinished === undefined ? '' : xml('system-err', {}, escapeXmlLines(evaluation.unfinished)),
  );
}

function isSkipped(row: EvaluatedDefinition): boolean {
  return row.result === 'not applicable' || (row.result === 'not evaluated' && !isUnsettled(row));
}

function testCase(row: EvaluatedDefinition, prefix: string): string {
  return xml('testcase', { classname: `${prefix}${row.id}`, name: row.title }, outcome(row));
}

function outcome(row: EvaluatedDefinition): string {
  const attributes = { message: row.message ?? `${row.class}: ${row.result}`, type: row.severity };
  if (needsAction(row)) return xml('failure', attributes, escapeXmlLines(evidenceText(row)));
  if (isUnsettled(row)) return xml('error', attributes, escapeXmlLines(evidenceText(row)));
  return isSkipped(row) ? xml('skipped', { message: row.result }) : '';
}
