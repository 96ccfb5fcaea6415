import { pageEnd, pageStart, row, table } from '../../html/page.ts';
import { escapeHtml } from '../../model/markup.ts';
import { feedText } from '../feed-text.ts';
import { list } from '../formats/html.ts';
import { printable } from '../printable.ts';
import { style } from '../scan/html-assets.ts';
import type { ImageChanges } from './image-changes.ts';
import { type DiffPart, diffParts, diffSides } from './parts.ts';

/** Formats what differs between two images as one page that needs no network. */
export function imageChangesHtml(changes: ImageChanges): string {
  const { before, after, tool, feed } = changes;
  const { sides, gaps } = diffSides(changes);
  const title = `${before.reference} → ${after.reference}`;
  return [
    pageStart({ title: printable(title), style, script: '' }),
    `<main>\n<h1>${shown(title)}</h1>\n`,
    list('bad', 'Not known in full', gaps.map(printable)),
    sides.map((text) => `<p>${shown(text)}</p>\n`).join(''),
    ...diffParts(changes).map(section),
    `</main>\n<footer>Made by ${shown(tool)} from the ${shown(feedText(feed))}</footer>\n${pageEnd({})}`,
  ].join('');
}

function section({ title, head, rows, totals }: DiffPart): string {
  const names = head.map((name) => name.charAt(0) + name.slice(1).toLowerCase());
  const lines = rows.map((cells) => row(cells.map((cell, at) => [names[at]!, shown(cell)])));
  return `<h2>${title}</h2>\n${totals.map((text) => `<p>${shown(text)}</p>\n`).join('')}${rows.length > 0 ? `${table(names, lines)}\n` : ''}`;
}

function shown(text: string): string {
  return escapeHtml(printable(text));
}
