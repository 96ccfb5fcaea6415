import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileDigest } from '../../io/digest.ts';
import type { FeedOutput, Manifest } from '../../model/index.ts';

/**
 * Lists how a feed's folder differs from its manifest, by path: files that are missing, changed or not named. The manifest
 * itself is not checked.
 */
export async function changedFiles(directory: string, { outputs }: Manifest): Promise<string[]> {
  const named = new Set(['manifest.json', ...outputs.map(({ path }) => path)]);
  const changed = filesBelow(directory).flatMap((path) =>
    named.has(path) ? [] : `${path} (not of this feed)`,
  );
  for (const output of outputs) {
    const fault = await faultOf(join(directory, output.path), output);
    if (fault !== undefined) changed.push(`${output.path} (${fault})`);
  }
  return changed.sort();
}

async function faultOf(file: string, { sha256, size }: FeedOutput): Promise<string | undefined> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return 'gone';
  if (!stat.isFile()) return 'no file';
  if (stat.size !== size) return `${stat.size} bytes for ${size}`;
  return (await fileDigest(file)).sha256 === sha256 ? undefined : 'other bytes';
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}
