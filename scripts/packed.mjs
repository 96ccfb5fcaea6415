import { spawnSync } from 'node:child_process';

/**
 * A file that `bzip2` or `xz` packs: Node has neither, and their output is the same everywhere only once it is unpacked.
 * Without the command the file is plain, which readers accept by its first bytes.
 */
export function packedBy(command, plain) {
  const { status, stdout, stderr, error } = spawnSync(command, ['-9', '-c'], {
    input: plain,
    maxBuffer: 2 ** 28,
  });
  if (error?.code === 'ENOENT') return plain;
  if (status !== 0) throw error ?? new Error(`${command}: ${stderr}`);
  return stdout;
}
