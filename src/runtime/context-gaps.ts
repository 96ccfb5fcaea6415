import { type Gap, type Inventory, unreadContext } from '../model/index.ts';

/**
 * The gaps of what an image says of its products (labels, content sets) and could not be read: any verdict may be another
 * one with it.
 */
export function contextGaps({ notes }: Pick<Inventory, 'notes'>): Gap[] {
  return notes
    .filter(({ code }) => code === unreadContext)
    .map(({ where, detail = 'not readable' }) => ({ code: unreadContext, where, detail }));
}
