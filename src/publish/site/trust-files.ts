import { feedRole, targetPath } from '../../published/names.ts';
import { compress, decompress } from '../feed/encoding.ts';
import { fetchTarget } from '../pull/fetch-target.ts';
import type { Origin } from '../pull/origin.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import type { Site } from './layout.ts';
import { fileInfo } from './sign-site.ts';
import { isTrustFileName } from './trust-file-name.ts';

/** Keys, certificates and trusted roots that travel with the feed, as targets of the role for the whole feed. */
const prefix = `${feedRole}/trust/`;
const suffix = '.gz';

/** The largest of them, decompressed; the public trusted root has 7 KB. */
export const maxTrustFileBytes = 4 * 1024 * 1024;

/** Writes the files into the published folder; what it returns is to be signed. */
export async function writeTrustFiles(
  site: Site,
  files: ReadonlyMap<string, Buffer>,
): Promise<Record<string, TargetInfo>> {
  const targets: Record<string, TargetInfo> = {};
  for (const [file, content] of files) {
    const name = `${prefix}${file}${suffix}`;
    const bytes = await compress(content, 'gz');
    const info = fileInfo(bytes);
    await site.write(targetPath(name, info.hashes.sha256), bytes);
    targets[name] = info;
  }
  return targets;
}

/** True if the metadata of the whole feed can be read at this place: a bundle may be without it. */
export function hasFeedRole(roles: readonly string[], origin: Origin): boolean {
  return roles.includes(feedRole) && origin.roles?.includes(feedRole) !== false;
}

/** Those of a role's targets that are such files. */
export function trustTargets(
  targets: Readonly<Record<string, TargetInfo>>,
): [name: string, info: TargetInfo][] {
  return Object.entries(targets).filter(([name]) => name.startsWith(prefix) && name.endsWith(suffix));
}

export function trustFileNames(targets: Readonly<Record<string, TargetInfo>>): string[] {
  return trustTargets(targets).map(([name]) => fileOf(name));
}

function fileOf(name: string): string {
  return name.slice(prefix.length, -suffix.length);
}

/** The files by name, each checked against what is signed. */
export async function fetchTrustFiles(
  origin: Origin,
  targets: Readonly<Record<string, TargetInfo>>,
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const [name, info] of trustTargets(targets)) {
    const file = fileOf(name);
    if (!isTrustFileName(file)) continue;
    const bytes = await fetchTarget(origin, name, info);
    files.set(file, await decompress(bytes, 'gz', maxTrustFileBytes, `${origin.name}/${name}`));
  }
  return files;
}
