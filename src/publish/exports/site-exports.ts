import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readWhole } from '../../io/read-whole.ts';
import { ScapfeedError } from '../../model/error.ts';
import { feedRole, targetPath } from '../../published/names.ts';
import { fetchTarget } from '../pull/fetch-target.ts';
import type { Origin } from '../pull/origin.ts';
import type { Site } from '../site/layout.ts';
import { fileInfo } from '../site/sign-site.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { isCsafArchive, unpackDocuments } from './csaf-archive.ts';
import { type ExportFolder, isExportPath } from './export-folder.ts';

/** Exports as targets of the role for the whole feed: `feed/exports/trivy/db.tar.gz`. */
const prefix = `${feedRole}/exports/`;

/** Where scanners find them by plain names, below the published folder. */
export const plainFolder = 'exports';

/** Files that another one of the export holds compressed. */
const heldByOthers: readonly string[] = ['trivy/trivy.db', 'trivy/metadata.json'];

/**
 * Writes exports into the published folder; what it returns is to be signed. The same files have plain names below
 * `exports/`, for scanners that fetch by themselves and check no signature.
 */
export async function writeExportTargets(
  site: Site,
  { directory, outputs }: ExportFolder,
): Promise<Record<string, TargetInfo>> {
  const targets: Record<string, TargetInfo> = {};
  rmSync(join(site.directory, plainFolder), { recursive: true, force: true });
  for (const { path } of outputs.filter((output) => !heldByOthers.includes(output.path))) {
    const name = `${prefix}${path}`;
    const bytes = readWhole(join(directory, path));
    const info = fileInfo(bytes);
    const target = targetPath(name, info.hashes.sha256);
    if (!site.has(target)) await site.write(target, bytes);
    const plain = join(site.directory, plainFolder, path);
    mkdirSync(dirname(plain), { recursive: true });
    linkSync(join(site.directory, target), plain);
    if (isCsafArchive(path)) await unpackDocuments(bytes, dirname(plain));
    targets[name] = info;
  }
  return targets;
}

/** The files of one target of export, each checked against what is signed, by their paths below its folder. */
export async function fetchExport(
  origin: Origin,
  targets: Readonly<Record<string, TargetInfo>>,
  target: string,
): Promise<Map<string, Buffer>> {
  const own = `${prefix}${target}/`;
  const files = new Map<string, Buffer>();
  for (const [name, info] of Object.entries(targets)) {
    const path = name.slice(own.length);
    if (!name.startsWith(own) || !isExportPath(path)) continue;
    files.set(path, await fetchTarget(origin, name, info));
  }
  if (files.size > 0) return files;
  const published = new Set(
    Object.keys(targets).flatMap((name) =>
      name.startsWith(prefix) && name.includes('/', prefix.length)
        ? name.slice(prefix.length).split('/')[0]!
        : [],
    ),
  );
  throw new ScapfeedError({
    code: 'USAGE',
    message: `the publisher has no export for ${target}`,
    where: origin.name,
    remedy:
      published.size > 0
        ? `use one of ${[...published].sort().join(', ')}`
        : 'ask the publisher for `scapfeed publish --exports DIR`',
  });
}
