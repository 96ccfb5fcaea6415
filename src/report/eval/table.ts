import {
  type DefinitionClass,
  definitionClasses,
  definitionResults,
  doubtOf,
  type EvaluatedDefinition,
  needsAction,
  type OvalDocumentInfo,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { type Paint, plural, textTable, thousands } from '../text-table.ts';
import { byUrgency, subjectOf } from './order.ts';

const severityColors: Readonly<Record<string, number>> = { critical: 35, high: 31, medium: 33, low: 36 };

/** Formats a table: what the content is for, the listed definitions, and the counts of all. */
export function evaluationTable(evaluation: OvalEvaluation, { color }: { color: boolean }): string {
  const rows = byUrgency(evaluation.definitions);
  return [
    ...headLines(evaluation).map(line),
    '\n',
    ...(rows.length === 0 ? [] : [definitionTable(rows, color), '\n']),
    ...footLines(evaluation).map(line),
  ].join('');
}

function headLines({ tool, image, content, packages, inventory }: OvalEvaluation): string[] {
  const platforms = [...new Set(content.documents.flatMap((document) => document.platforms))];
  return [
    `scapfeed ${tool.version}; ${content.name}: ${content.documents.map(documentText).join('; ')}`,
    `${image.reference}${packages === undefined ? '' : `: ${plural(packages, 'package')}`}`,
    ...(platforms.length === 0 ? [] : [`this content is for: ${shortList(platforms)}`]),
    ...inventoryLines(inventory),
  ];
}

function inventoryLines(inventory: OvalEvaluation['inventory']): string[] {
  const held = inventory.filter(({ result }) => result === 'true').map(({ title }) => title);
  if (inventory.length === 0) return [];
  const others = inventory.length - held.length;
  return [
    held.length === 0
      ? `inventory: none of ${plural(others, 'definition')} is true`
      : `inventory: ${shortList(held)}`,
  ];
}

/** `Vendor's generator 1.2, OVAL 5.11, of 2026-01-01` */
export function documentText({
  component,
  product,
  productVersion,
  schemaVersion,
  timestamp,
}: OvalDocumentInfo): string {
  const maker = [product, productVersion].filter((each) => each !== undefined).join(' ');
  return [
    ...(component === undefined ? [] : [component]),
    ...(maker === '' ? [] : [maker]),
    `OVAL ${schemaVersion}`,
    ...(timestamp === undefined ? [] : [`of ${timestamp.slice(0, 10)}`]),
  ].join(', ');
}

function shortList(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

function definitionTable(rows: readonly EvaluatedDefinition[], color: boolean): string {
  const cells = rows.map((row) => [
    row.result,
    row.class,
    row.severity,
    subjectOf(row),
    `${row.title}${reasonText(row)}`,
  ]);
  const head = ['RESULT', 'CLASS', 'SEVERITY', 'ABOUT', 'TITLE'];
  const paint: Paint = (cell, column, row) => {
    const code = column === 2 ? severityColors[rows[row]?.severity ?? ''] : undefined;
    return code === undefined ? cell : `\x1b[${code}m${cell}\x1b[0m`;
  };
  return textTable(head, cells, color ? { paint } : {});
}

/** Why a definition could not be evaluated. */
function reasonText(row: EvaluatedDefinition): string {
  const { result, message } = row;
  if (result !== 'unknown' && result !== 'error' && result !== 'not evaluated') return '';
  // Evidence can be long in the making: it is asked for last.
  const reason = message ?? row.evidence.find((each) => each.result === result && each.message)?.message;
  return reason === undefined ? '' : ` (${reason})`;
}

function footLines(evaluation: OvalEvaluation): string[] {
  const { counts, definitions, applies, unfinished, notes = [] } = evaluation;
  const doubt = doubtOf(evaluation);
  const classes = definitionClasses.filter((kind) => counts[kind]);
  const total = classes.reduce((sum, kind) => sum + countOf(evaluation, kind), 0);
  const needed = definitions.filter(needsAction).length;
  return [
    ...classes.map((kind) => `${kind}: ${resultsText(evaluation, kind)}`),
    `${plural(total, 'definition')} evaluated, ${thousands(needed)} need an action`,
    ...(doubt === undefined ? [] : [doubt]),
    ...(applies === 'unchecked'
      ? ['the content does not check what system this is: its results count only on a system that it is for']
      : []),
    ...(unfinished === undefined ? [] : [`not finished: ${unfinished}`]),
    ...notes.map(noteText),
  ];
}

function resultsText({ counts }: OvalEvaluation, kind: DefinitionClass): string {
  const own = counts[kind] ?? {};
  return definitionResults
    .flatMap((result) => (own[result] === undefined ? [] : [`${thousands(own[result])} ${result}`]))
    .join(', ');
}

function countOf({ counts }: OvalEvaluation, kind: DefinitionClass): number {
  return Object.values(counts[kind] ?? {}).reduce((sum, count) => sum + count, 0);
}
