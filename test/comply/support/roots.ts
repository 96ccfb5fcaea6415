import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSystem } from '../../../src/comply/probes/probe.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import { dirView } from '../../support/dir-view.ts';
import { keptFolder } from '../../support/temporary.ts';
import { conformancePath } from './manifest.ts';

/** Root file systems of the conformance data, unpacked once for all test files. Unpacking keeps owners: it needs root. */
const unpacked = keptFolder('scapfeed-conformance-roots');

export function conformanceRoot(name: string): string {
  const root = join(unpacked, name);
  if (existsSync(root)) return root;
  mkdirSync(unpacked, { recursive: true });
  const fresh = mkdtempSync(join(unpacked, 'new-'));
  execFileSync('tar', ['-xpf', conformancePath('rootfs', `${name}.tar.gz`), '--numeric-owner', '-C', fresh]);
  const inside = existsSync(join(fresh, name)) ? join(fresh, name) : fresh;
  try {
    renameSync(inside, root);
  } catch {
    // Another test file was quicker.
  }
  rmSync(fresh, { recursive: true, force: true });
  return root;
}

/** A directory as the system of an image with this environment. */
export function systemOf(root: string, env: readonly string[] = []): ImageSystem {
  const files = dirView(root);
  let packages: ReturnType<ImageSystem['packages']> | undefined;
  return {
    files,
    env,
    packages: () => {
      packages ??= readInventory(files).packages;
      return packages;
    },
  };
}
