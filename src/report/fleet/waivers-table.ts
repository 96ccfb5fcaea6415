import type { ListedWaiver } from '../../model/fleet/index.ts';
import { plural, textTable } from '../text-table.ts';

/** A row for each waiver: its subject, its effect, its last day, the reason, and who added it. */
export function waiversTable(waivers: readonly ListedWaiver[]): string {
  if (waivers.length === 0) return 'nothing is waived\n';
  const rows = waivers.map((waiver) => [
    String(waiver.id),
    [waiver.vulnerability ?? waiver.rule!, ...(waiver.package === null ? [] : [waiver.package])].join(' '),
    imagesOf(waiver),
    waiver.endedBy === null ? waiver.state : `ended by ${waiver.endedBy} ${waiver.ended!.slice(0, 10)}`,
    String(waiver.flaws),
    String(waiver.images),
    waiver.until ?? '-',
    `${waiver.author} ${waiver.created.slice(0, 10)}`,
    waiver.reason,
  ]);
  const head = ['ID', 'ABOUT', 'IMAGES', 'STATE', 'FLAWS', 'IN', 'UNTIL', 'BY', 'REASON'];
  return `${textTable(head, rows)}${plural(waivers.length, 'waiver')}\n`;
}

function imagesOf({ image, owner }: ListedWaiver): string {
  if (owner === null) return image ?? 'all';
  return image === null ? `of ${owner}` : `${image} of ${owner}`;
}
