import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetUnfinished, noteUnfinished } from './unfinished.ts';

/** A name beside a file: in the same folder, so that a rename is atomic; random, so that two runs do not collide. */
export function temporaryBeside(path: string): string {
  return noteUnfinished(`${path}.${randomBytes(6).toString('hex')}.tmp`);
}

/** A new folder of this user, `scapfeed-NAME-…`, where the system has temporary files. */
export function temporaryFolder(name: string): string {
  const path = join(tmpdir(), `scapfeed-${name}-${randomBytes(6).toString('hex')}`);
  noteUnfinished(path);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    forgetUnfinished(path);
    throw error;
  }
  return path;
}
