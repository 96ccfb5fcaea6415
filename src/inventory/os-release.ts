import { optional } from '../files/optional.ts';
import { parseAssignments } from '../files/shell-assignments.ts';
import { readText } from '../files/text.ts';
import type { FileView, OsRelease } from '../model/index.ts';
import {
  debianVersion,
  parseDebianVersion,
  parseRedHatRelease,
  readReleaseFile,
  redHatReleasePaths,
} from './release-files.ts';

/** os-release(5): the copy in /etc decides where both exist. */
export const osReleasePaths = ['/etc/os-release', '/usr/lib/os-release'] as const;

/**
 * Which release an image is, by os-release and, where that says too little, by the older files. A derivative is named
 * as what it is; ID_LIKE is only passed on. Null: no file tells.
 */
export function detectOs(files: FileView): OsRelease | null {
  const os = readOsRelease(files) ?? readReleaseFile(files) ?? readNamelessOsRelease(files);
  return os ? withPointRelease(files, os) : null;
}

/** Undefined also where os-release has no ID: an older file may know better. */
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
  const version = fields.get('VERSION') ?? '';
  const idLike = fields
    .get('ID_LIKE')
    ?.split(/\s+/)
    .filter((like) => like !== '');
  return {
    id,
    ...optional('versionId', fields.get('VERSION_ID')),
    ...optional('codename', fields.get('VERSION_CODENAME') || codenameOf(version, id)),
    ...(idLike && idLike.length > 0 ? { idLike } : {}),
    ...optional('prettyName', fields.get('PRETTY_NAME') || fields.get('NAME')),
    ...optional('cpe', fields.get('CPE_NAME')),
    ...optional('pointRelease', id === 'ubuntu' ? /^\d+\.\d+\.\d+/.exec(version)?.[0] : undefined),
    found: path,
  };
}

/** Debian 7 to 8 and old distroless: `8 (jessie)`; Ubuntu before 16.04: `14.04.6 LTS, Trusty Tahr` or in parentheses. */
function codenameOf(version: string, id: string): string | undefined {
  if (id === 'debian') return /\(([a-z]+)\)$/.exec(version)?.[1];
  if (id === 'ubuntu') return /[(,]\s*([A-Z][a-z]+) [A-Z][a-z]+\)?$/.exec(version)?.[1]?.toLowerCase();
  return undefined;
}

/** Adds what only the vendor's own file says: Debian's point release, Red Hat's minor, and a version that was left out. */
function withPointRelease(files: FileView, os: OsRelease): OsRelease {
  const detail = os.id === 'debian' ? debianDetail(files, os) : redHatDetail(files, os);
  return { ...detail, ...os };
}

function debianDetail(files: FileView, os: OsRelease): Partial<OsRelease> {
  const own = parseDebianVersion(readText(files, debianVersion) ?? '');
  if (own?.id !== 'debian') return {};
  if (os.versionId !== undefined && os.versionId !== own.versionId) return {};
  return {
    ...optional('versionId', own.versionId),
    ...optional('codename', own.codename),
    ...optional('pointRelease', own.pointRelease),
  };
}

function redHatDetail(files: FileView, os: OsRelease): Partial<OsRelease> {
  for (const path of redHatReleasePaths) {
    const own = parseRedHatRelease(readText(files, path) ?? '');
    if (own?.id === os.id) return { versionId: own.versionId, pointRelease: own.pointRelease };
  }
  return {};
}
