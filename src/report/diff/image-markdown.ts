import { feedText } from '../feed-text.ts';
import { code, literal, longestComment, row } from '../scan/markdown.ts';
import type { ImageChanges } from './image-changes.ts';
import { type DiffPart, diffParts, diffSides } from './parts.ts';

/** Formats what differs between two images as a comment on a pull request: the totals, and each part folded away. */
export function imageChangesMarkdown(changes: ImageChanges): string {
  const { sides, gaps } = diffSides(changes);
  const parts = diffParts(changes);
  const head = [
    `### ${gaps.length > 0 ? '⚠️ ' : ''}${code(changes.before.reference)} → ${code(changes.after.reference)}\n\n`,
    ...[...sides, ...gaps].map((text) => `- ${literal(text)}\n`),
    ...parts.flatMap(({ totals }) => totals.map((text) => `- ${literal(text)}\n`)),
    '\n',
  ].join('');
  const foot = `<sub>${literal(changes.tool)}; ${literal(feedText(changes.feed))}</sub>\n`;
  let left = longestComment - head.length - foot.length;
  const folded = parts.map((part) => {
    const text = foldedPart(part, left);
    left -= text.length;
    return text;
  });
  return `${head}${folded.join('')}${foot}`;
}

/** The rows that there is room for, and how many there are besides. */
function foldedPart({ title, head, rows }: DiffPart, room: number): string {
  if (rows.length === 0) return '';
  const open = `<details>\n<summary>${title}: ${rows.length}</summary>\n\n${row(head.map((name) => name.toLowerCase()))}${row(head.map(() => '---'))}`;
  const close = '\n</details>\n\n';
  let left = room - open.length - close.length - 100;
  const shown: string[] = [];
  for (const cells of rows) {
    const text = row(cells.map((cell) => (cell === '' ? '' : code(cell))));
    left -= text.length;
    if (left < 0) break;
    shown.push(text);
  }
  const cut = rows.length - shown.length;
  const rest = cut > 0 ? `\nand ${cut} more, which a comment has no room for: \`-o json\` has all\n` : '';
  return `${open}${shown.join('')}${rest}${close}`;
}
