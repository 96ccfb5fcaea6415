import { pageEnd, pageStart, palette, row } from '../../html/page.ts';
import { escapeHtml } from '../../model/markup.ts';
import { acceptedLines, type GateReport, heldLines, keptText } from '../gates/report.ts';
import { type AssessmentChanges, exploitedText, ratedText } from './assessment-changes.ts';
import {
  type ChangeKind,
  changeKinds,
  type PlatformChanges,
  type Standing,
  type StatementChange,
} from './changes.ts';
import type { ChangesDocument } from './document.ts';

/** Limit on the rows of one kind and platform on the page; changes.json has all. */
const rowsPerKind = 200;

const titles: Record<ChangeKind, string> = {
  now_affected: 'Now affected',
  now_fixed: 'Now fixed',
  fix_version_changed: 'Fix version changed',
  status_changed: 'Status changed',
  severity_changed: 'Severity changed',
  new: 'New',
  gone: 'Gone',
};

/** Formats the changes as one self-contained HTML page. */
export function changesPage({ date, platforms, assessments }: ChangesDocument, report?: GateReport): string {
  return [
    pageStart({ title: `Feed changes of ${date}`, style }),
    `<h1>Feed changes of ${dateHtml(date)}</h1>\n`,
    assessments ? exploitedSection(assessments) : '',
    report ? heldSection(report) : '',
    summary(platforms),
    ...platforms.map(section),
    assessments ? ratingsSection(assessments) : '',
    pageEnd({}),
  ].join('');
}

/** `2026-01-30 12:55:00 UTC`, broken at spaces only. */
function dateHtml(date: string): string {
  const words = date.replace('T', ' ').replace(/Z$/, ' UTC').split(' ');
  return words.map((word) => `<span>${escapeHtml(word)}</span>`).join(' ');
}

const style =
  palette +
  'body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:var(--fg);background:var(--bg)}' +
  'table{border-collapse:collapse;width:100%}.changes{table-layout:fixed}a{color:var(--link)}td a{white-space:nowrap}' +
  'th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}' +
  'h1 span{white-space:nowrap}td{overflow-wrap:anywhere}th{overflow-wrap:break-word}.n{text-align:right}.none{color:var(--dim)}.changes tbody th{padding-top:1.25rem}' +
  '.held{border-left:4px solid var(--high);padding-left:1rem}.same{columns:16rem;padding-left:1.2rem}summary{cursor:pointer}' +
  '@media screen and (max-width:48rem){table,tbody,tr,th,td{display:block}thead{display:none}th,td,.n{text-align:left;border:0;padding:.1rem 0}' +
  'tr{border-bottom:1px solid var(--line);padding:.5rem 0}td::before{content:attr(data-column) ": ";color:var(--dim)}.none{display:none}}' +
  '@page{margin:14mm 12mm}@media print{body{font-size:12px;max-width:none;margin:0;padding:0}tr,.held{break-inside:avoid}h2,thead{break-after:avoid}}';

function heldSection(report: GateReport): string {
  const items = [
    ...heldLines(report).map(
      ({ platforms, gate, message }) => `${platforms} held back by gate ${gate}: ${message}`,
    ),
    ...acceptedLines(report).map(
      ({ platforms, gate, found, reason }) => `${platforms} passed gate ${gate} (${found}): ${reason}`,
    ),
    ...report.kept.map(keptText),
  ];
  if (items.length === 0) return '';
  const list = items.map((item) => `<li>${escapeHtml(item)}</li>\n`).join('');
  return `<section class="held">\n<h2>Gates</h2>\n<ul>\n${list}</ul>\n</section>\n`;
}

function exploitedSection({ exploited }: AssessmentChanges): string {
  if (exploited.length === 0) return '';
  const list = exploited.map((change) => `<li>${escapeHtml(exploitedText(change))}</li>\n`).join('');
  return `<section class="held">\n<ul>\n${list}</ul>\n</section>\n`;
}

function ratingsSection({ ratings }: AssessmentChanges): string {
  if (ratings.length === 0) return '';
  const rows = ratings
    .slice(0, rowsPerKind)
    .map(({ vulnerability, before, after }) =>
      textRow(ratingHeads, [vulnerability, ratedText(before), ratedText(after)]),
    );
  const left = ratings.length - rowsPerKind;
  const more = left > 0 ? `<tr><td colspan="3">and ${left} more in changes.json</td></tr>\n` : '';
  return `<section>\n<h2 id="ratings">Severity by NVD, CISA and CNAs (${ratings.length})</h2>\n<table class="changes">\n<thead><tr>${headCells(ratingHeads)}</tr></thead>\n<tbody>\n${rows.join('')}${more}</tbody>\n</table>\n</section>\n`;
}

const ratingHeads = ['Vulnerability', 'Before', 'After'];

function headCells(heads: readonly string[]): string {
  return heads.map((text) => `<th scope="col">${text}</th>`).join('');
}

function textRow(heads: readonly string[], texts: readonly string[]): string {
  return `${row(texts.map((text, at) => [heads[at]!, escapeHtml(text)]))}\n`;
}

/** Platforms that changed come first; of the others the names are enough. */
function summary(platforms: readonly PlatformChanges[]): string {
  const changed = platforms.filter(isChanged);
  const same = platforms.filter((platform) => !isChanged(platform));
  return `${changed.length === 0 ? '<p>No platform changed.</p>\n' : changedTable(changed)}${sameList(same)}`;
}

function isChanged({ changes, statements: { before, after } }: PlatformChanges): boolean {
  return changes.length > 0 || before !== after;
}

function changedTable(platforms: readonly PlatformChanges[]): string {
  const heads = ['Statements', ...changeKinds.map((kind) => titles[kind])]
    .map((text) => `<th scope="col" class="n">${text}</th>`)
    .join('');
  const rows = platforms.map(({ platform, statements, counts, changes }) => {
    const name = escapeHtml(platform);
    const link = changes.length > 0 ? `<a href="#${name}">${name}</a>` : name;
    const cells = changeKinds.map((kind) => numberCell(titles[kind], counts[kind])).join('');
    return `<tr><th scope="row">${link}</th><td class="n" data-column="Statements">${sizeText(statements)}</td>${cells}</tr>\n`;
  });
  return `<table>\n<thead><tr><th scope="col">Platform</th>${heads}</tr></thead>\n<tbody>\n${rows.join('')}</tbody>\n</table>\n`;
}

function sameList(platforms: readonly PlatformChanges[]): string {
  if (platforms.length === 0) return '';
  const items = platforms.map(
    ({ platform, statements }) => `<li>${escapeHtml(platform)}: ${sizeText(statements)}</li>`,
  );
  const count = platforms.length === 1 ? '1 platform' : `${platforms.length} platforms`;
  return `<details>\n<summary>${count} without changes, with the number of statements</summary>\n<ul class="same">\n${items.join('\n')}\n</ul>\n</details>\n`;
}

function numberCell(title: string, count: number): string {
  return `<td class="n${count === 0 ? ' none' : ''}" data-column="${title}">${count}</td>`;
}

function sizeText({ before, after }: PlatformChanges['statements']): string {
  if (after === undefined) return `gone, ${before ?? 0} before`;
  if (before === undefined) return `${after}, new`;
  return before === after ? `${after}` : `${before} → ${after}`;
}

function section({ platform, changes }: PlatformChanges): string {
  if (changes.length === 0) return '';
  const bodies = changeKinds.flatMap((kind) => {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length === 0) return [];
    const left = own.length - rowsPerKind;
    const more = left > 0 ? `<tr><td colspan="4">and ${left} more in changes.json</td></tr>\n` : '';
    const rows = own.slice(0, rowsPerKind).map(changeRow).join('');
    const title = `<tr><th colspan="4" scope="rowgroup">${titles[kind]} (${own.length})</th></tr>\n`;
    return `<tbody>\n${title}${rows}${more}</tbody>\n`;
  });
  const name = escapeHtml(platform);
  return `<section>\n<h2 id="${name}">${name}</h2>\n<table class="changes">\n<thead><tr>${headCells(changeHeads)}</tr></thead>\n${bodies.join('')}</table>\n</section>\n`;
}

function changeRow({ package: name, vulnerability, scope, before, after }: StatementChange): string {
  const subject = scope === undefined ? name : `${name} (${scope})`;
  return textRow(changeHeads, [vulnerability, subject, standingText(before), standingText(after)]);
}

const changeHeads = ['Vulnerability', 'Package', 'Before', 'After'];

/** `affected, will not fix`; `fixed in 1.2-3`; `affected in >=1.0|<1.2.3`. */
export function standingText(standing: Standing | undefined): string {
  if (!standing) return 'not known';
  const { status, fixed, fixState, affected, malicious, severity } = standing;
  if (severity !== undefined) return severity;
  if (fixed !== undefined) return `fixed in ${fixed}`;
  if (affected !== undefined) return `${malicious ? 'malicious package, ' : ''}affected in ${affected}`;
  if (malicious) return `${status}, malicious package: remove it`;
  return [status, fixState === 'none_yet' ? 'no fix yet' : fixState]
    .filter((word) => word !== undefined)
    .join(', ')
    .replaceAll('_', ' ');
}
