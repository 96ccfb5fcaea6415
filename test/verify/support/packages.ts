import { createHash } from 'node:crypto';
import { file, type TarInput } from '../../image/support/make-tar.ts';
import { debianRelease, stanza } from '../../support/cli.ts';
import { type RpmFileSpec, rpmFileTags } from '../../support/rpm-files.ts';
import { rpmHeader } from '../../support/rpm-header.ts';
import { rpmSqlite } from '../../support/rpm-sqlite.ts';

/** A package of dpkg as a test wants it; contents are those that the package brought. */
export interface DebSpec {
  name: string;
  files?: Readonly<Record<string, string | Buffer>>;
  /** Links and directories, which are listed and have no digest. */
  others?: readonly string[];
  conffiles?: Readonly<Record<string, string>>;
  /** Folded lines of the field Conffiles, as they are. */
  conffileLines?: readonly string[];
  arch?: string;
  status?: string;
  /** Name of the lists, where the architecture is part of it. */
  lists?: string;
  /** More lines of md5sums, as they are. */
  sums?: string;
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

/** dpkg's database of these packages, and the release. */
export function dpkgDatabase(...specs: readonly DebSpec[]): TarInput[] {
  const status = specs.map(({ name, conffiles = {}, conffileLines = [], arch = 'amd64', status: state }) => {
    const lines = [
      ...Object.entries(conffiles).map(([path, content]) => `${path} ${md5(content)}`),
      ...conffileLines,
    ];
    const field = lines.length > 0 ? { Conffiles: lines.map((line) => `\n ${line}`).join('') } : {};
    return stanza(name, '1', { Architecture: arch, ...field, ...(state ? { Status: state } : {}) });
  });
  const lists = specs.flatMap((spec) => {
    const { name, files = {}, others = [], conffiles = {}, lists: base = name, sums = '' } = spec;
    const paths = ['/.', ...Object.keys(files), ...others, ...Object.keys(conffiles)];
    const digests = Object.entries(files).map(([path, content]) => `${md5(content)}  ${path.slice(1)}\n`);
    return [
      file(`var/lib/dpkg/info/${base}.list`, paths.map((path) => `${path}\n`).join('')),
      file(`var/lib/dpkg/info/${base}.md5sums`, digests.join('') + sums),
    ];
  });
  return [
    file('etc/os-release', debianRelease('12', 'bookworm')),
    file('var/lib/dpkg/status', status.join('')),
    ...lists,
  ];
}

/** An rpm database with one package of these files. */
export function rpmDatabase(files: readonly RpmFileSpec[], algorithm?: number): TarInput[] {
  const header = rpmHeader({
    name: 'tool',
    version: '1',
    release: '1',
    arch: 'x86_64',
    more: rpmFileTags(files, algorithm),
  });
  return [
    file('etc/os-release', 'ID=rhel\nVERSION_ID="9.4"\n'),
    file('var/lib/rpm/rpmdb.sqlite', rpmSqlite([header])),
  ];
}
