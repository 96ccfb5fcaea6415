import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const project = resolve(import.meta.dirname, '../../..');

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder that every user may read: `bin` has scapfeed and the Node that runs it. */
    installation: string;
  }
}

/** Packs the command and installs the tarball in an empty folder, once for all jobs of a run. */
export default function install(jobs: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-installed-'));
  chmodSync(folder, 0o755);
  const npm = (cwd: string, ...args: string[]) => execFileSync('npm', args, { cwd, stdio: 'pipe' });
  npm(project, 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  mkdirSync(join(folder, 'app'));
  npm(join(folder, 'app'), 'init', '--yes');
  npm(join(folder, 'app'), 'install', '--silent', '--no-package-lock', join(folder, tarball));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(process.execPath, join(folder, 'bin/node'));
  symlinkSync('../app/node_modules/.bin/scapfeed', join(folder, 'bin/scapfeed'));
  jobs.provide('installation', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
