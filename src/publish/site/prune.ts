import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { blockPath } from '../../published/block-list.ts';
import { metadataPath, targetPath } from '../../published/names.ts';
import { isListPath, listedBlocks } from '../blocks/listed-blocks.ts';
import { parseDocument, type SnapshotPart, type TargetsPart } from '../tuf/metadata.ts';
import type { Site } from './layout.ts';
import { readState, snapshotVersion, statePath } from './state.ts';

/**
 * Removes files that neither the last `keep` snapshots nor the state name; returns their number. A client that is reading an
 * older snapshot can finish as long as it is kept. Roots are not removed, because a client may be far behind.
 */
export function pruneSite(site: Site, keep: number): number {
  const newest = snapshotVersion(site)!;
  const kept = new Set<string>([metadataPath('timestamp'), statePath(newest)]);
  for (let version = newest; version > Math.max(0, newest - keep); version--)
    keepSnapshot(site, version, kept);
  for (const { parts } of readState(site).feeds) {
    for (const { targets } of Object.values(parts)) keepTargets(targets, kept);
  }
  for (const path of [...kept].filter(isListPath))
    for (const { sha256 } of listedBlocks(site, path)) kept.add(blockPath(sha256));
  const files = ['metadata', 'targets', 'state', 'blocks'].flatMap((folder) => filesBelow(site, folder));
  const gone = files.filter((path) => !kept.has(path) && !path.endsWith('.root.json'));
  for (const path of gone) rmSync(join(site.directory, path), { force: true });
  return gone.length;
}

function keepSnapshot(site: Site, version: number, kept: Set<string>): void {
  const snapshot = signedPart<SnapshotPart>(site, metadataPath('snapshot', version));
  if (!snapshot) return;
  kept.add(metadataPath('snapshot', version));
  for (const [file, info] of Object.entries(snapshot.meta)) {
    const path = metadataPath(file.replace(/\.json$/, ''), info.version);
    kept.add(path);
    keepTargets(signedPart<TargetsPart>(site, path)?.targets ?? {}, kept);
  }
}

function keepTargets(targets: TargetsPart['targets'], kept: Set<string>): void {
  for (const [name, { hashes }] of Object.entries(targets)) kept.add(targetPath(name, hashes.sha256));
}

function signedPart<T extends SnapshotPart | TargetsPart>(site: Site, path: string): T | undefined {
  const text = site.read(path)?.toString('utf8');
  return text === undefined ? undefined : parseDocument<T>(text, path).signed;
}

function filesBelow(site: Site, folder: string): string[] {
  const root = join(site.directory, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(site.directory.length + 1));
}
