import { feedText } from '../feed-text.ts';
import { code, foldedTable, literal, longestComment, row } from '../formats/markdown.ts';
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

function foldedPart({ title, head, rows }: DiffPart, room: number): string {
  return foldedTable(
    { summary: `${title}: ${rows.length}`, head: head.map((name) => name.toLowerCase()), rows },
    (cells) => row(cells.map((cell) => (cell === '' ? '' : code(cell)))),
    room - 100,
    (count) => `${count} more`,
  );
}
