import type { FileStat, FileView, InventoryNote } from '../model/inventory/index.ts';
import { type PortageEntry, portageContents } from '../packaging/ebuild/contents.ts';
import { portageFolders, readPortagePackage } from '../packaging/ebuild/database.ts';
import type { Comparison, ImageFacts, PackagedFile } from './owners.ts';

/** Portage's records of the files of an image. */
export interface PortageFiles {
  /** `name-version` of packages without a list of their files. */
  unlisted: ReadonlySet<string>;
  notes: InventoryNote[];
}

/** Passes every path of every package to `add`. @throws PACKAGE_DATABASE_UNREADABLE */
export function readPortageFiles(view: FileView, add: (file: PackagedFile) => void): PortageFiles {
  const unlisted = new Set<string>();
  const notes: InventoryNote[] = [];
  for (const folder of portageFolders(view)) {
    const pkg = readPortagePackage(view, folder);
    if ('code' in pkg) continue;
    const contents = portageContents(view, folder);
    // A virtual package has a list too, which is empty.
    if (!contents) {
      unlisted.add(portageKey(pkg));
      continue;
    }
    for (const entry of contents.entries) add(new PortageFile(pkg.name, entry));
    const broken = contents.broken();
    if (broken > 0)
      notes.push({
        code: 'malformed_contents',
        where: `${folder.path}/CONTENTS`,
        detail: `${broken} lines name no file`,
      });
  }
  return { unlisted, notes };
}

export function portageKey({ name, version }: { name: string; version: string }): string {
  return `${name}-${version}`;
}

const documentation = /^\/usr\/share\/(?:doc|gtk-doc|info|locale|man)\//;

/** A line of CONTENTS; it has neither rights nor owners. */
class PortageFile implements PackagedFile {
  readonly package: string;
  readonly path: string;
  readonly #entry: PortageEntry;
  readonly optional = false;

  constructor(name: string, entry: PortageEntry) {
    this.package = name;
    this.path = entry.path;
    this.#entry = entry;
  }

  /** Portage protects files below /etc: what an administrator changed there stays. */
  get class(): PackagedFile['class'] {
    if (this.path.startsWith('/etc/')) return 'config';
    return documentation.test(this.path) ? 'documentation' : 'plain';
  }

  get undescribed(): boolean {
    return this.#entry.kind === 'directory' || this.#entry.kind === 'special';
  }

  compare(found: FileStat, { files }: ImageFacts): Comparison {
    const same = { content: [], attributes: [], compared: false };
    const { kind, md5, target } = this.#entry;
    if (kind === 'link')
      return found.type === 'symlink' && found.target === target
        ? same
        : { ...same, content: [typeWords(found)] };
    // A folder may be a link to another one: merged systems have such.
    if (kind !== 'file') return found.type === 'file' ? { ...same, content: [typeWords(found)] } : same;
    if (found.type !== 'file') return { ...same, content: [typeWords(found)] };
    const digest = files.digest(this.path, 'md5');
    if (digest === undefined) return { ...same, unverified: 'not_hashed' };
    return { ...same, content: digest === md5 ? [] : ['digest'], compared: true };
  }
}

function typeWords({ type, target }: FileStat): string {
  if (type === 'symlink') return `a link to ${target}`;
  return type === 'directory' ? 'a directory' : type === 'file' ? 'a file' : 'neither file nor link';
}
