import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';

/** Error codes if a file can be written but not replaced by a rename, such as a file mounted by itself. */
const folderRefusals: readonly unknown[] = ['EACCES', 'EPERM', 'EBUSY', 'EROFS', 'EXDEV'];

/**
 * Writes a file atomically: a reader sees the old or the new text, and a full disk leaves the old one. A link stays a link;
 * anything else than a file (a pipe, /dev/stdout) is written to directly. A text in parts is never in memory as a whole.
 */
export function replaceFile(path: string, text: string | Iterable<string>): void {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old && !old.isFile()) {
    writeParts(path, 'w', text);
    return;
  }
  const target = old ? realpathSync(path) : path;
  const beside = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  let isWritten = false;
  try {
    writeParts(beside, 'wx', text);
    isWritten = true;
    if (old) chmodSync(beside, old.mode & 0o777);
    renameSync(beside, target);
  } catch (error) {
    if (!old || !folderRefusals.includes((error as NodeJS.ErrnoException).code)) {
      rmSync(beside, { force: true });
      throw error;
    }
    // Parts can be asked for once only.
    if (isWritten) writeFileSync(target, readFileSync(beside));
    else writeParts(target, 'w', text);
    rmSync(beside, { force: true });
  }
}

/** Bytes that are gathered for one write. */
const portion = 1 << 16;

function writeParts(path: string, flag: 'w' | 'wx', text: string | Iterable<string>): void {
  const file = openSync(path, flag);
  try {
    for (const part of typeof text === 'string' ? [text] : portions(text)) writeFileSync(file, part);
    if (flag === 'wx') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function* portions(parts: Iterable<string>): Iterable<string> {
  let gathered = '';
  for (const part of parts) {
    gathered += part;
    if (gathered.length < portion) continue;
    yield gathered;
    gathered = '';
  }
  if (gathered !== '') yield gathered;
}
