import type { GateReport } from '../gates/report.ts';
import { type Change, type ChangeKind, changeKinds, type PlatformChanges, type Standing } from './changes.ts';
import type { ChangesDocument } from './document.ts';

/** Rows of one kind and platform on the page; changes.json has them all. */
const rowsPerKind = 200;

const titles: Record<ChangeKind, string> = {
  now_affected: 'Now affected',
  now_fixed: 'Now fixed',
  fix_version_changed: 'Fix version changed',
  status_changed: 'Status changed',
  new: 'New',
  gone: 'Gone',
};

/** The changes as one HTML page that needs nothing else. */
export function changesPage({ date, platforms }: ChangesDocument, report?: GateReport): string {
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `<title>Feed changes of ${escapeHtml(date)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    `<h1>Feed changes of ${escapeHtml(date)}</h1>\n`,
    report ? heldSection(report) : '',
    summary(platforms),
    ...platforms.map(section),
    '</body>\n</html>\n',
  ].join('');
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd}' +
  'td.n{text-align:right}.held{border-left:4px solid #b00020;padding-left:1rem}' +
  '@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#181818}th,td{border-color:#444}}';

function heldSection({ held, accepted }: GateReport): string {
  const items = [
    ...Object.values(held)
      .flat()
      .map(({ platform, gate, message }) => `${platform} held back by gate ${gate}: ${message}`),
    ...accepted.map(
      ({ platform, gate, found, reason }) => `${platform} passed gate ${gate} (${found}): ${reason}`,
    ),
  ];
  if (items.length === 0) return '';
  const list = items.map((item) => `<li>${escapeHtml(item)}</li>\n`).join('');
  return `<section class="held">\n<h2>Gates</h2>\n<ul>\n${list}</ul>\n</section>\n`;
}

function summary(platforms: readonly PlatformChanges[]): string {
  const head = ['Platform', 'Statements', ...changeKinds.map((kind) => titles[kind])];
  const rows = platforms.map(({ platform, statements, counts }) => {
    const cells = changeKinds.map((kind) => `<td class="n">${counts[kind]}</td>`).join('');
    return `<tr><td>${escapeHtml(platform)}</td><td class="n">${statements.after ?? 'none'}</td>${cells}</tr>\n`;
  });
  const heads = head.map((text) => `<th scope="col">${text}</th>`).join('');
  return `<table>\n<thead><tr>${heads}</tr></thead>\n<tbody>\n${rows.join('')}</tbody>\n</table>\n`;
}

function section({ platform, changes }: PlatformChanges): string {
  if (changes.length === 0) return '';
  const parts = changeKinds.flatMap((kind) => {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length === 0) return [];
    const more =
      own.length > rowsPerKind ? `<p>and ${own.length - rowsPerKind} more in changes.json</p>\n` : '';
    const rows = own.slice(0, rowsPerKind).map(row).join('');
    return `<h3>${titles[kind]} (${own.length})</h3>\n<table>\n<tbody>\n${rows}</tbody>\n</table>\n${more}`;
  });
  return `<section>\n<h2>${escapeHtml(platform)}</h2>\n${parts.join('')}</section>\n`;
}

function row({ package: name, vulnerability, scope, before, after }: Change): string {
  const subject = scope === undefined ? name : `${name} (${scope})`;
  const cells = [vulnerability, subject, standingText(before), standingText(after)];
  return `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>\n`;
}

/** `affected, will not fix`; `fixed in 1.2-3`. */
export function standingText(standing: Standing | undefined): string {
  if (!standing) return 'not known';
  const { status, fixed, fixState } = standing;
  if (fixed !== undefined) return `fixed in ${fixed}`;
  return [status, fixState]
    .filter((word) => word !== undefined)
    .join(', ')
    .replaceAll('_', ' ');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
