import { line } from '../printable.ts';
import { textTable } from '../text-table.ts';
import type { ImageChanges } from './image-changes.ts';
import { diffParts, diffSides } from './parts.ts';

/** Formats what differs between two images: packages, flaws, and files and rules where these were asked for. */
export function imageChangesTable(changes: ImageChanges): string {
  const { sides, gaps } = diffSides(changes);
  const parts = diffParts(changes).map(({ head, rows, totals }) => {
    const table = rows.length > 0 ? textTable(head, rows) : '';
    return `${table}${totals.map(line).join('')}`;
  });
  return `${[changes.tool, ...sides, ...gaps].map(line).join('')}\n${parts.join('\n')}`;
}
