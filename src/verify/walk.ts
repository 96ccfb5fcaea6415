import type { FileStat, FileView, InventoryNote } from '../model/index.ts';

/** Folders of a running system that the kernel fills: in a directory on this machine they are no part of an image. */
const kernelFolders: ReadonlySet<string> = new Set(['/proc', '/sys', '/dev']);

/** Every entry of an image but its root, links not followed, in code-unit order of each directory. */
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
      // A name that is no text in the file system's encoding cannot be asked for.
      if (!stat) notes.push({ code: 'unreadable_name', where: path });
      else {
        yield { path, stat };
        if (stat.type === 'directory' && !(live && kernelFolders.has(path))) below.push(path);
      }
    }
    open.push(...below.reverse());
  }
}
