import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const patienceMs = 10 * 60_000;

/** Several workers want the same: one makes it, the others wait. A lock that nobody gives back is broken. */
export function madeOnce(path: string, make: (pending: string) => void): string {
  mkdirSync(dirname(path), { recursive: true });
  const lock = `${path}.lock`;
  while (!existsSync(path)) {
    if (!taken(lock)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      continue;
    }
    try {
      if (existsSync(path)) break;
      const pending = path.replace(/([^/]+)$/, `.${process.pid}.$1`);
      make(pending);
      renameSync(pending, path);
    } finally {
      rmdirSync(lock);
    }
  }
  return path;
}

function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > patienceMs)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}
