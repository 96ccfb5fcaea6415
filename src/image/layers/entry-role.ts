import type { TarEntry } from '../../io/tar/reader.ts';
import { canonicalPath } from '../view/dir-view.ts';

/** The effect of an entry of a layer's tar. Paths are absolute and canonical. */
export type EntryRole =
  | { role: 'entry'; path: string; escaped: boolean }
  /** Hides a path of the layers below. */
  | { role: 'whiteout'; path: string }
  /** Hides everything that the layers below have in a directory. */
  | { role: 'opaque'; path: string }
  /** Internal names of aufs, and whiteouts without a name. */
  | { role: 'ignored' };

const whiteoutPrefix = '.wh.';
const opaqueMarker = '.wh..wh..opq';
const aufsPrefix = '.wh..wh.';

/** OCI image layer specification, "Whiteouts". */
export function entryRole(entry: TarEntry): EntryRole {
  const { path, escaped } = canonicalPath(entry.name);
  const slash = path.lastIndexOf('/') + 1;
  if (path.startsWith(whiteoutPrefix, slash)) return whiteoutRole(path.slice(0, slash), path.slice(slash));
  return { role: 'entry', path, escaped };
}

/** `directory` ends in a slash. */
function whiteoutRole(directory: string, name: string): EntryRole {
  if (name === opaqueMarker) return { role: 'opaque', path: directory };
  const hidden = name.slice(whiteoutPrefix.length);
  const nothing = hidden === '' || hidden === '.' || hidden === '..';
  return nothing || name.startsWith(aufsPrefix)
    ? { role: 'ignored' }
    : { role: 'whiteout', path: directory + hidden };
}
