import { type Stats, statSync } from 'node:fs';

/** What stands at a path of the host, links followed; undefined where nothing does or nothing may be seen. */
export function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
