import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../io/files.ts';
import { readWhole } from '../../io/read-whole.ts';
import { systemReason, writeError } from '../../io/system-reason.ts';
import { metadataPath } from '../../published/names.ts';

/**
 * A published folder: `metadata/` and `targets/` as TUF requires for consistent snapshots (specification 6.2),
 * `state/N.json` for the next publish, and `changes.json` and `changes.html` for people.
 */
export interface Site {
  readonly directory: string;
  read(path: string): Buffer | undefined;
  has(path: string): boolean;
  /** Writes atomically and flushes: after a crash the old or the new file is there. */
  write(path: string, content: string | Buffer): Promise<void>;
}

export function openSite(directory: string): Site {
  const place = (path: string) => join(directory, path);
  return {
    directory,
    read: (path) => (existsSync(place(path)) ? readWhole(place(path)) : undefined),
    has: (path) => existsSync(place(path)),
    async write(path, content) {
      try {
        await writeAtomically(place(path), content);
      } catch (cause) {
        const last = existsSync(place(metadataPath('timestamp')))
          ? '; the last publication is unchanged'
          : '';
        throw writeError({
          message: `the published folder cannot be written: ${systemReason(cause)}`,
          where: place(path),
          remedy: `free space or grant access, and publish again${last}`,
          cause,
        });
      }
    },
  };
}
