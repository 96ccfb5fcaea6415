import type {
  DigestAlgorithm,
  FileFormat,
  FileStat,
  FileVersion,
  FileView,
} from '../../model/inventory/index.ts';
import { followLinks, type LinkTree } from './follow-links.ts';

/** Folders of a file system that make up another one. Paths are canonical, and no part of them is a link. */
export interface SystemFolders {
  root: string;
  /** The folder that is mounted on `/var` of that root. */
  var: string;
}

/** The system in a folder of a file system, with links as that system follows them: none leads out of it. */
export function rootedView(files: FileView, folders: SystemFolders, maxLinks: number): FileView {
  const place = new Places(files, folders, maxLinks);
  const at = <Result>(path: string, read: (outer: string) => Result): Result | undefined => {
    const outer = place.outer(path, true);
    return outer === undefined ? undefined : read(outer);
  };
  const { layers, onRequest } = files;
  return {
    layers,
    ...(onRequest && { onRequest }),
    open: (path) => at(path, (outer) => files.open(outer)),
    read: (path, maxBytes) => at(path, (outer) => files.read(outer, maxBytes)),
    list: (path) => at(path, (outer) => files.list(outer)) ?? [],
    stat(path, follow = true): FileStat | undefined {
      const outer = place.outer(path, follow);
      return outer === undefined ? undefined : files.stat(outer, false);
    },
    real: (path) => place.real(path),
    history: (path): FileVersion[] => at(path, (outer) => files.history(outer)) ?? [],
    digest: (path, algorithm: DigestAlgorithm) => at(path, (outer) => files.digest(outer, algorithm)),
    format: (path): FileFormat | undefined => at(path, (outer) => files.format(outer)),
    ...(files.pieces && { pieces: (path: string) => at(path, (outer) => files.pieces!(outer)) ?? [] }),
    ...(files.entries && { entries: (path: string) => at(path, (outer) => files.entries!(outer)) ?? [] }),
    ...(files.removedBy && { removedBy: (path: string) => files.removedBy!(place.below(path)) }),
    ...(files.packageFile && {
      packageFile: (path: string, layer?: number) => at(path, (outer) => files.packageFile!(outer, layer)),
    }),
    ...(files.packageFiles && { packageFiles: (below?: string) => place.packageFiles(below) }),
  };
}

class Places {
  readonly #files: FileView;
  readonly #folders: SystemFolders;
  readonly #maxLinks: number;
  /** Nodes are paths in the system, free of links; its root is ''. */
  readonly #tree: LinkTree<string>;

  constructor(files: FileView, folders: SystemFolders, maxLinks: number) {
    this.#files = files;
    this.#folders = folders;
    this.#maxLinks = maxLinks;
    const stat = (node: string) => files.stat(this.below(node), false);
    this.#tree = {
      root: '',
      parent: (node) => node.slice(0, node.lastIndexOf('/')),
      child: (directory, name) => (stat(`${directory}/${name}`) ? `${directory}/${name}` : undefined),
      isDirectory: (node) => stat(node)?.type === 'directory',
      target: (node) => stat(node)?.target,
    };
  }

  real(path: string): string | undefined {
    const node = this.#node(path, true);
    return node === '' ? '/' : node;
  }

  outer(path: string, follow: boolean): string | undefined {
    const node = this.#node(path, follow);
    return node === undefined ? undefined : this.below(node);
  }

  /** Path in the outer file system of a path without links. */
  below(path: string): string {
    const { root, var: data } = this.#folders;
    return path === '/var' || path.startsWith('/var/') ? data + path.slice('/var'.length) : root + path;
  }

  *packageFiles(below = ''): Generator<string> {
    const { root, var: data } = this.#folders;
    const found = function* (files: FileView): Generator<string> {
      for (const path of files.packageFiles!(root)) yield path.slice(root.length);
      for (const path of files.packageFiles!(data)) yield `/var${path.slice(data.length)}`;
    };
    for (const path of found(this.#files)) if (path.startsWith(`${below}/`)) yield path;
  }

  #node(path: string, last: boolean): string | undefined {
    return followLinks(this.#tree, path, { last, maxLinks: this.#maxLinks });
  }
}
