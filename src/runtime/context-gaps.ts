import { type Gap, type Inventory, unreadContext } from '../model/index.ts';

/**
 * Returns a gap for product information of the image (labels, content sets) that could not be read. With it, any verdict may
 * differ.
 */
export function contextGaps({ notes }: Pick<Inventory, 'notes'>): Gap[] {
  return notes
    .filter(({ code }) => code === unreadContext)
    .map(({ where, detail = 'not readable' }) => ({ code: unreadContext, where, detail }));
}
