import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project, scapfeedProcess } from './cli.ts';
import { madeOnce } from './made-once.ts';
import { temporaryFolder } from './temporary.ts';

export interface Packed {
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

/**
 * A folder of its own with the package as npm packs and installs it, without what is optional, and fastify beside it; the tarball stands
 * in it. It is packed and installed once in a run of the tests.
 */
export function installedPackage(): { folder: string; packed: Packed } {
  const made = madeOnce(join(tmpdir(), 'installed-package'), install);
  const folder = join(temporaryFolder('package'), 'app');
  execFileSync('cp', ['-a', '--link', made, folder]);
  // Files that tests write anew; the others are links.
  for (const name of ['package.json', 'packed.json'])
    execFileSync('cp', ['--remove-destination', join(made, name), join(folder, name)]);
  const [packed] = JSON.parse(readFileSync(join(folder, 'packed.json'), 'utf8')) as [Packed];
  return { folder, packed };
}

function install(folder: string): void {
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync('npm', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: undefined },
    });
  mkdirSync(folder);
  // dist is there already, with a code cache of this Node: packing must not rebuild it under the tests that run beside this one.
  scapfeedProcess(['completion', 'bash']);
  const told = npm(project, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  writeFileSync(join(folder, 'packed.json'), told);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  npm(folder, 'install', '--silent', '--no-package-lock', '--omit=optional', `./${tarball}`, 'fastify');
}
