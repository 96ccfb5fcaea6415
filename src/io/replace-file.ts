import { randomBytes } from 'node:crypto';
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Error codes if a file can be written but not replaced by a rename, such as a file mounted by itself. */
const folderRefusals: readonly unknown[] = ['EACCES', 'EPERM', 'EBUSY', 'EROFS', 'EXDEV'];

/**
 * Writes a file atomically: a reader sees the old or the new text, and a full disk leaves the old one. A link stays a link;
 * anything else than a file (a pipe, /dev/stdout) is written to directly.
 */
export function replaceFile(path: string, text: string): void {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old && !old.isFile()) {
    writeFileSync(path, text);
    return;
  }
  const target = old ? realpathSync(path) : path;
  const beside = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(beside, text, { flag: 'wx', flush: true });
    if (old) chmodSync(beside, old.mode & 0o777);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    if (!old || !folderRefusals.includes((error as NodeJS.ErrnoException).code)) throw error;
    writeFileSync(target, text);
  }
}
