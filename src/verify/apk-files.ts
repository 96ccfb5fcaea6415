import { createHash } from 'node:crypto';
import { readLineBlocks } from '../files/lines.ts';
import { unreadable } from '../files/unreadable.ts';
import type { DigestAlgorithm, FileStat, FileView } from '../model/inventory/index.ts';
import { apkDatabases, maxApkDatabaseBytes } from '../packaging/apk/database.ts';
import { openDatabase } from '../packaging/database.ts';
import type { Comparison, ImageFacts, PackagedFile } from './owners.ts';
import { octal } from './rpm-files.ts';

/**
 * Passes every file of an image's apk packages to `add`, and returns the databases that have any.
 * @throws PACKAGE_DATABASE_UNREADABLE
 */
export function readApkFiles(view: FileView, add: (file: PackagedFile) => void): ReadonlySet<string> {
  const databases = new Set<string>();
  for (const database of apkDatabases) {
    const content = openDatabase(view, database, maxApkDatabaseBytes);
    if (!content) continue;
    for (const file of filesIn(readLines(content, database))) {
      databases.add(database);
      add(file);
    }
    break;
  }
  return databases;
}

interface Line {
  letter: string;
  value: string;
  place: string;
}

function* readLines(content: Parameters<typeof readLineBlocks>[0], where: string): Generator<Line> {
  let number = 0;
  for (const { lines } of readLineBlocks(content, where)) {
    for (const text of lines) {
      number += 1;
      yield { letter: text[0] ?? '', value: text.slice(2), place: `${where} line ${number}` };
    }
  }
}

/** A file's lines follow its name: `R:` with `a:` (its rights) and `Z:` (its digest), below the last `F:` (its folder). */
function* filesIn(lines: Iterable<Line>): Generator<ApkFile> {
  let name = '';
  let folder = '';
  let file: ApkFile | undefined;
  for (const { letter, value, place } of lines) {
    if (letter === 'P') name = value;
    if (letter === 'F') folder = value;
    if (file && (letter === 'a' || letter === 'Z')) {
      if (letter === 'a') file.rights = rightsOf(value, place);
      else file.digest = digestOf(value, place);
      continue;
    }
    if (file) yield file;
    file = letter === 'R' ? new ApkFile(name, `/${folder}/${value}`.replace('//', '/')) : undefined;
  }
  if (file) yield file;
}

interface Rights {
  uid: number;
  gid: number;
  mode: number;
}

interface Digest {
  algorithm: DigestAlgorithm;
  hex: string;
}

/** `UID:GID:MODE`, the mode octal; in newer databases the digest of extended attributes follows. */
function rightsOf(value: string, place: string): Rights {
  const [, uid, gid, mode] = /^(\d+):(\d+):([0-7]+)(?::|$)/.exec(value) ?? [];
  if (mode === undefined)
    throw unreadable(place, `expected UID:GID:MODE, found ${JSON.stringify(value.slice(0, 40))}`);
  return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) };
}

/** `Q1` and SHA-1, or `Q2` and SHA-256, in base64; empty: none. */
function digestOf(value: string, place: string): Digest | undefined {
  if (value === '') return undefined;
  const bytes = Buffer.from(value.slice(2), 'base64');
  if (value.startsWith('Q1') && bytes.length === 20) return { algorithm: 'sha1', hex: bytes.toString('hex') };
  if (value.startsWith('Q2') && bytes.length === 32)
    return { algorithm: 'sha256', hex: bytes.toString('hex') };
  throw unreadable(place, `expected a digest Q1 or Q2, found ${JSON.stringify(value.slice(0, 40))}`);
}

const documentation = /^\/usr\/share\/(?:doc|man|info|licenses)\//;

/** One file of a record. Of a link the digest is that of its target; the database does not mark links. */
class ApkFile implements PackagedFile {
  readonly package: string;
  readonly path: string;
  /** As apk has them where a record does not say otherwise. */
  rights: Rights = { uid: 0, gid: 0, mode: 0o644 };
  digest: Digest | undefined;

  constructor(name: string, path: string) {
    this.package = name;
    this.path = path;
  }

  get class(): PackagedFile['class'] {
    // apk protects all of /etc: what is changed there is configuration.
    if (this.path.startsWith('/etc/')) return 'config';
    return documentation.test(this.path) ? 'documentation' : 'plain';
  }

  get optional(): boolean {
    return false;
  }

  /** A record without a digest is a device or a hard link. */
  get undescribed(): boolean {
    return this.digest === undefined;
  }

  get mode(): number {
    return 0o100000 | this.rights.mode;
  }

  compare(found: FileStat, { files }: ImageFacts): Comparison {
    const { digest } = this;
    const same = { content: [], attributes: [], compared: false };
    if (digest === undefined) return found.type === 'file' ? { ...same, unverified: 'no_digest' } : same;
    if (found.type === 'symlink') {
      const target = createHash(digest.algorithm)
        .update(found.target ?? '')
        .digest('hex');
      return { ...same, content: target === digest.hex ? [] : [`a link to ${found.target}`] };
    }
    if (found.type !== 'file')
      return { ...same, content: [found.type === 'directory' ? 'a directory' : 'a device'] };
    const attributes = this.#attributes(found);
    const actual = files.digest(this.path, digest.algorithm);
    if (actual === undefined) return { ...same, attributes, unverified: 'not_hashed' };
    return { content: actual === digest.hex ? [] : ['digest'], attributes, compared: true };
  }

  #attributes(found: FileStat): string[] {
    const { uid, gid, mode } = this.rights;
    return [
      ...((found.mode & 0o7777) === mode ? [] : [`mode ${octal(found.mode)}, packaged ${octal(mode)}`]),
      ...(found.uid === uid ? [] : [`user ${found.uid}, packaged ${uid}`]),
      ...(found.gid === gid ? [] : [`group ${found.gid}, packaged ${gid}`]),
    ];
  }
}
