import { readLineBlocks } from '../../files/lines.ts';
import type { FileView, PackageDescription, PackagedFileDigest } from '../../model/inventory/index.ts';
import { openDatabase } from '../database.ts';
import { apkDatabases, maxApkDatabaseBytes } from './database.ts';

/** Limit on the files of all packages together; a full desktop has some 300,000. */
const maxFiles = 2_000_000;

/**
 * Facts of apk's database about packages besides their versions, by name: the licence and the files with their SHA-1. A package
 * has no list if a file has no SHA-1 or is missing.
 */
export function apkDescriptions(files: FileView): Map<string, PackageDescription> {
  const known = new Map<string, PackageDescription>();
  for (const path of apkDatabases) {
    const content = openDatabase(files, path, maxApkDatabaseBytes);
    if (!content) continue;
    let count = 0;
    for (const record of recordsOf(readLineBlocks(content, path))) {
      count += record.files.length;
      const all = count > maxFiles ? undefined : regularFiles(record.files, files);
      known.set(record.name, {
        licences: record.licence === '' ? [] : [record.licence],
        ...(all === undefined || all.length === 0 ? {} : { files: all }),
      });
    }
    break;
  }
  return known;
}

interface Entry {
  path: string;
  /** As the database has it: `Q1` and SHA-1 in base64. */
  digest: string;
}

interface ApkFacts {
  name: string;
  licence: string;
  files: Entry[];
}

function* recordsOf(blocks: ReturnType<typeof readLineBlocks>): Generator<ApkFacts> {
  let record: ApkFacts = { name: '', licence: '', files: [] };
  let folder = '';
  for (const { lines, ended } of blocks) {
    for (const text of lines) {
      const value = text.slice(2);
      if (text.startsWith('P:')) record.name = value;
      else if (text.startsWith('L:')) record.licence = value;
      else if (text.startsWith('F:')) folder = value;
      else if (text.startsWith('R:'))
        record.files.push({ path: `/${folder}/${value}`.replace('//', '/'), digest: '' });
      else if (text.startsWith('Z:') && record.files.length > 0) record.files.at(-1)!.digest = value;
      else if (text === '' && ended) {
        yield record;
        record = { name: '', licence: '', files: [] };
      }
    }
  }
}

/** Links are left out, as the database does not distinguish them from files. Undefined: a file has no SHA-1, or is missing. */
function regularFiles(entries: readonly Entry[], files: FileView): PackagedFileDigest[] | undefined {
  const regular: PackagedFileDigest[] = [];
  for (const { path, digest } of entries) {
    const found = files.stat(path, false);
    if (found === undefined) return undefined;
    if (found.type !== 'file') continue;
    const bytes = Buffer.from(digest.slice(2), 'base64');
    if (!digest.startsWith('Q1') || bytes.length !== 20) return undefined;
    regular.push({ path, sha1: bytes.toString('hex') });
  }
  return regular;
}
