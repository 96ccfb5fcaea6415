// The Nodes that go into the executables: the registry's npm packages of Node's own builds, in `.ci/nodes`, with a known digest.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const nodeVersion = '22.23.5';

/** The emulator that runs a program of the architecture on x64, and Debian's name of it. */
export const architectures = {
  x64: {
    sha256: '2f822d544601dfff107f57d945b649d15c5bf6302595735a6bd9cdc7ee9669bd',
    runner: [],
    debian: 'amd64',
    rpm: 'x86_64',
    oci: 'amd64',
  },
  arm64: {
    sha256: 'bb71f797d1b3d156d012c59b152c413cf7d4940156cafcde28f1731201ceaf1c',
    // Debian: qemu-user, libc6-arm64-cross, libstdc++6-arm64-cross.
    runner: process.arch === 'arm64' ? [] : ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
    debian: 'arm64',
    rpm: 'aarch64',
    oci: 'arm64',
  },
};

/** Brings the Node of an architecture; returns its file and its licence. */
export function bringNode(architecture) {
  const name = `node-linux-${architecture}`;
  const prefix = resolve('.ci/nodes', architecture);
  const home = join(prefix, 'node_modules', name);
  const node = join(home, 'bin/node');
  if (!existsSync(node)) {
    mkdirSync(prefix, { recursive: true });
    const apart = ['--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', prefix];
    // For an architecture that is not this machine's.
    const args = ['install', '--loglevel=error', '--force', ...apart, `${name}@${nodeVersion}`];
    const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`npm cannot bring ${name}`);
  }
  const found = createHash('sha256').update(readFileSync(node)).digest('hex');
  const expected = architectures[architecture].sha256;
  if (found !== expected) throw new Error(`${node}: expected the sha256 ${expected}, found ${found}`);
  return { node, licence: join(home, 'LICENSE') };
}
