import { imageReaders } from '../distros/images.ts';
import { parseAssignments } from '../files/shell-assignments.ts';
import { optional, readText } from '../files/text.ts';
import type { FileView, OsRelease } from '../model/inventory/index.ts';
import { readReleaseFile } from './release-files.ts';

/** os-release(5): the copy in /etc decides where both exist. */
export const osReleasePaths = ['/etc/os-release', '/usr/lib/os-release'] as const;

/**
 * Detects the release of an image by os-release and, if that has too little, by the older files. A derivative is not taken for
 * its parent; ID_LIKE is only passed on. Null: no file names a release.
 */
export function detectOs(files: FileView): OsRelease | null {
  const os = readOsRelease(files) ?? readReleaseFile(files) ?? readNamelessOsRelease(files);
  return os ? withDetail(files, os) : null;
}

/** Undefined also if os-release has no ID: an older file may have it. */
function readOsRelease(files: FileView): OsRelease | undefined {
  const found = firstOsRelease(files);
  return found?.fields.get('ID') ? fromFields(found) : undefined;
}

/** os-release(5): ID defaults to `linux`. */
function readNamelessOsRelease(files: FileView): OsRelease | undefined {
  const found = firstOsRelease(files);
  return found && fromFields(found);
}

interface FoundFields {
  path: string;
  fields: ReadonlyMap<string, string>;
}

function firstOsRelease(files: FileView): FoundFields | undefined {
  for (const path of osReleasePaths) {
    const fields = parseAssignments(readText(files, path) ?? '');
    if (fields.size > 0) return { path, fields };
  }
  return undefined;
}

function fromFields({ path, fields }: FoundFields): OsRelease {
  const id = (fields.get('ID') || 'linux').toLowerCase();
  const reader = imageReaders.find((each) => each.id === id);
  const fromVersion = reader?.release?.ofVersion?.(fields.get('VERSION') ?? '');
  const idLike = fields
    .get('ID_LIKE')
    ?.split(/\s+/)
    .filter((like) => like !== '');
  return {
    id,
    ...optional('versionId', fromVersion?.versionId ?? fields.get('VERSION_ID')),
    ...optional('codename', fields.get('VERSION_CODENAME') || fromVersion?.codename),
    ...(idLike && idLike.length > 0 ? { idLike } : {}),
    ...optional('prettyName', fields.get('PRETTY_NAME') || fields.get('NAME')),
    ...optional('cpe', fields.get('CPE_NAME')),
    ...optional('pointRelease', fromVersion?.pointRelease),
    found: path,
  };
}

/** Adds what only the distribution's own file has: a point release, a minor, a missing version. */
function withDetail(files: FileView, os: OsRelease): OsRelease {
  for (const { release } of imageReaders) {
    const detail = release?.detail?.(files, os);
    if (detail) return { ...detail, ...os };
  }
  return os;
}
