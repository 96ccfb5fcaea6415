import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { miss } from './missing.ts';

/** The one place that names the vendor documents and databases that tests and benches read. */
export const dataDir: string =
  process.env['SCAPFEED_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');

export function dataPath(...parts: string[]): string {
  return join(dataDir, ...parts);
}

/** For `describe.skipIf(!hasData('debian'))`: whether the folder is there; its absence is told at the end of the run. */
export function hasData(...parts: string[]): boolean {
  const path = dataPath(...parts);
  if (existsSync(path)) return true;
  miss({ kind: 'data', name: path });
  return false;
}

/** Unpacks a compressed tar of the data (`real/labels.tar.zst`), or some of its members, into a folder, which is made. */
export function unpackData(archive: string, folder: string, ...members: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xf', dataPath(archive), '-C', folder, ...members]);
}
