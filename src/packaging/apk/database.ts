import { readLineBlocks } from '../../files/lines.ts';
import { readText } from '../../files/text.ts';
import { unreadable } from '../../files/unreadable.ts';
import type { FileView, InstalledPackage, InventoryNote, RandomAccess } from '../../model/inventory/index.ts';
import { type DatabaseReading, databaseOf, incompleteNote, maxPackages, openDatabase } from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';

/** Where apk keeps its database; the second with a merged /usr (apk-tools 3). */
export const apkDatabases = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'] as const;

/** The packages that were asked for; the others are their dependencies. */
export const apkWorld = '/etc/apk/world';

/** It lists every file of every package: that of a full desktop has about 30 MB. */
export const maxApkDatabaseBytes = 256 << 20;

/** apk-package(5), pkgname. */
const packageName = /^[a-zA-Z0-9_.][a-zA-Z0-9_.+-]*$/;

/** One record of the database. */
interface ApkRecord {
  package: InstalledPackage;
  /** Names that it provides beside its own. */
  provides: readonly string[];
}

interface ApkFile {
  records: readonly ApkRecord[];
  notes: readonly InventoryNote[];
}

/** Reads apk's database of installed packages. Undefined: there is none. */
export function readApkDatabase(files: FileView): DatabaseReading | undefined {
  for (const path of apkDatabases) {
    const content = openDatabase(files, path, maxApkDatabaseBytes);
    if (!content) continue;
    const { records, notes } = readApkFile(content, path);
    const packages = withLayers(packagesOf(records), historyOf(files, path), (version) =>
      packagesOf(readApkFile(version.content, path).records),
    );
    const all = [...notes, ...unlisted(files, path, records)];
    return { database: databaseOf('apk', path, packages.length, all), packages, notes: all };
  }
  return undefined;
}

function packagesOf(records: readonly ApkRecord[]): InstalledPackage[] {
  return records.map((record) => record.package);
}

/** apk ends each record with an empty line; a file that ends otherwise was cut off. */
function readApkFile(content: RandomAccess, path: string): ApkFile {
  const records: ApkRecord[] = [];
  let fields = new Map<string, string>();
  let line = 0;
  let start = 1;
  const finish = () => {
    if (fields.size === 0) return;
    if (records.length === maxPackages)
      throw unreadable(`${path} line ${start}`, `expected at most ${maxPackages} packages, found more`);
    records.push(recordOf(fields, path, start));
    fields = new Map();
  };
  for (const { lines, ended } of readLineBlocks(content, path)) {
    for (const text of lines) {
      line += 1;
      if (text === '' && ended) {
        finish();
        start = line + 1;
      } else addField(fields, text, `${path} line ${line}`);
    }
  }
  if (fields.size === 0) return { records, notes: [] };
  const place = `${path} line ${start} (${fields.get('P') ?? 'no name'})`;
  const cut = incompleteNote(place, 'the file ends inside of this record: it was cut off');
  if (fields.has('P') && fields.has('V')) finish();
  return { records, notes: [cut] };
}

const kept: ReadonlySet<string> = new Set(['P', 'V', 'A', 'o', 'p']);

/** `X:value`. Files (F, R, Z and their rights) make up most of the lines; `verify` reads them. */
function addField(fields: Map<string, string>, text: string, place: string): void {
  if (text[1] !== ':') throw unreadable(place, `expected a letter and a colon, found ${quote(text)}`);
  const name = text[0]!;
  if (!kept.has(name)) {
    fields.set('', '');
    return;
  }
  if (fields.has(name)) throw unreadable(place, `expected one line ${name}: in a record, found another`);
  fields.set(name, text.slice(2));
}

function recordOf(fields: ReadonlyMap<string, string>, path: string, line: number): ApkRecord {
  const name = fields.get('P') ?? '';
  const version = fields.get('V') ?? '';
  const place = `${path} line ${line}${name === '' ? '' : ` (${name.slice(0, 80)})`}`;
  if (!packageName.test(name))
    throw unreadable(place, `expected the name of a package, found ${quote(name)}`);
  if (version === '' || /\s/.test(version))
    throw unreadable(place, `expected a version, found ${quote(version)}`);
  const origin = fields.get('o') || name;
  return {
    package: {
      type: 'apk',
      name,
      version,
      arch: fields.get('A') ?? '',
      source: { name: origin, version },
      database: path,
    },
    provides: (fields.get('p') ?? '').split(' ').map(withoutConstraint),
  };
}

/** Every package that was asked for is installed, or another one provides it; otherwise records were lost. */
function unlisted(files: FileView, path: string, records: readonly ApkRecord[]): InventoryNote[] {
  const wanted = (readText(files, apkWorld) ?? '')
    .split(/\s+/)
    .filter((each) => each !== '' && !each.startsWith('!'))
    .map(withoutConstraint);
  const known = new Set(records.flatMap(({ package: { name }, provides }) => [name, ...provides]));
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length === 0) return [];
  const some = missing.slice(0, 5).join(', ');
  return [incompleteNote(path, `${apkWorld} asks for ${missing.length} packages without a record: ${some}`)];
}

/** `curl>8`, `so:libc.musl-x86_64.so.1=1`, `pkg@testing`: the name alone. */
function withoutConstraint(text: string): string {
  return text.replace(/[=<>~@].*$/s, '');
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
