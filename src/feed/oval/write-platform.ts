import { join } from 'node:path';
import { fileDigest } from '../../io/digest.ts';
import type { PlatformIndex } from '../../model/feed/index.ts';
import { type OvalOptions, type OvalReport, writeOval } from './write-oval.ts';

/** One platform's OVAL: counts, and each file's name and digest. */
export interface PlatformOval {
  report: OvalReport;
  outputs: { name: string; sha256: string; size: number }[];
}

/** @throws {ScapfeedError} as writeOval */
export async function writePlatform(
  index: PlatformIndex,
  directory: string,
  options: OvalOptions,
): Promise<PlatformOval> {
  const report = await writeOval(index, directory, options);
  const { files, inexact } = report;
  const copies = files.flatMap(({ name }) => (options.copies ?? []).map((format) => `${name}.${format}`));
  const names = files.length === 0 ? [] : [...files.map(({ name }) => name), ...copies, inexact.name];
  const outputs: PlatformOval['outputs'] = [];
  for (const name of names) outputs.push({ name, ...(await fileDigest(join(directory, name))) });
  return { report, outputs };
}
