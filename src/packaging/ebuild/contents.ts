import { readLineBlocks } from '../../files/lines.ts';
import type { FileView } from '../../model/inventory/index.ts';
import { openDatabase } from '../database.ts';
import type { PortageFolder } from './database.ts';

/** Largest list of a package's files, in bytes; those of kernel sources and TeX have some 10 MB. */
const maxListBytes = 32 << 20;

/** An entry of a package's list. */
export interface PortageEntry {
  path: string;
  kind: 'file' | 'directory' | 'link' | 'special';
  /** Of a file. */
  md5?: string;
  /** Of a link. */
  target?: string;
}

/** The files that a package installed, in the order of its list. */
export interface PortageContents {
  entries: Iterable<PortageEntry>;
  /** Lines of another form; complete once the entries are read. */
  broken(): number;
}

/** Undefined: the package has no list. @throws PACKAGE_DATABASE_UNREADABLE */
export function portageContents(files: FileView, folder: PortageFolder): PortageContents | undefined {
  const path = `${folder.path}/CONTENTS`;
  const content = openDatabase(files, path, maxListBytes);
  if (!content) return undefined;
  let broken = 0;
  function* entries(): Generator<PortageEntry> {
    for (const { lines } of readLineBlocks(content!, path)) {
      for (const line of lines) {
        const entry = entryOf(line);
        if (entry) yield entry;
        else if (line !== '') broken += 1;
      }
    }
  }
  return { entries: entries(), broken: () => broken };
}

/** `obj PATH MD5 SECONDS`, `sym PATH -> TARGET SECONDS`, `dir PATH`, `fif PATH`, `dev PATH`: paths may contain blanks. */
function entryOf(line: string): PortageEntry | undefined {
  const [, file, md5] = /^obj (\/.*) ([0-9a-f]{32}) \d+$/.exec(line) ?? [];
  if (file !== undefined) return { path: file, kind: 'file', md5: md5! };
  const [, link, target] = /^sym (\/.*?) -> (.+) \d+$/.exec(line) ?? [];
  if (link !== undefined) return { path: link, kind: 'link', target: target! };
  const [, kind, path] = /^(dir|fif|dev) (\/.*)$/.exec(line) ?? [];
  return path === undefined ? undefined : { path, kind: kind === 'dir' ? 'directory' : 'special' };
}
