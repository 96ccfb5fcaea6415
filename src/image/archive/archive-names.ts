import type { TarEntry } from '../../io/tar/reader.ts';
import type { PathTree } from '../layers/path-tree.ts';
import { canonicalPath } from '../view/dir-view.ts';

/** Limit on chains of links in an archive; a real link names a file directly. */
const maxArchiveLinks = 8;

/**
 * The members of an archive by node numbers of the image's path tree, so that long names are stored once and counted, and its
 * links: Docker < 25 and skopeo name one layer in several places.
 */
export class ArchiveNames {
  #tree: PathTree;
  #links = new Map<number, number>();

  constructor(tree: PathTree) {
    this.#tree = tree;
  }

  /** Adds an entry, replacing an earlier one with the same name; returns its number. @throws IMAGE_LIMIT_EXCEEDED */
  add(path: string, { type, linkName }: TarEntry): number {
    const member = this.#tree.intern(path);
    this.#links.delete(member);
    if (type === 'symlink' || type === 'hardlink') {
      const isRelative = type === 'symlink' && !linkName.startsWith('/');
      const target = isRelative ? `${path.slice(0, path.lastIndexOf('/'))}/${linkName}` : linkName;
      this.#links.set(member, this.#tree.intern(canonicalPath(target).path));
    }
    return member;
  }

  /** Number of the entry of a name, links followed. */
  find(name: string): number {
    const start = this.#tree.intern(canonicalPath(name).path);
    let at = start;
    for (let count = 0; count < maxArchiveLinks; count++) {
      const target = this.#links.get(at);
      if (target === undefined) return at;
      at = target;
    }
    return start;
  }
}
