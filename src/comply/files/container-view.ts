import type { FileStat, FileView, RandomAccess } from '../../model/inventory/index.ts';

/** A file that podman creates in every container; content checks for it, or for Docker's /.dockerenv. */
const marker = { folder: '/run', name: '.containerenv' } as const;
const path = `${marker.folder}/${marker.name}`;

const empty: RandomAccess = { size: 0, read: () => Buffer.alloc(0) };
const own: Omit<FileStat, 'type' | 'mode'> = { size: 0, uid: 0, gid: 0, layer: 0 };

/**
 * An image's files as a container would see them, with the marker file of a container. Without it, content treats the image
 * as a machine and checks its partitions, kernel and boot loader.
 */
export function asContainer(files: FileView): FileView {
  if (files.stat(path) || files.stat('/.dockerenv')) return files;
  const stat = (asked: string, follow = true): FileStat | undefined => {
    if (asked === path) return { ...own, type: 'file', mode: 0o700 };
    return (
      files.stat(asked, follow) ??
      (asked === marker.folder ? { ...own, type: 'directory', mode: 0o755 } : undefined)
    );
  };
  const list = (asked: string): string[] => {
    if (asked === marker.folder) return [...files.list(asked), marker.name].sort();
    const root = asked === '/' && !files.stat(marker.folder, false);
    return root ? [...files.list(asked), marker.folder.slice(1)].sort() : files.list(asked);
  };
  return {
    layers: files.layers,
    stat,
    list,
    real: (asked) => files.real(asked) ?? (asked === path || asked === marker.folder ? asked : undefined),
    open: (asked) => (asked === path ? empty : files.open(asked)),
    read: (asked, maxBytes) => (asked === path ? Buffer.alloc(0) : files.read(asked, maxBytes)),
    history: (asked) => files.history(asked),
    digest: (asked, algorithm) => files.digest(asked, algorithm),
    format: (asked) => files.format(asked),
  };
}
