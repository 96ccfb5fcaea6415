import type { Archive } from '../../image/archive/archive.ts';
import { isOciLayout } from '../../image/archive/oci-layout.ts';
import { openTarFile } from '../../image/archive/tar-content.ts';
import { newReadContext } from '../../image/layers/read-layers.ts';
import type { Budget } from '../../image/limits.ts';
import { NoteBook } from '../../image/note-book.ts';

/** The files of an OCI layout in a tar; undefined: the tar holds something else. */
export async function openLayoutTar(
  path: string,
  where: string,
  budget: Budget,
): Promise<Archive | undefined> {
  const context = newReadContext({ wanted: () => false }, budget, new NoteBook());
  const { archive } = await openTarFile(path, where, context);
  return isOciLayout(archive) ? archive : undefined;
}
