import type { ListedWaiver } from '../../model/index.ts';
import { plural, textTable } from '../text-table.ts';

/** A line for each waiver: what it is about, what it does, until when, why, and who said so. */
export function waiversTable(waivers: readonly ListedWaiver[]): string {
  if (waivers.length === 0) return 'nothing is waived\n';
  const rows = waivers.map((waiver) => [
    String(waiver.id),
    [waiver.vulnerability ?? waiver.rule!, ...(waiver.package === null ? [] : [waiver.package])].join(' '),
    waiver.image ?? 'all',
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
