// The Nodes that go into the executables: the registry's npm packages of Node's own builds, in `.ci/nodes`, with a known digest.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const nodeVersion = '24.21.0';

/** The emulator that runs a program of the architecture on x64, and Debian's name of it. */
export const architectures = {
  x64: {
    sha256: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
    runner: [],
    debian: 'amd64',
    rpm: 'x86_64',
    oci: 'amd64',
  },
  arm64: {
    sha256: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
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
