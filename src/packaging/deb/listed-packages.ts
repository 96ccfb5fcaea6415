import type { FileView } from '../../model/inventory/index.ts';
import { dpkgInfo, dpkgStatus, dpkgUpdates, statusFolderFiles } from './database.ts';
import { readStanzas, type Stanza } from './deb822.ts';

/** Limit on one list of files or digests, in bytes. The longest of Debian (TeX fonts, kernel headers) have some 5 MB. */
export const maxListBytes = 32 << 20;

/** A package of dpkg's database, with the location of its file lists. */
export interface DpkgPackage {
  name: string;
  arch: string;
  /** True if its files are installed; otherwise only its configuration is there. */
  installed: boolean;
  /** Path prefix of its lists: `/var/lib/dpkg/info/libc6:amd64`. */
  lists: string;
  /** Configuration files with the md5 of the packaged content; undefined: dpkg has not recorded it. */
  conffiles: ReadonlyMap<string, { md5?: string; obsolete: boolean }>;
}

const fields: ReadonlySet<string> = new Set(['package', 'status', 'architecture', 'conffiles']);

/** Returns every package with files known to dpkg: from its database, and from status.d of distroless images. */
export function dpkgPackages(files: FileView): DpkgPackage[] {
  return [...databasePackages(files), ...folderPackages(files)];
}

/** Reads the status file and the journal of an interrupted run, whose paragraphs are newer. */
function databasePackages(files: FileView): DpkgPackage[] {
  const lists = new Set(files.list(dpkgInfo));
  const packages = new Map<string, DpkgPackage>();
  const journal = files.list(dpkgUpdates).filter((name) => /^\d+$/.test(name));
  for (const path of [dpkgStatus, ...journal.map((name) => `${dpkgUpdates}/${name}`)]) {
    for (const stanza of stanzas(files, path)) {
      const { name, arch, state } = named(stanza, 'not-installed');
      const qualified = `${name}:${arch}`;
      packages.delete(qualified);
      if (state === 'not-installed') continue;
      const own = lists.has(`${qualified}.list`) ? qualified : name;
      packages.set(qualified, {
        name,
        arch,
        installed: state !== 'config-files' && state !== 'half-installed',
        lists: `${dpkgInfo}/${own}`,
        conffiles: conffilesOf(stanza.get('conffiles')),
      });
    }
  }
  return [...packages.values()];
}

function folderPackages(files: FileView): DpkgPackage[] {
  return statusFolderFiles(files).flatMap((lists) =>
    stanzas(files, lists).map((stanza) => {
      const { name, arch } = named(stanza, 'installed');
      return { name, arch, installed: true, lists, conffiles: conffilesOf(stanza.get('conffiles')) };
    }),
  );
}

function stanzas(files: FileView, path: string): Stanza['fields'][] {
  const content = files.open(path);
  return content ? [...readStanzas(content, { where: path, fields })].map((stanza) => stanza.fields) : [];
}

function named(stanza: Stanza['fields'], withoutStatus: string) {
  return {
    name: (stanza.get('package') ?? '').toLowerCase(),
    arch: stanza.get('architecture') ?? '',
    state: stanza.get('status')?.toLowerCase().split(/\s+/)[2] ?? withoutStatus,
  };
}

/** Parses lines ` PATH MD5 [obsolete|remove-on-upgrade]`; `newconffile` means that the digest is not known yet. */
function conffilesOf(field: string | undefined): DpkgPackage['conffiles'] {
  const found = new Map<string, { md5?: string; obsolete: boolean }>();
  for (const line of field?.split('\n') ?? []) {
    const match = /^(\/.*?) (\S+)((?: (?:obsolete|remove-on-upgrade))*)$/.exec(line);
    if (!match) continue;
    const [, path = '', md5 = '', marks = ''] = match;
    found.set(path, { obsolete: marks !== '', ...(/^[0-9a-f]{32}$/.test(md5) ? { md5 } : {}) });
  }
  return found;
}
