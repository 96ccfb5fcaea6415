import type { ComplianceResult, ComplianceRule } from '../../model/compliance/index.ts';
import { severities } from '../../model/feed/index.ts';
import type { InventoryNote } from '../../model/inventory/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { isFixable } from '../../model/verdict/index.ts';
import { scoreCard, shownRules } from '../comply/html.ts';
import { style as base, scriptFor } from '../comply/html-assets.ts';
import { ruleSection } from '../comply/html-rule.ts';
import { resultNames } from '../comply/html-text.ts';
import { dataAge } from '../data-age.ts';
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
import { markWords } from '../mark-words.ts';
import { noteLine } from '../note-text.ts';
import { exploitedText } from '../scan/flaw-text.ts';
import { type Flaw, packageNames } from '../scan/flaws.ts';
import type { ScanReport } from '../scan/report.ts';
import { unseenText } from '../scan/unseen-text.ts';
import { fixVersion, remedyText, stateText, uncoveredWords } from '../scan/words.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';

const style = `${base}.score+.score{margin-top:.75rem}.body .facts{margin-top:.75rem}\n`;
const script = scriptFor('entries');

/** One self-contained page with both parts of a check: flaws of packages and rules of the profile, found by one search. */
export function checkHtml(scan: ScanReport, comply: ComplianceResult): Iterable<string> {
  const flaws = scan.flaws();
  const rules = shownRules(comply);
  return listPage({
    title: `${comply.image.reference} — ${plural(flaws.length, 'flaw')}, ${comply.profile?.title ?? comply.benchmark.title}`,
    ...{ style, script, skip: ['rules', 'list'] },
    heading: escapeHtml(scan.result.image.reference),
    facts: checkFacts(scan, comply),
    card: `<div>\n${flawCard(flaws)}\n${scoreCard(comply, rules)}\n</div>`,
    before: filterForm(entryBoxes(flaws, rules), checkFilters),
    status: plural(flaws.length + rules.length, 'entry', 'entries'),
    list: sections(flaws, rules),
    after: uncovered(scan),
    footer: `Made by scapfeed ${comply.tool.version} from the feed ${scan.facts.digest()} and ${comply.content.name}`,
  });
}

function* sections(flaws: readonly Flaw[], rules: readonly ComplianceRule[]): Iterable<string> {
  yield `<h2>Flaws of packages</h2>\n${flaws.length === 0 ? '<p>None to show.</p>' : ''}\n`;
  for (const flaw of flaws) yield `${flawSection(flaw)}\n`;
  yield '<h2>Rules of the profile</h2>\n';
  for (const rule of rules) yield `${ruleSection(rule)}\n`;
}

/** One of several images on a page. `prefix`: before the ids of its rules. */
export function checkSection(scan: ScanReport, comply: ComplianceResult, prefix: string): ImageSection {
  return {
    heading: comply.profile?.title ?? comply.benchmark.title,
    facts: `${checkFacts(scan, comply)}\n${uncovered(scan)}`,
    entries: [
      ...scan.flaws().map(flawSection),
      ...shownRules(comply).map((rule) => ruleSection(rule, prefix)),
    ],
  };
}

/** Number of entries of each filter. */
export function checkBoxes(scan: ScanReport, comply: ComplianceResult): FilterBox[] {
  return entryBoxes(scan.flaws(), shownRules(comply));
}

function checkFacts(scan: ScanReport, comply: ComplianceResult): string {
  const { platform, inventory, image, gaps } = scan.result;
  const facts = factList([
    ['Image', image.reference],
    ['Digest', image.digest],
    ['Judged as', [platform.name, ...platform.marks.map(markWords)].join(', ')],
    ['Vendor data', dataAge(platform)],
    ['Benchmark', `${comply.benchmark.title} ${comply.benchmark.version}`],
    ['Profile', comply.profile?.title ?? 'the benchmark’s own selection'],
    ['Evaluated', timeText(comply.time)],
  ]);
  const notices = [
    ...[signatureFault(scan.result)].flatMap((fault) => (fault ? [`Signatures: ${fault.text}`] : [])),
    ...gaps.map(({ code, detail }) => `${code.replaceAll('_', ' ')}: ${detail}`),
    ...[unseenText(scan)].filter((text) => text !== undefined),
    ...(comply.applicable
      ? []
      : ['Nothing of the profile applies: this content is for another platform than the image.']),
    ...(comply.unfinished === undefined ? [] : [`The profile is not finished: ${comply.unfinished}`]),
  ];
  return `${facts}
${notices.map((notice) => `<p class="notice">${escapeHtml(notice)}</p>`).join('\n')}
${notesSection('Notes', distinct([...inventory.notes, ...(comply.notes ?? [])]))}`;
}

/** Both parts have the notes of the image. */
function distinct(notes: readonly InventoryNote[]): InventoryNote[] {
  return [...new Map(notes.map((note) => [noteLine(note), note])).values()];
}

const severityOrder = severities.toReversed();

function flawCard(flaws: readonly Flaw[]): string {
  const fixable = flaws.filter((flaw) => flawKind(flaw) === 'fixable').length;
  const counts = severityOrder.flatMap((severity) => {
    const count = flaws.filter(({ verdict }) => verdict.severity === severity).length;
    const kind =
      severity === 'critical' || severity === 'high' ? 'fail' : severity === 'medium' ? 'unknown' : 'none';
    return count === 0 ? [] : `<li class="${kind}"><b>${count}</b> ${severity}</li>`;
  });
  return `<section class="score" aria-label="Flaws">
<p><strong>${flaws.length}</strong> <span>${flaws.length === 1 ? 'flaw' : 'flaws'}, ${fixable} with a fix to install</span></p>
<ul class="counts">${counts.join('')}</ul>
</section>`;
}

type FlawKind = 'fixable' | 'unfixed' | 'unsettled';

const flawNames: Readonly<Record<FlawKind, string>> = {
  fixable: 'Flaw with a fix',
  unfixed: 'Flaw without',
  unsettled: 'Flaw in question',
};

function flawKind(flaw: Flaw): FlawKind {
  if (flaw.verdict.status !== 'affected') return 'unsettled';
  return isFixable(flaw) ? 'fixable' : 'unfixed';
}

function flawSection(flaw: Flaw): string {
  const { verdict } = flaw;
  const kind = flawKind(flaw);
  const { source } = verdict.package;
  const { exploited } = verdict;
  const facts = factList([
    ['Exploited', exploited && exploitedText(exploited)],
    ['Package', `${source.name} ${source.version} (${packageNames(flaw).join(', ')})`],
    ['State', stateText(verdict)],
    ['Fixed in', fixVersion(verdict)],
  ]);
  const look = kind === 'fixable' ? 'fail' : 'unknown';
  return `<details class="rule ${look}" data-result="${kind}" data-severity="${escapeHtml(verdict.severity)}">
<summary><span class="badge">${flawNames[kind]}</span><span class="severity ${escapeHtml(verdict.severity)}">${escapeHtml(verdict.severity)}</span><span class="title">${escapeHtml(`${verdict.vulnerability} in ${source.name}${exploited ? ', known exploited' : ''}`)}</span></summary>
<div class="body">
${facts}
<p>${escapeHtml(remedyText(flaw))}</p>
</div>
</details>`;
}

export const checkFilters: FilterWords = {
  label: 'Filter flaws and rules',
  placeholder: 'id, package, title, file',
  legend: 'Flaws and rules',
};

function entryBoxes(flaws: readonly Flaw[], rules: readonly ComplianceRule[]): FilterBox[] {
  return filterBoxes(
    [...flaws.map((flaw) => ({ result: flawKind(flaw), severity: flaw.verdict.severity })), ...rules],
    [...Object.entries(flawNames), ...resultNames],
    [...severityOrder, 'info'],
  );
}

function uncovered({ result: { uncovered: all } }: ScanReport): string {
  if (all.length === 0) return '';
  const items = all.map(
    ({ package: { name, version }, reason }) =>
      `<li><code>${escapeHtml(`${name} ${version}`)}</code> ${escapeHtml(uncoveredWords[reason])}</li>`,
  );
  return `<section class="notice"><h2>Packages that were not judged</h2><ul>${items.join('')}</ul></section>`;
}
