import type { InventoryNote } from '../model/index.ts';

/** What was odd about an image, as every command says it. */
export function noteText({ code, where, detail }: InventoryNote): string {
  return `note: ${code.replaceAll('_', ' ')} at ${where}${detail ? `: ${detail}` : ''}`;
}
