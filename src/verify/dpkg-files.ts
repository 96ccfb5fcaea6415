import { textLines } from '../files/text.ts';
import type { DigestAlgorithm, FileStat, FileView, InventoryNote } from '../model/inventory/index.ts';
import { dpkgInfo } from '../packaging/deb/database.ts';
import { type DpkgPackage, dpkgPackages, maxListBytes } from '../packaging/deb/listed-packages.ts';
import type { Comparison, ImageFacts, PackagedFile } from './owners.ts';
import { readDiversions } from './rights.ts';

/** dpkg's records of the files of an image. */
export interface DpkgFiles {
  /** Path prefix of the files that dpkg keeps for each package: `/var/lib/dpkg/info/libc6:amd64`. */
  lists: string[];
  /** `name:arch` of installed packages without any file list. */
  unlisted: string[];
  notes: InventoryNote[];
}

/** Passes every path of every package to `add`. @throws PACKAGE_DATABASE_UNREADABLE, IMAGE_LIMIT_EXCEEDED */
export function readDpkgFiles(view: FileView, add: (file: PackagedFile) => void): DpkgFiles {
  const divert = readDiversions(view);
  const found: DpkgFiles = { lists: [], unlisted: [], notes: [] };
  const packages = dpkgPackages(view);
  for (const item of packages) {
    found.lists.push(item.lists);
    const sums = view.read(`${item.lists}.md5sums`, maxListBytes);
    const digests = sums ? digestsOf(sums, `${item.lists}.md5sums`, found.notes) : new Map<string, string>();
    const paths = new Set(listedPaths(view, item, digests));
    if (item.installed && paths.size === 0) found.unlisted.push(`${item.name}:${item.arch}`);
    for (const path of item.conffiles.keys()) paths.add(path);
    for (const path of paths) {
      add(new DpkgFile(item, divert(path, item.name), digests.get(path), item.conffiles.get(path)));
    }
  }
  found.notes.push(...strayLists(view, packages));
  return found;
}

/** Distroless images have only the digests, which name all files except links and configuration. */
function* listedPaths(
  view: FileView,
  { lists }: DpkgPackage,
  digests: ReadonlyMap<string, string>,
): Generator<string> {
  const list = view.read(`${lists}.list`, maxListBytes);
  if (!list) yield* digests.keys();
  else for (const path of textLines(list)) if (path.startsWith('/')) yield path;
}

const documentation =
  /^\/usr\/share\/(?:doc|doc-base|man|info|locale|lintian|linda|groff|gnome\/help|help)\//;

/** One line of a file list; all files of a package share what is the same for them, to save memory. */
class DpkgFile implements PackagedFile {
  readonly #item: DpkgPackage;
  readonly path: string;
  readonly #md5: string | undefined;
  readonly #conffile: { md5?: string; obsolete: boolean } | undefined;

  constructor(
    item: DpkgPackage,
    path: string,
    md5: string | undefined,
    conffile: { md5?: string; obsolete: boolean } | undefined,
  ) {
    this.#item = item;
    this.path = path;
    this.#md5 = conffile?.md5 ?? md5;
    this.#conffile = conffile;
  }

  get package(): string {
    return this.#item.name;
  }

  get class(): PackagedFile['class'] {
    if (this.#conffile) return 'config';
    return documentation.test(this.path) ? 'documentation' : 'plain';
  }

  get optional(): boolean {
    return !this.#item.installed || this.#conffile?.obsolete === true;
  }

  get undescribed(): boolean {
    return this.#md5 === undefined;
  }

  /** Only regular files have a digest. As for dpkg, a link in place of one is a difference, wherever it leads. */
  compare(found: FileStat, { files }: ImageFacts): Comparison {
    const same = { content: [], attributes: [], compared: false };
    if (this.#md5 === undefined) {
      return found.type === 'file' ? { ...same, unverified: 'no_digest' } : same;
    }
    if (found.type !== 'file') return { ...same, content: [typeWords(found)] };
    const digest = files.digest(this.path, md5);
    if (digest === undefined) return { ...same, unverified: 'not_hashed' };
    return { ...same, content: digest === this.#md5 ? [] : ['digest'], compared: true };
  }
}

const md5: DigestAlgorithm = 'md5';

function typeWords({ type, target }: FileStat): string {
  if (type === 'symlink') return `a link to ${target}`;
  return type === 'directory' ? 'a directory' : 'neither file nor link';
}

/** Parses lines `MD5  PATH`, without the first slash; lines of another form are counted in a note. */
function digestsOf(content: Buffer, where: string, notes: InventoryNote[]): Map<string, string> {
  const digests = new Map<string, string>();
  let broken = 0;
  for (const line of textLines(content)) {
    const match = /^([0-9a-f]{32}) [ *](?:\.\/)?([^/].*)$/.exec(line);
    if (match) digests.set(`/${match[2]}`, match[1]!);
    else if (line !== '') broken += 1;
  }
  if (broken > 0) notes.push({ code: 'malformed_md5sums', where, detail: `${broken} lines are no digests` });
  return digests;
}

/** File lists of packages that are not in the database prove nothing: anybody can add one. */
function strayLists(view: FileView, packages: readonly DpkgPackage[]): InventoryNote[] {
  const known = new Set(packages.map(({ lists }) => `${lists}.list`));
  return view
    .list(dpkgInfo)
    .map((name) => `${dpkgInfo}/${name}`)
    .filter((path) => path.endsWith('.list') && !known.has(path))
    .map((where) => ({ code: 'file_list_without_package', where }));
}
