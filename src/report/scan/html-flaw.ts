import { type Exploited, isByRansomware } from '../../model/feed/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { isFixable, isMalicious } from '../../model/verdict/index.ts';
import { baseText } from './base-text.ts';
import { ignoredText } from './exceptions-text.ts';
import { fixDate } from './fix-date.ts';
import { type FlawFacts, flawFacts } from './flaw-facts.ts';
import { type Flaw, packageNames } from './flaws.ts';
import { fileOf, filesOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { fixVersion, remedyText, stateText, stateWord } from './words.ts';

/** By one of the catalogs, or by the vendor's word. */
export function isExploited({ verdict }: Flaw, { facts }: ScanReport): boolean {
  return verdict.exploited !== undefined || facts.vulnerability(verdict.vulnerability)?.exploited === true;
}

/** The name of a flaw in the page's address; `taken` counts flaws of the same name. */
export function flawId({ verdict }: Flaw, taken: Map<string, number>): string {
  const name = `${verdict.vulnerability}-${verdict.package.source.name}`.replace(/[^A-Za-z0-9._-]/g, '-');
  const nth = (taken.get(name) ?? 0) + 1;
  taken.set(name, nth);
  return nth === 1 ? name : `${name}-${nth}`;
}

/** One flaw, folded: what, where and what to do; open: all that is known, and the evidence. */
export function flawSection(flaw: Flaw, report: ScanReport, id: string): string {
  return foldedFlaw(flaw, report, id, flawBody(flaw, report));
}

/** The same with a body that is made elsewhere. */
export function foldedFlaw(flaw: Flaw, report: ScanReport, id: string, body: string): string {
  const { verdict } = flaw;
  const fix = fixVersion(verdict);
  const kev = isExploited(flaw, report) ? ' <span class="kev">exploited</span>' : '';
  return `<details class="flaw ${verdict.severity}" id="${id}" data-severity="${verdict.severity}" data-fix="${isFixable(flaw) ? 'available' : 'none'}">
<summary><span class="badge ${verdict.severity}">${verdict.severity}</span><span>${escapeHtml(verdict.vulnerability)}${kev}</span><span class="where">${escapeHtml(verdict.package.source.name)} <code>${escapeHtml(verdict.package.source.version)}</code></span><span class="state">${escapeHtml(fix !== undefined && verdict.fixState === 'available' && !isMalicious(verdict) ? `fixed in ${fix}` : stateWord(verdict))}</span></summary>
<div class="body">
${body}
</div>
</details>`;
}

/** HTML of an expanded flaw. */
export function flawBody(flaw: Flaw, report: ScanReport): string {
  const { verdict } = flaw;
  const facts = flawFacts(report, flaw);
  return `${facts.known?.title === undefined ? '' : `<p><b>${escapeHtml(facts.known.title)}</b></p>`}
<p>${escapeHtml(remedyText(flaw))}</p>
${verdict.ignored === undefined ? '' : `<p class="notice">${escapeHtml(ignoredText(verdict.ignored))}</p>`}
${facts.known?.description === undefined ? '' : `<p class="text">${escapeHtml(facts.known.description)}</p>`}
<dl>${details(flaw, facts, report.facts.advisory)}</dl>
${packageTable(flaw, report)}
${linkList(facts)}`;
}

function details(
  flaw: Flaw,
  { known, assessment }: FlawFacts,
  advisory: ScanReport['facts']['advisory'],
): string {
  const { verdict } = flaw;
  const scores = [
    ...(known?.cvss ?? []).map(
      ({ version, score, vector }) => `${score} (CVSS ${version}, vendor): ${vector}`,
    ),
    ...(assessment?.ratings ?? []).map(
      ({ source, version, score, vector }) => `${score} (CVSS ${version}, ${source}): ${vector}`,
    ),
  ];
  const { exploited, epss, risk } = verdict;
  const rows: [string, string | undefined][] = [
    ['State', stateText(verdict)],
    ['Origin', baseText(flaw)],
    ['Fixed since', fixDate(verdict, advisory)],
    ['Packages', packageNames(flaw).join(', ')],
    ...scores.map((text): [string, string] => ['Score', text]),
    ['Risk', risk === undefined ? undefined : `${risk.toFixed(1)} of 100`],
    ['EPSS', epss === undefined ? undefined : `${(100 * epss.probability).toFixed(2)} % within 30 days`],
    ['Exploited', exploited === undefined ? undefined : exploitedText(exploited)],
    ['Weakness', known?.cwe?.join(', ')],
    ['Published', known?.published?.slice(0, 10)],
    ['Rated so', known?.severityReason],
    ['Evidence', verdict.evidence],
  ];
  return rows
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`],
    )
    .join('');
}

function packageTable(flaw: Flaw, { result, names }: ScanReport): string {
  const { layers } = result.image;
  const hasFiles = filesOf(flaw, result).length > 0;
  const rows = flaw.verdicts.map(({ package: pkg }) => {
    const layer = pkg.layer === undefined ? undefined : layers[pkg.layer];
    const place = layer && `${pkg.layer! + 1}${layer.createdBy === undefined ? '' : `: ${layer.createdBy}`}`;
    return `<tr><td data-column="Package">${escapeHtml(pkg.name)}</td><td data-column="Version"><code>${escapeHtml(pkg.version)}</code></td><td data-column="Layer">${escapeHtml(place ?? '')}</td>${hasFiles ? `<td data-column="File">${escapeHtml(fileOf(pkg, result) ?? '')}</td>` : ''}<td data-column="purl"><code>${escapeHtml(names.purl(pkg))}</code></td></tr>`;
  });
  return `<table><thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Layer</th>${hasFiles ? '<th scope="col">File</th>' : ''}<th scope="col">purl</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function linkList({ links }: FlawFacts): string {
  if (links.length === 0) return '';
  const items = links.map(
    (link) => `<li><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></li>`,
  );
  return `<h3>Links</h3><ul>${items.join('')}</ul>`;
}

function exploitedText(exploited: Exploited): string {
  const { added, eu, only } = exploited;
  const lists = [
    ...(only === 'eu' ? [] : [`in CISA's catalog since ${added}`]),
    ...(eu ? [`in the EU's list since ${eu.reported} (${eu.id})`] : []),
    ...(isByRansomware(exploited) ? ['by ransomware'] : []),
  ];
  return lists.join(', ');
}
