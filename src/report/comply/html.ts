import {
  type ComplianceResult,
  type ComplianceRule,
  compareCodeUnits,
  escapeHtml,
  type InventoryNote,
} from '../../model/index.ts';
import type { ImageSection } from '../many/counted-html.ts';
import { noteLine } from '../note-text.ts';
import { ownContentOnly, pageHead } from '../page-head.ts';
import { signatureFault } from '../signed-verdict.ts';
import { frameworkOf } from './frameworks.ts';
import { script, style } from './html-assets.ts';
import { type FilterBox, type FilterWords, filterForm } from './html-filters.ts';
import { ruleSection } from './html-rule.ts';
import { resultName, results, severities } from './html-text.ts';

const policy = ownContentOnly(style, script);

/** Formats one self-contained page, without network requests, that can be printed and read without its script. */
export function htmlReport(result: ComplianceResult): string {
  const rules = shownRules(result);
  const title = `${result.profile?.title ?? result.benchmark.title} — ${result.image.reference}`;
  return `${pageHead({ title, policy, style })}<a class="skip" href="#rules">Skip to the rules</a>
<header>
${heading(result)}
${scoreCard(result, rules)}
</header>
<main>
${filterForm(ruleBoxes(rules), ruleFilters, grouping(rules))}
<p id="shown" role="status">${rules.length} rules</p>
<div id="rules" tabindex="-1">
${rules.map((rule) => ruleSection(rule)).join('\n')}
</div>
</main>
<footer>Made by scapfeed ${escapeHtml(result.tool.version)} from ${escapeHtml(sourceText(result))}</footer>
<script>${script}</script>
</body>
</html>
`;
}

/** One of several images on a page. `prefix`: before the ids of its rules. */
export function complianceSection(result: ComplianceResult, prefix: string): ImageSection {
  return {
    heading: result.profile?.title ?? result.benchmark.title,
    facts: complianceFacts(result),
    entries: shownRules(result).map((rule) => ruleSection(rule, prefix)),
  };
}

export function shownRules(result: ComplianceResult): ComplianceRule[] {
  return result.rules.filter((rule) => rule.result !== 'notselected').sort(byUrgency);
}

function sourceText({ content: { name, sha256 }, testSystem }: ComplianceResult): string {
  const made = testSystem === undefined ? '' : `, a result of ${testSystem}`;
  return `${name}${sha256 === undefined ? '' : ` (sha256 ${sha256.slice(0, 12)}…)`}${made}`;
}

function heading(result: ComplianceResult): string {
  const { profile } = result;
  return `<div>
<h1>${escapeHtml(profile?.title ?? 'Benchmark defaults')}</h1>
${complianceFacts(result)}
</div>`;
}

/** The subject and the content of an evaluation, and the gaps of its result. */
function complianceFacts({
  benchmark,
  image,
  time,
  applicable,
  unfinished,
  notes = [],
  ...result
}: ComplianceResult): string {
  const fault = signatureFault(result);
  const facts: [string, string][] = [
    ['Image', image.reference],
    ...(image.digest === undefined ? [] : [['Digest', image.digest] as [string, string]]),
    ['Benchmark', `${benchmark.title} ${benchmark.version}`],
    ['Evaluated', time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')],
  ];
  return `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
${fault === undefined ? '' : `<p class="notice">Signatures: ${escapeHtml(fault.text)}.</p>`}
${unfinished === undefined ? '' : `<p class="notice">Not finished: ${escapeHtml(unfinished)}.</p>`}
${applicable ? '' : '<p class="notice">Nothing applies: this content is for another platform than the image.</p>'}
${imageNotes(notes)}`;
}

function imageNotes(notes: readonly InventoryNote[]): string {
  if (notes.length === 0) return '';
  const items = notes.map((note) => `<li>${escapeHtml(noteLine(note))}</li>`).join('');
  return `<section class="notice notes" aria-label="Notes on the image"><h2>Notes on the image</h2><ul>${items}</ul></section>`;
}

/** The score by the first scoring model, and the number of rules with each result. */
export function scoreCard({ scores }: ComplianceResult, rules: readonly ComplianceRule[]): string {
  const [score] = scores;
  const percent = score && score.maximum > 0 ? (100 * score.score) / score.maximum : 0;
  const counts = results.flatMap((kind) => {
    const count = countOf(rules, 'result', kind);
    return count === 0 ? [] : [`<li class="${kind}"><b>${count}</b> ${resultName(kind)}</li>`];
  });
  return `<section class="score" aria-label="Score">
<p><strong>${percent.toFixed(1)}</strong> <span>of 100</span></p>
${bar(rules)}
<ul class="counts">${counts.join('')}</ul>
</section>`;
}

/** The share of each result among the rules that apply. */
function bar(rules: readonly ComplianceRule[]): string {
  const parts = results
    .filter((kind) => kind !== 'notapplicable')
    .map((kind) => ({ kind, count: countOf(rules, 'result', kind) }));
  const whole = parts.reduce((sum, { count }) => sum + count, 0);
  let at = 0;
  const drawn = parts.map(({ kind, count }) => {
    const from = at;
    at += count;
    return count === 0 ? '' : `<rect class="${kind}" x="${from}" width="${count}" height="1"/>`;
  });
  return `<svg viewBox="0 0 ${Math.max(1, whole)} 1" preserveAspectRatio="none" aria-hidden="true">${drawn.join('')}</svg>`;
}

export const ruleFilters: FilterWords = {
  label: 'Filter rules',
  placeholder: 'title, id, reference, file, evidence, rationale',
};

export function ruleBoxes(rules: readonly ComplianceRule[]): FilterBox[] {
  const box = (group: FilterBox['group'], value: string, label: string): FilterBox => {
    const count = countOf(rules, group, value);
    return { group, value, label, count, ...(value === 'notapplicable' && { off: true }) };
  };
  return [
    ...results.map((kind) => box('result', kind, resultName(kind))),
    ...severities.map((level) => box('severity', level, level)),
  ];
}

/** The groupings of the list: by the benchmark's own tree, and by every framework that rules refer to. */
function grouping(rules: readonly ComplianceRule[]): string {
  const names = new Set(
    rules.flatMap(({ references }) => references.flatMap(({ href }) => frameworkOf(href) ?? [])),
  );
  const isTree = rules.some(({ groups = [] }) => groups.length > 0);
  if (names.size === 0 && !isTree) return '';
  const choices = [
    ['', 'urgency'],
    ...(isTree ? [['groups', "the benchmark's groups"]] : []),
    ...[...names].sort(compareCodeUnits).map((name) => [name, name]),
  ];
  const options = choices.map(
    ([value, name]) => `<option value="${escapeHtml(value!)}">${escapeHtml(name!)}</option>`,
  );
  return `<label class="by">Group by <select name="group">${options.join('')}</select></label>`;
}

function countOf(rules: readonly ComplianceRule[], group: 'result' | 'severity', value: string): number {
  return rules.filter((rule) => rule[group] === value).length;
}

function byUrgency(a: ComplianceRule, b: ComplianceRule): number {
  return (
    rank(results, a.result) - rank(results, b.result) ||
    rank(severities, a.severity) - rank(severities, b.severity) ||
    compareCodeUnits(a.title, b.title)
  );
}

function rank(order: readonly string[], value: string): number {
  return order.indexOf(value);
}
