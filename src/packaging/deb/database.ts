import { unique } from '../../files/text.ts';
import { unreadable } from '../../files/unreadable.ts';
import {
  type FileView,
  halfInstalledNote,
  type InstalledPackage,
  type InventoryNote,
  type RandomAccess,
} from '../../model/inventory/index.ts';
import { type DatabaseReading, databaseOf, incompleteNote, maxPackages, openDatabase } from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { readStanzas, type Stanza } from './deb822.ts';
import { isVcpkgPort, type StanzaContext, type StatusEntry, statusEntry, statusFields } from './stanza.ts';

export const dpkgStatus = '/var/lib/dpkg/status';
/** Journal of an interrupted dpkg run: numbered files, each with the newest paragraph of one package. */
export const dpkgUpdates = '/var/lib/dpkg/updates';
/** Where dpkg keeps file lists and maintainer scripts. */
export const dpkgInfo = '/var/lib/dpkg/info';
/** The form of distroless images: a folder with one file per package. */
export const dpkgStatusFolder = '/var/lib/dpkg/status.d';

/** The status of a full desktop has about 5 MB. */
export const maxStatusBytes = 256 << 20;

const statusContext: StanzaContext = { database: dpkgStatus, where: dpkgStatus, lastEnd: 'blank' };

const listSuffix = '.list';

/** Digests beside the paragraphs in status.d of distroless images; an inventory does not need their contents. */
const digestSuffix = '.md5sums';

/** Maintainer scripts and lists that may be there too; a name alone does not distinguish them from a paragraph. */
const controlFile = /\.(?:sha256sums|list|conffiles|templates|triggers|symbols|shlibs)$/;
const scriptFile = /\.(?:preinst|postinst|prerm|postrm|config)$/;

/** Reads dpkg's own database, with the journal of an interrupted run. Undefined: there is none. */
export function readDpkgStatus(files: FileView): DatabaseReading | undefined {
  const content = openDatabase(files, dpkgStatus, maxStatusBytes);
  if (!content) return undefined;
  const { entries, notes } = readStatusFile(content, statusContext);
  const { entries: journal, notes: journalNotes } = readJournal(files);
  const settled = journal.length === 0 ? entries : without(entries, journal);
  const packages = withLayers(present(settled), historyOf(files, dpkgStatus), (version) =>
    present(readStatusFile(version.content, statusContext).entries),
  );
  return reading('dpkg', dpkgStatus, [...packages, ...present(journal)], {
    halfInstalled: half([...settled, ...journal]),
    notes: [...notes, ...journalNotes, ...unlisted(files, [...entries, ...journal])],
  });
}

/** Distroless: every paragraph in status.d is an installed package, unless its status differs. Undefined: there is none. */
export function readDpkgStatusFolder(files: FileView): DatabaseReading | undefined {
  const packages: InstalledPackage[] = [];
  const halfInstalled: InstalledPackage[] = [];
  const notes: InventoryNote[] = [];
  const paths = statusFolderFiles(files);
  for (const path of paths) {
    const content = openDatabase(files, path, maxStatusBytes);
    if (!content) continue;
    const context: StanzaContext = { database: dpkgStatusFolder, where: path, withoutStatus: 'installed' };
    const file = readStatusFile(content, context);
    notes.push(...file.notes);
    if (file.entries.length === 0 && file.notes.length === 0)
      notes.push(incompleteNote(path, 'the file has no paragraph'));
    halfInstalled.push(...half(file.entries));
    packages.push(
      ...withLayers(present(file.entries), historyOf(files, path), (version) =>
        present(readStatusFile(version.content, context).entries),
      ),
    );
  }
  return paths.length === 0
    ? undefined
    : reading('dpkg-status.d', dpkgStatusFolder, packages, { halfInstalled, notes });
}

/** Paths of the paragraphs in status.d. */
export function statusFolderFiles(files: FileView): string[] {
  return files
    .list(dpkgStatusFolder)
    .filter((name) => !name.endsWith(digestSuffix))
    .map((name) => `${dpkgStatusFolder}/${name}`)
    .filter((path) => files.stat(path)?.type !== 'directory')
    .filter((path) => !isControlFile(files, path));
}

/** A file named like a list is a paragraph only if it has Package and Version; a script may print them. */
function isControlFile(files: FileView, path: string): boolean {
  const script = scriptFile.test(path);
  if (!script && !controlFile.test(path)) return false;
  const content = openDatabase(files, path, maxStatusBytes);
  const text = content?.read(0, content.size).toString('latin1') ?? '';
  if (script && text.startsWith('#!')) return true;
  return !/^package[ \t]*:/im.test(text) || !/^version[ \t]*:/im.test(text);
}

/**
 * dpkg keeps a file list for every package with files, also if only its configuration is left. A list without a paragraph
 * means that the status file was truncated between two paragraphs, or edited.
 */
function unlisted(files: FileView, entries: readonly StatusEntry[]): InventoryNote[] {
  const known = new Set(entries.map((entry) => entry.package.name));
  const lists = files.list(dpkgInfo).filter((name) => name.endsWith(listSuffix));
  const names = unique(lists.map((name) => name.slice(0, -listSuffix.length).split(':')[0]!));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return [];
  const some = missing.slice(0, 5).join(', ');
  return [
    incompleteNote(
      dpkgStatus,
      `${dpkgInfo} has lists of files of ${missing.length} packages without a paragraph: ${some}`,
    ),
  ];
}

/** Entries of packages that are not in the journal. */
function without(entries: readonly StatusEntry[], journal: readonly StatusEntry[]): readonly StatusEntry[] {
  const journaled = new Set(journal.map(nameAndArch));
  return entries.filter((entry) => !journaled.has(nameAndArch(entry)));
}

function readJournal(files: FileView): Pick<StatusFile, 'entries' | 'notes'> {
  const entries: StatusEntry[] = [];
  const notes: InventoryNote[] = [];
  for (const name of files.list(dpkgUpdates).filter((each) => /^\d+$/.test(each))) {
    const path = `${dpkgUpdates}/${name}`;
    const content = openDatabase(files, path, maxStatusBytes);
    if (!content) continue;
    const layer = files.stat(path)?.layer;
    const file = readStatusFile(content, { database: dpkgStatus, where: path, lastEnd: 'newline' });
    notes.push(...file.notes);
    for (const entry of file.entries) {
      entries.push({ ...entry, package: { ...entry.package, ...(layer === undefined ? {} : { layer }) } });
    }
  }
  return { entries, notes };
}

function reading(
  kind: 'dpkg' | 'dpkg-status.d',
  path: string,
  packages: readonly InstalledPackage[],
  { halfInstalled, notes }: { halfInstalled: readonly InstalledPackage[]; notes: readonly InventoryNote[] },
): DatabaseReading {
  const halves = halfInstalled.map(({ name, arch, version }) => ({
    code: halfInstalledNote,
    where: path,
    detail: [name, arch, version].filter((part) => part !== '').join(' '),
  }));
  return {
    database: databaseOf(kind, path, packages.length, notes),
    packages,
    halfInstalled,
    notes: [...notes, ...halves],
  };
}

function present(entries: readonly StatusEntry[]): InstalledPackage[] {
  return entries.filter((entry) => entry.presence === 'present').map((entry) => entry.package);
}

function half(entries: readonly StatusEntry[]): InstalledPackage[] {
  return entries.filter((entry) => entry.presence === 'half').map((entry) => entry.package);
}

function nameAndArch({ package: { name, arch } }: StatusEntry): string {
  return `${name}\0${arch}`;
}

/** The paragraphs of a status file. */
interface StatusFile {
  entries: readonly StatusEntry[];
  notes: readonly InventoryNote[];
}

/**
 * A file with vcpkg's paragraphs only is left out and reported as incomplete: a dpkg status may be missing in its place.
 * @throws PACKAGE_DATABASE_UNREADABLE with the line, also if the file was truncated inside a paragraph
 */
function readStatusFile(content: RandomAccess, context: StanzaContext): StatusFile {
  const { where } = context;
  const entries: StatusEntry[] = [];
  const ports: Stanza[] = [];
  let last: Stanza | undefined;
  for (const stanza of readStanzas(content, { where, fields: statusFields })) {
    if (entries.length + ports.length === maxPackages) {
      throw unreadable(
        `${where} line ${stanza.line()}`,
        `expected at most ${maxPackages} packages, found more`,
      );
    }
    if (isVcpkgPort(stanza)) ports.push(stanza);
    else entries.push(statusEntry(stanza, context));
    last = stanza;
  }
  if (!last) return { entries, notes: [] };
  if (entries.length === 0)
    return { entries, notes: [incompleteNote(where, 'every paragraph is one of vcpkg')] };
  for (const stanza of ports) entries.push(statusEntry(stanza, context));
  return { entries, notes: checkEnd(last, context) };
}

/** A last paragraph that does not end as dpkg ends it was truncated, and those after it are missing. */
function checkEnd({ line, end, fields }: Stanza, { where, lastEnd }: StanzaContext): InventoryNote[] {
  if (end === 'blank' || end === lastEnd) return [];
  const place = `${where} line ${line()} (${fields.get('package')})`;
  if (lastEnd) return [incompleteNote(place, 'the file ends inside of this paragraph: it was cut off')];
  if (end === 'newline') return [];
  return [
    { code: 'missing_final_newline', where: place, detail: 'the last paragraph may have been cut off' },
  ];
}
