import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { project } from '../../support/cli.ts';

/** The folder of a release, as `npm run package` makes it; CI names the one that it has made (SCAPFEED_RELEASE). */
export function release(): string {
  return process.env['SCAPFEED_RELEASE'] ?? packaged();
}

/** Made now, in a folder of its own. */
export function packaged(...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-release-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const out = join(folder, 'dist');
  execFileSync(process.execPath, ['scripts/package.mjs', '--out', out, ...options], {
    cwd: project,
    stdio: 'pipe',
  });
  return out;
}
