import { type InventoryNote, isScapfeedError } from '../model/index.ts';

/** Returns the result of `read`, or `otherwise` and a note if this user may not read a file that it needs. */
export function ifReadable<Result>(read: () => Result, otherwise: Result, notes: InventoryNote[]): Result {
  try {
    return read();
  } catch (error) {
    if (!isScapfeedError(error) || error.code !== 'IMAGE_UNREADABLE') throw error;
    notes.push({ code: 'unreadable_file', where: error.where ?? '/', detail: error.message });
    return otherwise;
  }
}
