import { type Stats, statSync } from 'node:fs';

/** The file at a path of the host, links followed; undefined if there is none or it cannot be accessed. */
export function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
