import {
  definitionClasses,
  definitionResults,
  doubtOf,
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';
import { severities } from '../../model/feed/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { scriptFor, style } from '../comply/html-assets.ts';
import {
  type FilterBox,
  type FilterWords,
  factList,
  filterBoxes,
  filterForm,
  listPage,
  timeText,
} from '../formats/html.ts';
import type { ImageSection } from '../many/counted-html.ts';
import { noteLine } from '../note-text.ts';
import { plural, thousands } from '../text-table.ts';
import { evidenceText } from './evidence-text.ts';
import { byUrgency, subjectOf } from './order.ts';
import { documentText } from './table.ts';

const script = scriptFor('definitions');

/** Formats one self-contained page, without network requests, that can be printed and read without its script. */
export function evaluationHtml(evaluation: OvalEvaluation): string {
  const rows = byUrgency(evaluation.definitions);
  const { content, image, tool } = evaluation;
  const page = listPage({
    title: `${content.name} — ${image.reference}`,
    ...{ style, script, skip: ['rules', 'definitions'] },
    heading: escapeHtml(content.name),
    facts: evaluationFacts(evaluation),
    card: counts(evaluation),
    before: `${filterForm(definitionBoxes(rows), definitionFilters)}\n<h2>Definitions</h2>`,
    status: plural(rows.length, 'definition'),
    list: [`${rows.map((row) => definitionSection(row)).join('\n')}\n`],
    footer: `Made by scapfeed ${tool.version} from ${content.name} (sha256 ${content.sha256.slice(0, 12)}…)`,
  });
  return [...page].join('');
}

/** One of several images on a page. `prefix`: before the ids of its definitions. */
export function evaluationSection(evaluation: OvalEvaluation, prefix: string): ImageSection {
  return {
    heading: evaluation.content.name,
    facts: evaluationFacts(evaluation),
    entries: byUrgency(evaluation.definitions).map((row) => definitionSection(row, prefix)),
  };
}

/** The subject of an evaluation, and the gaps of its result. */
function evaluationFacts(evaluation: OvalEvaluation): string {
  const { content, image, packages, time, applies, unfinished, notes = [] } = evaluation;
  const doubt = doubtOf(evaluation);
  const facts = factList([
    ['Image', image.reference],
    ['Digest', image.digest],
    ['Packages', packages === undefined ? undefined : thousands(packages)],
    ...content.documents.map((document): [string, string] => ['Content', documentText(document)]),
    ['Evaluated', timeText(time)],
  ]);
  const warnings = [
    ...(doubt === undefined ? [] : [`${doubt.charAt(0).toUpperCase()}${doubt.slice(1)}.`]),
    ...(applies === 'unchecked'
      ? ['The content does not check what system this is: its results count only on a system that it is for.']
      : []),
    ...(unfinished === undefined ? [] : [`Not finished: ${unfinished}.`]),
    ...notes.map(noteLine),
  ];
  return `${facts}
${warnings.map((text) => `<p class="notice">${escapeHtml(text)}</p>`).join('\n')}`;
}

/** Every definition by class and result, also those that are not listed. */
function counts({ counts: all, applies }: OvalEvaluation): string {
  // Results about another system are not good news.
  const lookOf = (row: Parameters<typeof look>[0]) => (applies === 'no' ? 'none' : look(row));
  const lines = definitionClasses.flatMap((kind) =>
    definitionResults.flatMap((result) => {
      const count = all[kind]?.[result];
      return count === undefined
        ? []
        : [
            `<li class="${lookOf({ class: kind, result })}"><b>${thousands(count)}</b> ${kind} ${result}</li>`,
          ];
    }),
  );
  return `<section class="score" aria-label="Results"><ul class="counts">${lines.join('')}</ul></section>`;
}

/** The look of a result: the names are those of rules in the shared style. */
function look(row: Pick<EvaluatedDefinition, 'class' | 'result'>): string {
  if (needsAction(row)) return 'fail';
  if (row.result !== 'not evaluated' && isUnsettled(row)) return row.result;
  return row.result === 'true' || row.result === 'false' ? 'pass' : 'notchecked';
}

export const definitionFilters: FilterWords = {
  label: 'Filter definitions',
  placeholder: 'title, id, advisory, package',
};

export function definitionBoxes(rows: readonly EvaluatedDefinition[]): FilterBox[] {
  return filterBoxes(
    rows,
    definitionResults.map((result) => [result, result]),
    severities.toReversed(),
  );
}

/** `prefix`: before its id, where a page has definitions of several images. */
function definitionSection(row: EvaluatedDefinition, prefix = ''): string {
  const facts = [row.class, row.advisory, row.issued, row.vendorSeverity].filter(
    (each) => each !== undefined,
  );
  const links = row.references.map(({ id, url }) =>
    url !== undefined && /^https?:/.test(url)
      ? `<li><a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(id)}</a></li>`
      : `<li>${escapeHtml(id)}</li>`,
  );
  const details = evidenceText(row);
  return `<details class="rule ${look(row)}" id="${escapeHtml(prefix + row.id)}" data-result="${row.result}" data-severity="${row.severity}">
<summary><span class="badge">${row.result}</span><span class="severity ${row.severity}">${row.severity}</span><span class="title">${escapeHtml(titleOf(row))}</span></summary>
<div class="body"><p class="id"><code>${escapeHtml(row.id)}</code> ${escapeHtml(facts.join(', '))}</p>
${details === '' ? '' : `<pre>${escapeHtml(details)}</pre>`}
${links.length === 0 ? '' : `<h3>References</h3><ul class="references">${links.join('')}</ul>`}</div>
</details>`;
}

/** The subject, and its title, which may begin with that. */
function titleOf(row: EvaluatedDefinition): string {
  const subject = subjectOf(row);
  return row.title.startsWith(subject) ? row.title : `${subject}: ${row.title}`;
}
