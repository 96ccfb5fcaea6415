import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataPath } from './data.ts';
import { keptFolder } from './temporary.ts';

// Images are made once a machine and day: the same run under another Node finds them here. Those of other days go.
const prefix = 'scapfeed-debian-images-';
const cache = keptFolder(`${prefix}${new Date().toISOString().slice(0, 10)}`);
const place = dirname(cache);

/**
 * A real Debian root file system: `release` is the release pocket alone, so that known flaws are present; `current` has
 * updates and security. Returns the unpacked root. Needs root and mmdebstrap; 20 to 45 seconds the first time.
 */
export function debianRoot(suite: string, pocket: 'release' | 'current'): string {
  const tar = debianTar(suite, pocket);
  return madeOnce(join(cache, `${suite}-${pocket}`), (pending) => {
    mkdirSync(pending);
    execFileSync('tar', ['-xf', tar, '-C', pending, '--exclude=./dev/*'], { stdio: 'ignore' });
  });
}

/** The same as the one tar that mmdebstrap writes. */
export function debianTar(suite: string, pocket: 'release' | 'current', ...packages: string[]): string {
  const name = [suite, pocket, ...packages].join('-');
  return madeOnce(join(cache, `${name}.tar`), (pending) => {
    const script = dataPath('..', 'tools', 'make-debian-image.sh');
    execFileSync('bash', [script, suite, pocket, pending, ...packages], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  });
}

const patienceMs = 5 * 60_000;

/** Several workers want the same image: one makes it, the others wait. A lock that nobody gives back is broken. */
function madeOnce(path: string, make: (pending: string) => void): string {
  mkdirSync(cache, { recursive: true });
  const lock = `${path}.lock`;
  while (!existsSync(path)) {
    if (!taken(lock)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      continue;
    }
    try {
      if (existsSync(path)) break;
      removeOldCaches();
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

function removeOldCaches(): void {
  for (const name of readdirSync(place)) {
    const path = join(place, name);
    if (name.startsWith(prefix) && path !== cache) rmSync(path, { recursive: true, force: true });
  }
}
