import { createHash } from 'node:crypto';
import { escapeHtml, type PolicyOutcome, type Severity, severities } from '../../model/index.ts';
import { dataAge } from '../data-age.ts';
import { noteLine } from '../note-text.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { countsOf, type ScanCounts } from './counts.ts';
import { exceptionLines, ignoredText } from './exceptions-text.ts';
import { type Flaw, flawsOf, ignoredFlaws } from './flaws.ts';
import { script, style } from './html-assets.ts';
import { flawId, flawSection, isExploited } from './html-flaw.ts';
import type { ScanReport } from './report.ts';
import { type Upgrade, upgradesOf } from './upgrades.ts';
import { hiddenWords, uncoveredWords } from './words.ts';

/** Only the page's own style and script are allowed; nothing is loaded, sent or framed. */
const policy = `default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; base-uri 'none'; form-action 'none'`;

/** Formats a scan as one self-contained page, without network requests, that can be printed and read without its script. */
export function* scanHtml(report: ScanReport): Iterable<string> {
  const { result } = report;
  const flaws = flawsOf(report.shown);
  const exploited = flaws.filter((flaw) => isExploited(flaw, report));
  const title = `${result.image.reference} — ${plural(countsOf(report).flaws, 'flaw')}`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#flaws">Skip to the flaws</a>
<header>
${heading(report)}
${totals(report)}
</header>
<main>
${notices(report)}
${exploitedSection(exploited)}
${upgradeSection(upgradesOf(flaws, report.compare))}
${layerSection(report, flaws)}
<h2>Flaws</h2>
${filters(flaws)}
<p id="shown" role="status">${plural(flaws.length, 'flaw')}</p>
<div id="flaws" tabindex="-1">
`;
  const ids = new Map<string, number>();
  for (const flaw of exploitedFirst(flaws, exploited))
    yield `${flawSection(flaw, report, flawId(flaw, ids))}\n`;
  yield `</div>
${ignoredSection(report)}
${uncoveredSection(report)}
</main>
${foot(report)}
<script>${script}</script>
</body>
</html>
`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function exploitedFirst(flaws: readonly Flaw[], exploited: readonly Flaw[]): Flaw[] {
  const first = new Set(exploited);
  return [...exploited, ...flaws.filter((flaw) => !first.has(flaw))];
}

function heading({ result, facts }: ScanReport): string {
  const { image, inventory, platform, feed } = result;
  const rows: [string, string][] = [
    ['Image', image.reference],
    ...(image.digest === undefined ? [] : [['Digest', image.digest] as [string, string]]),
    ['System', inventory.os?.prettyName ?? 'unknown'],
    ['Judged as', [platform.name, ...platform.marks].join(', ')],
    ['Vendor data', dataAge(platform)],
    ['Feed', `${facts.digest()}${feed.signed ? ', signed' : ', not signed'}`],
  ];
  return `<div>
<h1>${escapeHtml(image.reference)}</h1>
<dl>${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
</div>`;
}

function totals(report: ScanReport): string {
  const counts = countsOf(report);
  const { packages, flaws, fixable, severities: bySeverity } = counts;
  const items = Object.entries(bySeverity)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `<li class="${severity}">${count} ${severity}</li>`);
  return `<div class="card">
<p><strong>${flaws}</strong> ${flaws === 1 ? 'flaw' : 'flaws'} in ${plural(packages.affected, 'package')}</p>
${bar(bySeverity, 'Flaws by severity')}
<ul class="counts">${items.join('')}</ul>
<p>${fixable} with a fix to install, ${flaws - fixable} without</p>
<p>${packages.installed} packages: ${packages.judged} judged, ${packages.uncovered} not covered</p>
</div>`;
}

/** A bar of the severities, each as wide as its share. */
function bar(counts: Readonly<Record<string, number>>, label: string): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return '';
  let x = 0;
  const parts = Object.entries(counts).flatMap(([severity, count]) => {
    if (count === 0) return [];
    const width = (100 * count) / total;
    const part = `<rect class="${severity}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"><title>${count} ${severity}</title></rect>`;
    x += width;
    return [part];
  });
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}

function notices(report: ScanReport): string {
  const { result, policy: outcome } = report;
  const { gaps, inventory, unjudged } = result;
  const counts = countsOf(report);
  const told = unjudgedText(unjudged);
  return [
    list(
      'bad',
      'The result is not about the whole image, which is therefore not clean',
      gaps.map(
        ({ code, where, detail }) =>
          `${code.replaceAll('_', ' ')}: ${where === undefined ? '' : `${where}: `}${detail}`,
      ),
    ),
    list('bad', 'The policy fails', failures(outcome)),
    list('', 'Not listed here', [...unlisted(counts), ...(told === undefined ? [] : [told])]),
    list('', 'Exceptions', exceptionLines(result, true)),
    list('', 'Notes on the image', inventory.notes.map(noteLine)),
  ].join('');
}

function failures({ failing, unrated, unsettled, failOnUnrated }: PolicyOutcome): string[] {
  return [
    ...(failing > 0 ? [`${plural(failing, 'flaw')} that --fail-on names`] : []),
    ...(failOnUnrated && unrated > 0 ? [`${plural(unrated, 'flaw')} that nobody has rated`] : []),
    ...(unsettled > 0 ? [`${plural(unsettled, 'flaw')} that the vendor has not yet looked into`] : []),
  ];
}

function unlisted({ hidden, filtered }: ScanCounts): string[] {
  return [
    ...Object.entries(hidden).map(
      ([kind, count]) =>
        `${plural(count, 'flaw')} ${hiddenWords[kind as keyof typeof hiddenWords]}; --all lists them`,
    ),
    ...(filtered > 0 ? [`${plural(filtered, 'flaw')} left out by --severity or --only-fixed`] : []),
  ];
}

function list(kind: string, heading: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const lines = items.map((item) => `<li>${escapeHtml(item)}</li>`).join('');
  return `<section class="notice ${kind}" aria-label="${escapeHtml(heading)}"><p>${escapeHtml(heading)}:</p><ul>${lines}</ul></section>\n`;
}

function exploitedSection(exploited: readonly Flaw[]): string {
  if (exploited.length === 0) return '';
  const ids = new Map<string, number>();
  const items = exploited.map((flaw) => {
    const { vulnerability, package: pkg, exploited: entry } = flaw.verdict;
    const due = entry?.due === undefined ? '' : `, to be fixed by ${escapeHtml(entry.due)}`;
    return `<li><a href="#${flawId(flaw, ids)}">${escapeHtml(vulnerability)}</a> in ${escapeHtml(pkg.source.name)}${due}</li>`;
  });
  return `<section class="notice bad" aria-label="Known to be exploited"><p>Known to be exploited: act on these first.</p><ul>${items.join('')}</ul></section>`;
}

function upgradeSection(upgrades: readonly Upgrade[]): string {
  if (upgrades.length === 0) return '';
  const gone = upgrades.reduce((sum, { flaws }) => sum + flaws.length, 0);
  const rows = upgrades.map(({ source, installed, to, packages, flaws, worst }) =>
    row([
      ['Source package', escapeHtml(source)],
      ['Packages', escapeHtml(packages.join(', '))],
      ['Installed', `<code>${escapeHtml(installed)}</code>`],
      ['Upgrade to', `<code>${escapeHtml(to)}</code>`],
      ['Worst', `<span class="${worst}">${worst}</span>`],
      ['Flaws', String(flaws.length), 'number'],
    ]),
  );
  return `<h2>Upgrade ${plural(upgrades.length, 'source package')}, and ${plural(gone, 'flaw')} ${gone === 1 ? 'goes' : 'go'}</h2>
${table(['Source package', 'Packages', 'Installed', 'Upgrade to', 'Worst', 'Flaws'], rows)}`;
}

function layerSection({ result }: ScanReport, flaws: readonly Flaw[]): string {
  const { layers } = result.image;
  if (layers.length < 2) return '';
  const rows = layers.flatMap((layer, at) => {
    const own = flaws.filter(({ verdicts }) => verdicts.some(({ package: pkg }) => pkg.layer === at));
    if (own.length === 0) return [];
    const counts = Object.fromEntries(severities.toReversed().map((severity) => [severity, 0]));
    for (const { verdict } of own) counts[verdict.severity] = (counts[verdict.severity] ?? 0) + 1;
    const id = layer.diffId ?? layer.digest ?? '';
    return [
      row([
        ['Layer', String(at + 1), 'number'],
        ['Made by', `${escapeHtml(layer.createdBy ?? '')}<br><code>${escapeHtml(id.slice(0, 19))}</code>`],
        ['Flaws', String(own.length), 'number'],
        ['By severity', bar(counts, `Flaws of layer ${at + 1} by severity`)],
      ]),
    ];
  });
  return rows.length === 0
    ? ''
    : `<h2>By layer</h2>\n${table(['Layer', 'Made by', 'Flaws', 'By severity'], rows)}`;
}

type Cell = readonly [column: string, html: string, kind?: string];

export function row(cells: readonly Cell[]): string {
  const html = cells.map(
    ([column, text, kind]) =>
      `<td data-column="${column}"${kind === undefined ? '' : ` class="${kind}"`}>${text}</td>`,
  );
  return `<tr>${html.join('')}</tr>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `<table><thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

const fixNames = { available: 'fix to install', none: 'no fix' } as const;

function filters(flaws: readonly Flaw[]): string {
  const levels = severities
    .toReversed()
    .filter((severity) => flaws.some(({ verdict }) => verdict.severity === severity));
  const count = (severity: Severity) => flaws.filter(({ verdict }) => verdict.severity === severity).length;
  const boxes = levels.map((severity) =>
    box('severity', severity, `${severity} <small>${count(severity)}</small>`),
  );
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

function ignoredSection({ asked, shown }: ScanReport): string {
  const flaws = ignoredFlaws(asked, shown);
  if (flaws.length === 0) return '';
  const rows = flaws.map(({ verdict }) =>
    row([
      ['Vulnerability', escapeHtml(verdict.vulnerability)],
      ['Source package', escapeHtml(verdict.package.source.name)],
      ['Severity', verdict.severity],
      ['Why', escapeHtml(verdict.ignored ? ignoredText(verdict.ignored) : '')],
    ]),
  );
  return `<h2>Put aside: ${plural(flaws.length, 'flaw')}</h2>\n${table(['Vulnerability', 'Source package', 'Severity', 'Why'], rows)}`;
}

function uncoveredSection({ result: { uncovered } }: ScanReport): string {
  if (uncovered.length === 0) return '';
  const rows = uncovered.map(({ package: pkg, reason, detail }) =>
    row([
      ['Package', escapeHtml(pkg.name)],
      ['Version', `<code>${escapeHtml(pkg.version)}</code>`],
      ['Why', escapeHtml(`${uncoveredWords[reason]}${detail === undefined ? '' : ` (${detail})`}`)],
    ]),
  );
  return `<h2>Not covered: ${plural(uncovered.length, 'package')}</h2>\n${table(['Package', 'Version', 'Why'], rows)}`;
}

function foot({ result, facts }: ScanReport): string {
  const inputs = facts.inputs.map(({ id, url, sha256 }) => `${id} (${url}, sha256 ${sha256.slice(0, 12)}…)`);
  return `<footer>Made by ${escapeHtml(result.tool)} from ${escapeHtml(inputs.join(', '))}</footer>`;
}
