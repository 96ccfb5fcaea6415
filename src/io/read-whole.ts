import { readFileSync } from 'node:fs';
import { namedRefusal } from './system-reason.ts';

/**
 * Reads a file of our own folders whole. @throws the system's refusal with the path, which Node omits for a folder in the place of a
 * file; a command reports it as SYSTEM_REFUSED
 */
export function readWhole(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw namedRefusal(cause, path);
  }
}
