import type { OwnerImages } from '../../model/index.ts';
import { plural, textTable } from '../text-table.ts';

/** A row for each owner. A dash is not a zero. */
export function ownersTable(owners: readonly OwnerImages[]): string {
  if (owners.length === 0) return 'no owner is declared, and the fleet is empty\n';
  const rows = owners.map(({ owner, images, notInFull, flaws, exploited }) => [
    owner ?? '(none)',
    ...[images, notInFull, flaws, exploited].map((count) => String(count ?? '-')),
  ]);
  const declared = owners.filter(({ owner }) => owner !== null).length;
  return `${textTable(['OWNER', 'IMAGES', 'NOT IN FULL', 'FLAWS', 'EXPLOITED'], rows)}${plural(declared, 'owner')}\n`;
}
