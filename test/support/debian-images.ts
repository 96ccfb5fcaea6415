import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataPath } from './data.ts';
import { madeOnce } from './made-once.ts';
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
    removeOldCaches();
    mkdirSync(pending);
    execFileSync('tar', ['-xf', tar, '-C', pending, '--exclude=./dev/*'], { stdio: 'ignore' });
  });
}

/** The same as the one tar that mmdebstrap writes. */
export function debianTar(suite: string, pocket: 'release' | 'current', ...packages: string[]): string {
  const name = [suite, pocket, ...packages].join('-');
  return madeOnce(join(cache, `${name}.tar`), (pending) => {
    removeOldCaches();
    const script = dataPath('..', 'tools', 'make-debian-image.sh');
    execFileSync('bash', [script, suite, pocket, pending, ...packages], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  });
}

function removeOldCaches(): void {
  for (const name of readdirSync(place)) {
    const path = join(place, name);
    if (name.startsWith(prefix) && path !== cache) rmSync(path, { recursive: true, force: true });
  }
}
