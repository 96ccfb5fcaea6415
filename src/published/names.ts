import { isAssessmentPart } from './assessment-parts.ts';

/** Encodings of targets, by the suffix of their names. */
export const encodings = ['br', 'gz', 'zst'] as const;
export type Encoding = (typeof encodings)[number];

/** `index/debian-12.jsonl.br` -> br. */
export function encodingOf(path: string): Encoding | undefined {
  return encodings.find((encoding) => path.endsWith(`.${encoding}`));
}

/** The shortest of the forms in which a file is a target, by its name without the encoding. */
export function smallestForm<Info extends { length: number }>(
  targets: Readonly<Record<string, Info>>,
  name: string,
): { name: string; info: Info; encoding: Encoding } | undefined {
  const forms = encodings.flatMap((encoding) => {
    const info = targets[`${name}.${encoding}`];
    return info ? [{ name: `${name}.${encoding}`, info, encoding }] : [];
  });
  return forms.sort((a, b) => a.info.length - b.info.length)[0];
}

/** Path of a role's metadata by version; the timestamp has none, because it is the only file that is replaced. */
export function metadataPath(role: string, version?: number): string {
  return version === undefined ? `metadata/${role}.json` : `metadata/${version}.${role}.json`;
}

/** Path of a target: its digest before its file name. */
export function targetPath(name: string, sha256: string): string {
  const slash = name.lastIndexOf('/') + 1;
  return `targets/${name.slice(0, slash)}${sha256}.${name.slice(slash)}`;
}

/** Files that a client keeps beside those of delegated roles. */
const reservedNames: readonly string[] = ['root', 'targets', 'snapshot', 'timestamp', 'pinned', 'asked'];

/** True if a delegated role may have this name, which becomes a file name at the publisher and at every client. */
export function isRoleName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,99}$/.test(name) && !reservedNames.includes(name);
}

/** The role for documents of the whole feed. */
export const feedRole = 'feed';

/** Path of a platform's shard in a feed. */
export function shardPath(platform: string): string {
  return `index/${platform}.jsonl`;
}

/** True for a platform's shard; parts that all platforms share have none. */
export function isShard(path: string, part: string): boolean {
  return path === shardPath(part) && !isAssessmentPart(part);
}

/** True for files about this platform only: their names begin with the platform's id. */
export function belongsTo(path: string, platform: string): boolean {
  return path.startsWith(`${platform}.`, path.lastIndexOf('/') + 1);
}
