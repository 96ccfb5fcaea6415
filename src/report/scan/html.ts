import { type HtmlPage, row, table } from '../../html/page.ts';
import { severities } from '../../model/feed/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { countedFlaws, hiddenWords, type PolicyOutcome } from '../../model/verdict/index.ts';
import { dataAge } from '../data-age.ts';
import { type FilteredPage, factRows, list, listPage } from '../formats/html.ts';
import { markWords } from '../mark-words.ts';
import { noteLine } from '../note-text.ts';
import { severityBar } from '../severity-bar.ts';
import { signatureFault } from '../signed-verdict.ts';
import { systemName } from '../system-name.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { basesText, originsText } from './base-text.ts';
import { type ScanCounts, unlistedFlaws } from './counts.ts';
import { exceptionLines, ignoredText } from './exceptions-text.ts';
import { type Flaw, ignoredFlaws } from './flaws.ts';
import { script, style } from './html-assets.ts';
import { flawId, flawSection, isExploited } from './html-flaw.ts';
import { languagesBeside } from './judged-languages.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { upgradesOf } from './upgrades.ts';
import { uncoveredText } from './words.ts';

/** The terms of a page for choices of its reader: options of the command, or controls of the page. */
export interface ReaderWords {
  /** After flaws that the list leaves out: `--all lists them`. */
  unlisted: string;
  /** That the user named the platform: `by --platform`. */
  given: string;
}

const commandWords: ReaderWords = { unlisted: '--all lists them', given: markWords('given') };

/** Formats a scan as one self-contained page, without network requests, that can be printed and read without its script. */
export function scanHtml(report: ScanReport): Iterable<string> {
  return listPage(scanPage(report));
}

/** The parts of that page. `sectionOf`: makes the part of a flaw. */
export function scanPage(
  report: ScanReport,
  words: ReaderWords = commandWords,
  sectionOf: typeof flawSection = flawSection,
): FilteredPage {
  const { result, facts } = report;
  const flaws = report.flaws();
  const counts = report.counts();
  const exploited = flaws.filter((flaw) => isExploited(flaw, report));
  const inputs = facts.inputs.map(({ id, url, sha256 }) => `${id} (${url}, sha256 ${sha256.slice(0, 12)}…)`);
  return {
    ...flawPage,
    title: `${result.image.reference} — ${plural(counts.flaws, 'flaw')}`,
    ...scanHeader(report, words),
    before: `${exploitedSection(exploited)}
${notices(report, words)}
${upgradeSection(report)}
${layerSection(report, flaws)}
<h2>Flaws</h2>
${filters(listedSeverities(flaws))}`,
    status: plural(flaws.length, 'flaw'),
    list: flawSections(report, exploitedFirst(flaws, exploited), '', sectionOf),
    after: `${ignoredSection(report)}\n${uncoveredSection(report)}`,
    footer: `Made by ${result.tool} from ${inputs.join(', ')}`,
  };
}

/** Heading, facts and totals, which need no descriptions. */
export function scanHeader(
  report: ScanReport,
  words: ReaderWords = commandWords,
): Pick<FilteredPage, 'heading' | 'facts' | 'card'> {
  const counts = report.counts();
  return {
    heading: breakable(report.result.image.reference),
    facts: `<dl>${headingRows(report, words)}</dl>`,
    card: flawCard(counts, ` in ${plural(counts.packages.affected, 'package')}`),
  };
}

/** The parts that every page of flaws has. */
export const flawPage = { style, script, skip: ['flaws', 'flaws'] } satisfies Partial<HtmlPage>;

/** `prefix` precedes the ids, where a page has flaws of several images. */
function* flawSections(
  report: ScanReport,
  flaws: readonly Flaw[],
  prefix = '',
  sectionOf: typeof flawSection = flawSection,
): Iterable<string> {
  const ids = new Map<string, number>();
  for (const flaw of flaws) yield `${sectionOf(flaw, report, `${prefix}${flawId(flaw, ids)}`)}\n`;
}

/** One of several images on a page: all that its own page has, under a heading of its own. */
export function* imageSection(report: ScanReport, target: string, at: number): Iterable<string> {
  const flaws = report.flaws();
  const exploited = flaws.filter((flaw) => isExploited(flaw, report));
  const prefix = `image-${at + 1}-`;
  const { flaws: count } = report.counts();
  yield `<section id="image-${at + 1}" aria-labelledby="${prefix}name">
<h2 id="${prefix}name">${escapeHtml(target)}: ${plural(count, 'flaw')}</h2>
<dl>${headingRows(report, commandWords)}</dl>
${exploitedSection(exploited, prefix)}
${notices(report, commandWords)}
${upgradeSection(report, 3)}
${layerSection(report, flaws, 3)}
<h3>Flaws</h3>
`;
  if (flaws.length === 0) yield '<p>None to show.</p>\n';
  yield* flawSections(report, exploitedFirst(flaws, exploited), prefix);
  yield `${ignoredSection(report, 3)}
${uncoveredSection(report, 3)}
</section>
`;
}

function exploitedFirst(flaws: readonly Flaw[], exploited: readonly Flaw[]): Flaw[] {
  const first = new Set(exploited);
  return [...exploited, ...flaws.filter((flaw) => !first.has(flaw))];
}

/** A reference, which has no spaces, may be broken where its parts end. */
function breakable(reference: string): string {
  return escapeHtml(reference).replace(/[/:@]+/g, '$&<wbr>');
}

function headingRows({ result, facts }: ScanReport, { given }: ReaderWords): string {
  const { image, inventory, platform, feed } = result;
  const marks = platform.marks.map((mark) => (mark === 'given' ? given : markWords(mark)));
  return factRows([
    ['Image', image.reference],
    ['Digest', image.digest],
    ['System', systemName(inventory.os) ?? 'unknown'],
    ['Judged as', [platform.name, ...languagesBeside(result), ...marks].join(', ')],
    ['Vendor data', dataAge(platform)],
    ['Feed', `${facts.digest()}${feed.signed ? ', signed' : ', not signed'}`],
  ]);
}

/** The counts of an image or of several. `of`: after the number of flaws. */
export function flawCard(
  {
    packages,
    flaws,
    fixable,
    severities: bySeverity,
  }: Pick<ScanCounts, 'packages' | 'flaws' | 'fixable' | 'severities'>,
  of: string,
): string {
  const items = Object.entries(bySeverity)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `<li class="${severity}">${count} ${severity}</li>`);
  const other = packages.installed - packages.judged - packages.uncovered;
  return `<div class="card">
<p><strong>${flaws}</strong> ${flaws === 1 ? 'flaw' : 'flaws'}${of}</p>
${severityBar(bySeverity, 'Flaws by severity')}
<ul class="counts">${items.join('')}</ul>
<p>${fixable} with a fix to install, ${flaws - fixable} without</p>
<p>${packages.installed} packages: ${packages.judged} judged, ${packages.uncovered} not covered${other > 0 ? `, ${other} not judged` : ''}</p>
</div>`;
}

function notices(report: ScanReport, words: ReaderWords): string {
  const { result, policy: outcome } = report;
  const { gaps, inventory, unjudged } = result;
  const unjudgedNote = unjudgedText(unjudged);
  const unseen = unseenText(report);
  const fault = signatureFault(result);
  return [
    list('bad', 'Signatures', fault ? [fault.text] : []),
    list(
      'bad',
      'The result is not about the whole image, which is therefore not clean',
      gaps.map(
        ({ code, where, detail }) =>
          `${code.replaceAll('_', ' ')}: ${where === undefined ? '' : `${where}: `}${detail}`,
      ),
    ),
    list('bad', 'The policy fails', failures(outcome)),
    list('bad', 'What the gate cannot see', unseen === undefined ? [] : [unseen]),
    list('', 'Not listed here', [
      ...unlisted(report, words),
      ...(unjudgedNote === undefined ? [] : [unjudgedNote]),
    ]),
    list('', 'Base image', [...basesText(result), ...originsText(report.counts().origins, result)]),
    list('', 'Exceptions', exceptionLines(result, true)),
    list('', 'Notes on the image', inventory.notes.map(noteLine)),
  ].join('');
}

function failures(outcome: PolicyOutcome): string[] {
  const { failOn, failing, unrated, unsettled, unjudged, failOnUnrated, failOnUnjudged } = outcome;
  const why = failOn === null ? 'with an older fix, by --fixed-before' : 'that --fail-on names';
  return [
    ...(failing > 0 ? [`${plural(failing, 'flaw')} ${why}`] : []),
    ...(failOnUnrated && unrated > 0 ? [`${plural(unrated, 'flaw')} that nobody has rated`] : []),
    ...(unsettled > 0 ? [`${plural(unsettled, 'flaw')} that the vendor has not yet looked into`] : []),
    ...(failOnUnjudged && unjudged > 0
      ? [`${plural(unjudged, 'package')} that the feed does not judge`]
      : []),
  ];
}

function unlisted(report: ScanReport, words: ReaderWords): string[] {
  const { filtered } = report.counts();
  return [
    ...Object.entries(unlistedFlaws(report)).map(
      ([kind, count]) =>
        `${plural(count, 'flaw')} ${hiddenWords[kind as keyof typeof hiddenWords]}; ${words.unlisted}`,
    ),
    ...(filtered > 0 ? [`${plural(filtered, 'flaw')} left out by --severity or --only-fixed`] : []),
  ];
}

function exploitedSection(exploited: readonly Flaw[], prefix = ''): string {
  if (exploited.length === 0) return '';
  const ids = new Map<string, number>();
  const items = exploited.map((flaw) => {
    const { vulnerability, package: pkg, exploited: entry } = flaw.verdict;
    const due = entry?.due === undefined ? '' : `, to be fixed by ${escapeHtml(entry.due)}`;
    return `<li><a href="#${prefix}${flawId(flaw, ids)}">${escapeHtml(vulnerability)}</a> in ${escapeHtml(pkg.source.name)}${due}</li>`;
  });
  return `<div class="notice bad" role="group" aria-label="Known to be exploited"><p>Known to be exploited: act on these first.</p><ul>${items.join('')}</ul></div>`;
}

function upgradeSection(report: ScanReport, level = 2): string {
  const upgrades = upgradesOf(report.lines(), report.compare);
  if (upgrades.length === 0) return '';
  const { fixable: gone } = report.counts();
  const rows = upgrades.map(({ source, installed, to, packages, flaws, worst }) =>
    row([
      ['Source package', escapeHtml(source)],
      ['Packages', escapeHtml(packages.join(', '))],
      ['Installed', `<code>${escapeHtml(installed)}</code>`],
      ['Upgrade to', `<code>${escapeHtml(to)}</code>`],
      ['Worst', `<span class="${worst}">${worst}</span>`, 'word'],
      ['Flaws', String(flaws), 'number'],
    ]),
  );
  return `<h${level}>Upgrade ${plural(upgrades.length, 'source package')}, and ${plural(gone, 'flaw')} ${gone === 1 ? 'goes' : 'go'}</h${level}>
${table(['Source package', 'Packages', 'Installed', 'Upgrade to', 'Worst', 'Flaws'], rows)}`;
}

function layerSection({ result }: ScanReport, flaws: readonly Flaw[], level = 2): string {
  const { layers } = result.image;
  if (layers.length < 2) return '';
  const verdicts = flaws.flatMap((flaw) => flaw.verdicts);
  const rows = layers.flatMap((layer, at) => {
    const own = countedFlaws(verdicts.filter(({ package: pkg }) => pkg.layer === at));
    if (own.length === 0) return [];
    const counts = Object.fromEntries(severities.toReversed().map((severity) => [severity, 0]));
    for (const { verdict } of own) counts[verdict.severity] = (counts[verdict.severity] ?? 0) + 1;
    const id = layer.diffId ?? layer.digest ?? '';
    return [
      row([
        ['Layer', String(at + 1), 'number'],
        ['Made by', `${escapeHtml(layer.createdBy ?? '')}<br><code>${escapeHtml(id.slice(0, 19))}</code>`],
        ['Flaws', String(own.length), 'number'],
        ['By severity', severityBar(counts, `Flaws of layer ${at + 1} by severity`)],
      ]),
    ];
  });
  return rows.length === 0
    ? ''
    : `<h${level}>By layer</h${level}>\n${table(['Layer', 'Made by', 'Flaws', 'By severity'], rows)}`;
}

const fixNames = { available: 'fix to install', none: 'no fix' } as const;

function listedSeverities(flaws: readonly Flaw[]): Partial<Record<string, number>> {
  const counts: Partial<Record<string, number>> = {};
  for (const { verdict } of flaws) counts[verdict.severity] = (counts[verdict.severity] ?? 0) + 1;
  return counts;
}

/** `listed`: how many flaws of each severity the page has. */
export function filters(listed: Readonly<Partial<Record<string, number>>>): string {
  const boxes = severities
    .toReversed()
    .filter((severity) => (listed[severity] ?? 0) > 0)
    .map((severity) => box('severity', severity, `${severity} <small>${listed[severity]}</small>`));
  const fixes = Object.entries(fixNames).map(([value, name]) => box('fix', value, name));
  return `<form id="filters" hidden>
<label class="search">Search id, package, text, evidence<input type="search" name="text" autocomplete="off"></label>
<fieldset><legend>Severity</legend>${boxes.join('')}</fieldset>
<fieldset><legend>Fix</legend>${fixes.join('')}</fieldset>
<button type="button" id="open" aria-pressed="false">Open all</button>
</form>`;
}

function box(name: string, value: string, label: string): string {
  return `<label><input type="checkbox" name="${name}" value="${value}" checked> ${label}</label>`;
}

function ignoredSection({ asked, shown }: ScanReport, level = 2): string {
  const flaws = ignoredFlaws(asked, shown);
  if (flaws.length === 0) return '';
  const rows = flaws.map(({ verdict }) =>
    row([
      ['Vulnerability', escapeHtml(verdict.vulnerability)],
      ['Source package', escapeHtml(verdict.package.source.name)],
      ['Severity', verdict.severity, 'word'],
      ['Why', escapeHtml(verdict.ignored ? ignoredText(verdict.ignored) : '')],
    ]),
  );
  return `<h${level}>Put aside: ${plural(flaws.length, 'flaw')}</h${level}>\n${table(['Vulnerability', 'Source package', 'Severity', 'Why'], rows)}`;
}

function uncoveredSection({ result: { uncovered } }: ScanReport, level = 2): string {
  if (uncovered.length === 0) return '';
  const rows = uncovered.map((each) =>
    row([
      ['Package', escapeHtml(each.package.name)],
      ['Version', `<code>${escapeHtml(each.package.version)}</code>`],
      ['Why', escapeHtml(uncoveredText(each))],
    ]),
  );
  return `<h${level}>Not covered: ${plural(uncovered.length, 'package')}</h${level}>\n${table(['Package', 'Version', 'Why'], rows)}`;
}
