import type { ComplianceResult, ComplianceRule } from '../../model/compliance/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { compareCodeUnits } from '../../model/order.ts';
import {
  type FilterBox,
  type FilterWords,
  factList,
  filterBoxes,
  filterForm,
  listPage,
  notesSection,
  timeText,
} from '../formats/html.ts';
import type { ImageSection } from '../many/counted-html.ts';
import { signatureFault } from '../signed-verdict.ts';
import { frameworkOf } from './frameworks.ts';
import { script, style } from './html-assets.ts';
import { ruleSection } from './html-rule.ts';
import { resultName, resultNames, results, severities } from './html-text.ts';

/** Formats one self-contained page, without network requests, that can be printed and read without its script. */
export function htmlReport(result: ComplianceResult): string {
  const rules = shownRules(result);
  const title = `${result.profile?.title ?? result.benchmark.title} — ${result.image.reference}`;
  const page = listPage({
    ...{ title, style, script, skip: ['rules', 'rules'] },
    heading: escapeHtml(result.profile?.title ?? 'Benchmark defaults'),
    facts: complianceFacts(result),
    card: scoreCard(result, rules),
    before: filterForm(ruleBoxes(rules), ruleFilters, grouping(rules)),
    status: `${rules.length} rules`,
    list: [`${rules.map((rule) => ruleSection(rule)).join('\n')}\n`],
    footer: `Made by scapfeed ${result.tool.version} from ${sourceText(result)}`,
  });
  return [...page].join('');
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
  const facts = factList([
    ['Image', image.reference],
    ['Digest', image.digest],
    ['Benchmark', `${benchmark.title} ${benchmark.version}`],
    ['Evaluated', timeText(time)],
  ]);
  return `${facts}
${fault === undefined ? '' : `<p class="notice">Signatures: ${escapeHtml(fault.text)}.</p>`}
${unfinished === undefined ? '' : `<p class="notice">Not finished: ${escapeHtml(unfinished)}.</p>`}
${applicable ? '' : '<p class="notice">Nothing applies: this content is for another platform than the image.</p>'}
${notesSection('Notes on the image', notes)}`;
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
  return filterBoxes(rules, resultNames, severities);
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
