import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../io/files.ts';
import { systemReason, writeError } from '../../io/system-reason.ts';

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
    read: (path) => (existsSync(place(path)) ? readFileSync(place(path)) : undefined),
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

/** Path of a role's metadata by version; the timestamp has none, because it is the only file that is replaced. */
export function metadataPath(role: string, version?: number): string {
  return version === undefined ? `metadata/${role}.json` : `metadata/${version}.${role}.json`;
}

/** Path of a target: its digest before its file name. */
export function targetPath(name: string, sha256: string): string {
  const slash = name.lastIndexOf('/') + 1;
  return `targets/${name.slice(0, slash)}${sha256}.${name.slice(slash)}`;
}

/** Files that a client keeps beside those of delegated roles. */
const reservedNames: readonly string[] = ['root', 'targets', 'snapshot', 'timestamp', 'pinned', 'asked'];

/** True if a delegated role may have this name, which becomes a file name at the publisher and at every client. */
export function isRoleName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,99}$/.test(name) && !reservedNames.includes(name);
}

/** The role for documents of the whole feed. */
export const feedRole = 'feed';
