import { join } from 'node:path';
import { fileDigest } from '../../io/digest.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedOutput } from '../../model/feed/index.ts';

/** A folder that `scapfeed export` wrote. */
export interface ExportFolder {
  directory: string;
  /** The date of the feed that it was made from. */
  created: string;
  targets: readonly string[];
  outputs: readonly FeedOutput[];
}

/** Opens a folder of exports; every file in it is checked by its digest. @throws FEED_MISSING, FEED_CORRUPT */
export async function openExportFolder(directory: string): Promise<ExportFolder> {
  const path = join(directory, 'manifest.json');
  const manifest = readManifest(path);
  for (const { path: file, sha256, size } of manifest.outputs) {
    const found = await fileDigest(join(directory, file)).catch(() => undefined);
    if (found?.sha256 !== sha256 || found.size !== size)
      throw new ScapfeedError({
        code: 'FEED_CORRUPT',
        message: 'a file of the exports is absent or does not have the sha256 that their manifest gives',
        where: join(directory, file),
        remedy: 'export the feed again',
      });
  }
  return { ...manifest, directory };
}

function readManifest(path: string): Omit<ExportFolder, 'directory'> {
  let manifest: Partial<ExportFolder>;
  try {
    manifest = parseForeignJson(readWhole(path).toString('utf8')) as Partial<ExportFolder>;
  } catch (cause) {
    throw noExports(path, cause);
  }
  const { created, targets, outputs } = manifest;
  const sound = typeof created === 'string' && Array.isArray(targets) && Array.isArray(outputs);
  if (!sound || !outputs.every(({ path: file }) => isExportPath(file))) throw noExports(path);
  return { created, targets, outputs };
}

/** Below the folder, and without odd steps: the path becomes one at the publisher and at every client. */
export function isExportPath(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length < 200 &&
    path.split('/').every((step) => /^[A-Za-z0-9_][A-Za-z0-9 ._+-]*$/.test(step))
  );
}

function noExports(where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'no exports here: expected the manifest.json of `scapfeed export`',
    where,
    remedy: 'make them with `scapfeed export --to TARGET --out DIR`',
    ...refusedAccess(cause, 'the exports'),
    ...(cause === undefined ? {} : { cause }),
  });
}
