import type { InventoryNote } from '../model/index.ts';

/** Formats a note about an image, in the same way for every command. */
export function noteText({ code, where, detail }: InventoryNote): string {
  return `note: ${code.replaceAll('_', ' ')} at ${where}${detail ? `: ${detail}` : ''}`;
}
