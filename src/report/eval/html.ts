import {
  definitionClasses,
  definitionResults,
  doubtOf,
  type EvaluatedDefinition,
  escapeHtml,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
  severities,
} from '../../model/index.ts';
import { scriptFor, style } from '../comply/html-assets.ts';
import { type FilterBox, type FilterWords, filterForm } from '../comply/html-filters.ts';
import type { ImageSection } from '../many/counted-html.ts';
import { noteLine } from '../note-text.ts';
import { ownContentOnly, pageHead } from '../page-head.ts';
import { plural, thousands } from '../text-table.ts';
import { evidenceText } from './evidence-text.ts';
import { byUrgency, subjectOf } from './order.ts';
import { documentText } from './table.ts';

const script = scriptFor('definitions');
const policy = ownContentOnly(style, script);

/** Formats one self-contained page, without network requests, that can be printed and read without its script. */
export function evaluationHtml(evaluation: OvalEvaluation): string {
  const rows = byUrgency(evaluation.definitions);
  const { content, image, tool } = evaluation;
  return `${pageHead({ title: `${content.name} — ${image.reference}`, policy, style })}<a class="skip" href="#rules">Skip to the definitions</a>
<header>
${heading(evaluation)}
${counts(evaluation)}
</header>
<main>
${filterForm(definitionBoxes(rows), definitionFilters)}
<h2>Definitions</h2>
<p id="shown" role="status">${plural(rows.length, 'definition')}</p>
<div id="rules" tabindex="-1">
${rows.map((row) => definitionSection(row)).join('\n')}
</div>
</main>
<footer>Made by scapfeed ${escapeHtml(tool.version)} from ${escapeHtml(content.name)} (sha256 ${escapeHtml(content.sha256.slice(0, 12))}…)</footer>
<script>${script}</script>
</body>
</html>
`;
}

/** One of several images on a page. `prefix`: before the ids of its definitions. */
export function evaluationSection(evaluation: OvalEvaluation, prefix: string): ImageSection {
  return {
    heading: evaluation.content.name,
    facts: evaluationFacts(evaluation),
    entries: byUrgency(evaluation.definitions).map((row) => definitionSection(row, prefix)),
  };
}

function heading(evaluation: OvalEvaluation): string {
  return `<div>
<h1>${escapeHtml(evaluation.content.name)}</h1>
${evaluationFacts(evaluation)}
</div>`;
}

/** The subject of an evaluation, and the gaps of its result. */
function evaluationFacts(evaluation: OvalEvaluation): string {
  const { content, image, packages, time, applies, unfinished, notes = [] } = evaluation;
  const doubt = doubtOf(evaluation);
  const facts: [string, string][] = [
    ['Image', image.reference],
    ...(image.digest === undefined ? [] : [['Digest', image.digest] as [string, string]]),
    ...(packages === undefined ? [] : [['Packages', thousands(packages)] as [string, string]]),
    ...content.documents.map((document): [string, string] => ['Content', documentText(document)]),
    ['Evaluated', time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')],
  ];
  const warnings = [
    ...(doubt === undefined ? [] : [`${doubt.charAt(0).toUpperCase()}${doubt.slice(1)}.`]),
    ...(applies === 'unchecked'
      ? ['The content does not check what system this is: its results count only on a system that it is for.']
      : []),
    ...(unfinished === undefined ? [] : [`Not finished: ${unfinished}.`]),
    ...notes.map(noteLine),
  ];
  return `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
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
  const box = (group: FilterBox['group'], value: string): FilterBox => {
    const count = rows.filter((row) => row[group] === value).length;
    return { group, value, label: value, count };
  };
  return [
    ...definitionResults.map((result) => box('result', result)),
    ...[...severities].reverse().map((severity) => box('severity', severity)),
  ];
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
