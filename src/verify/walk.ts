import type { FileStat, FileView, InventoryNote } from '../model/index.ts';

/** Folders that the kernel of a running system fills; in a directory of this machine they are not part of an image. */
const kernelFolders: ReadonlySet<string> = new Set(['/proc', '/sys', '/dev']);

/** Yields every entry of an image except its root, without following links, in code-unit order within a directory. */
export function* walk(
  files: FileView,
  { live, notes }: { live: boolean; notes: InventoryNote[] },
): Generator<{ path: string; stat: FileStat }> {
  const open = ['/'];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    const below: string[] = [];
    for (const name of files.list(directory)) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      const stat = files.stat(path, false);
      // A name that is not valid in the file system's encoding cannot be opened.
      if (!stat) notes.push({ code: 'unreadable_name', where: path });
      else {
        yield { path, stat };
        if (stat.type === 'directory' && !(live && kernelFolders.has(path))) below.push(path);
      }
    }
    open.push(...below.reverse());
  }
}
