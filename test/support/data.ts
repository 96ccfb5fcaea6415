import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { miss } from './missing.ts';
import { temporaryFolder } from './temporary.ts';

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

/** Every JSON document of a folder of the data or of a compressed tar there, in order of their paths. */
export function jsonIn(path: string): object[] {
  const folder = path.includes('.tar') ? temporaryFolder('data') : dataPath(path);
  if (path.includes('.tar')) unpackData(path, folder);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object);
}
