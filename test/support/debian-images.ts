import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { dataPath } from './data.ts';
import { keptFolder } from './temporary.ts';

// Images are made once a machine and day: the same run under another Node finds them here.
const cache = keptFolder(`scapfeed-debian-images-${new Date().toISOString().slice(0, 10)}`);

/**
 * A real Debian root file system: `release` is the release pocket alone, so that known flaws are present; `current` has
 * updates and security. Returns the unpacked root. Needs root and mmdebstrap; 20 to 45 seconds the first time.
 */
export function debianRoot(suite: string, pocket: 'release' | 'current'): string {
  const root = join(cache, `${suite}-${pocket}`);
  if (existsSync(root)) return root;
  const tar = debianTar(suite, pocket);
  const pending = `${root}.${process.pid}`;
  mkdirSync(pending, { recursive: true });
  execFileSync('tar', ['-xf', tar, '-C', pending, '--exclude=./dev/*'], { stdio: 'ignore' });
  renameSync(pending, root);
  return root;
}

/** The same as the one tar that mmdebstrap writes. */
export function debianTar(suite: string, pocket: 'release' | 'current', ...packages: string[]): string {
  const name = [suite, pocket, ...packages].join('-');
  const tar = join(cache, `${name}.tar`);
  if (existsSync(tar)) return tar;
  mkdirSync(cache, { recursive: true });
  const pending = join(cache, `.${name}.${process.pid}.tar`);
  const script = dataPath('..', 'tools', 'make-debian-image.sh');
  execFileSync('bash', [script, suite, pocket, pending, ...packages], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  renameSync(pending, tar);
  return tar;
}
