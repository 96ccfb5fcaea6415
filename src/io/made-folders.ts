import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { forgetUnfinished, noteUnfinished } from './unfinished.ts';

/**
 * Makes a folder, and those above it, for what will be in it. Returns what ends that: those that were made and have nothing in them are
 * removed again, so that work that fails leaves no folder behind, not even of a name that was given by mistake.
 */
export function makeFolders(folder: string, mode?: number): () => void {
  const made = mkdirSync(folder, { recursive: true, ...(mode !== undefined && { mode }) });
  if (made === undefined) return () => undefined;
  const [last, first] = [resolve(folder), resolve(made)];
  const undo = () => removeEmpty(last, first);
  const noted = noteUnfinished(`${last}/`, undo);
  return () => {
    undo();
    forgetUnfinished(noted);
  };
}

/** Removes a folder, and those above it as far as `first`, as long as nothing is in them. */
export function removeEmpty(folder: string, first: string): void {
  try {
    for (let each = folder; each.length >= first.length; each = dirname(each)) rmdirSync(each);
  } catch {
    // Something is in it, as it should be.
  }
}
