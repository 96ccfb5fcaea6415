import { escapeHtml } from '../../model/index.ts';
import { type GateReport, keptText } from '../gates/report.ts';
import { type AssessmentChanges, exploitedText, ratedText } from './assessment-changes.ts';
import { type Change, type ChangeKind, changeKinds, type PlatformChanges, type Standing } from './changes.ts';
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
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `<title>Feed changes of ${escapeHtml(date)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    `<h1>Feed changes of ${escapeHtml(date)}</h1>\n`,
    assessments ? exploitedSection(assessments) : '',
    report ? heldSection(report) : '',
    summary(platforms),
    ...platforms.map(section),
    assessments ? ratingsSection(assessments) : '',
    '</body>\n</html>\n',
  ].join('');
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'table{border-collapse:collapse;width:100%}.changes{table-layout:fixed}a{color:inherit}' +
  'th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}' +
  '.n{text-align:right}.none{opacity:.45}.changes tbody th{padding-top:1.25rem}' +
  '.held{border-left:4px solid #b00020;padding-left:1rem}' +
  '@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#181818}th,td{border-color:#444}}';

function heldSection({ held, accepted, kept }: GateReport): string {
  const items = [
    ...Object.values(held)
      .flat()
      .map(({ platform, gate, message }) => `${platform} held back by gate ${gate}: ${message}`),
    ...accepted.map(
      ({ platform, gate, found, reason }) => `${platform} passed gate ${gate} (${found}): ${reason}`,
    ),
    ...kept.map(keptText),
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
  const rows = ratings.slice(0, rowsPerKind).map(({ vulnerability, before, after }) => {
    const cells = [vulnerability, ratedText(before), ratedText(after)];
    return `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>\n`;
  });
  const left = ratings.length - rowsPerKind;
  const more = left > 0 ? `<tr><td colspan="3">and ${left} more in changes.json</td></tr>\n` : '';
  const heads = ['Vulnerability', 'Before', 'After'].map((text) => `<th scope="col">${text}</th>`).join('');
  return `<section>\n<h2 id="ratings">Severity by NVD, CISA and CNAs (${ratings.length})</h2>\n<table class="changes">\n<thead><tr>${heads}</tr></thead>\n<tbody>\n${rows.join('')}${more}</tbody>\n</table>\n</section>\n`;
}

function summary(platforms: readonly PlatformChanges[]): string {
  const heads = ['Statements', ...changeKinds.map((kind) => titles[kind])]
    .map((text) => `<th scope="col" class="n">${text}</th>`)
    .join('');
  const rows = platforms.map(({ platform, statements, counts, changes }) => {
    const name = escapeHtml(platform);
    const link = changes.length > 0 ? `<a href="#${name}">${name}</a>` : name;
    const cells = changeKinds.map((kind) => numberCell(counts[kind])).join('');
    return `<tr><th scope="row">${link}</th><td class="n">${sizeText(statements)}</td>${cells}</tr>\n`;
  });
  return `<table>\n<thead><tr><th scope="col">Platform</th>${heads}</tr></thead>\n<tbody>\n${rows.join('')}</tbody>\n</table>\n`;
}

function numberCell(count: number): string {
  return `<td class="n${count === 0 ? ' none' : ''}">${count}</td>`;
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
    const rows = own.slice(0, rowsPerKind).map(row).join('');
    const title = `<tr><th colspan="4" scope="rowgroup">${titles[kind]} (${own.length})</th></tr>\n`;
    return `<tbody>\n${title}${rows}${more}</tbody>\n`;
  });
  const name = escapeHtml(platform);
  const heads = ['Vulnerability', 'Package', 'Before', 'After']
    .map((text) => `<th scope="col">${text}</th>`)
    .join('');
  return `<section>\n<h2 id="${name}">${name}</h2>\n<table class="changes">\n<thead><tr>${heads}</tr></thead>\n${bodies.join('')}</table>\n</section>\n`;
}

function row({ package: name, vulnerability, scope, before, after }: Change): string {
  const subject = scope === undefined ? name : `${name} (${scope})`;
  const cells = [vulnerability, subject, standingText(before), standingText(after)];
  return `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>\n`;
}

/** `affected, will not fix`; `fixed in 1.2-3`. */
export function standingText(standing: Standing | undefined): string {
  if (!standing) return 'not known';
  const { status, fixed, fixState, severity } = standing;
  if (severity !== undefined) return severity;
  if (fixed !== undefined) return `fixed in ${fixed}`;
  return [status, fixState === 'none_yet' ? 'no fix yet' : fixState]
    .filter((word) => word !== undefined)
    .join(', ')
    .replaceAll('_', ' ');
}
