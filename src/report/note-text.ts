import { type InventoryNote, judgedLanguage } from '../model/inventory/index.ts';
import { printable } from './printable.ts';

/** Formats a note about an image, in the same way for every command. */
export function noteText(note: InventoryNote): string {
  return `note: ${noteWords(note)}`;
}

/** A note as one line of a document, without control characters: names in it come from the image. */
export function noteLine(note: InventoryNote): string {
  return printable(noteWords(note));
}

function noteWords({ code, where, detail }: InventoryNote): string {
  if (code === judgedLanguage) return `packages of ${where} are judged ${detail}`;
  return `${code.replaceAll('_', ' ')} at ${where}${detail ? `: ${detail}` : ''}`;
}
