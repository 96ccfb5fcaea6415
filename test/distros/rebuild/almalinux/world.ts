import { gzipSync } from 'node:zlib';
import { type PatchDefinition, patchOval } from '../../../support/patch-oval.ts';
import { newMirror, osvRecordsOf } from '../../shared/errata-world.ts';

/** An erratum in short: `name-[epoch:]version-release.arch`, with its module after a blank. */
export interface AlmaErratum {
  id: string;
  cves?: readonly string[];
  packages: readonly string[];
  severity?: string;
  type?: string;
  title?: string;
  description?: string;
  issued?: number;
  updated?: number;
  modules?: readonly object[];
  /** Members that replace those of the record. */
  raw?: Readonly<Record<string, unknown>>;
}

const day = 1_790_000_000;

/** An erratum in AlmaLinux's own form. */
export function erratum(major: string, told: AlmaErratum): Record<string, unknown> {
  const { id, cves = [], packages, severity = 'Important', type = 'security', modules = [], raw = {} } = told;
  const page = `https://errata.almalinux.org/${major}/${id.replace(':', '-')}.html`;
  return {
    id,
    issued_date: told.issued ?? day,
    updated_date: told.updated ?? day,
    severity,
    title: told.title ?? `${severity}: update`,
    description: told.description ?? '',
    type,
    packages: packages.map(packageRow),
    modules,
    references: [
      { id: id.replace(':', '-'), type: 'self', href: page },
      ...cves.map((cve) => ({ id: cve, type: 'cve', href: `https://vulners.com/cve/${cve}` })),
    ],
    ...raw,
  };
}

export function packageRow(text: string): Record<string, unknown> {
  const [nevra = '', module] = text.split(' ');
  const [, name, epoch = '0', version, release, arch] =
    /^(.+)-(?:(\d+):)?([^-:]+)-([^-]+)\.([^.]+)$/.exec(nevra) ?? [];
  const build = `${name}-${version}-${release}`;
  return {
    name,
    epoch,
    version,
    release,
    arch,
    src: `${build}.src.rpm`,
    filename: `${build}.${arch}.rpm`,
    checksum: '0'.repeat(64),
    checksum_type: 'sha256',
    reboot_suggested: 0,
    ...(module === undefined ? {} : { module }),
  };
}

export interface AlmaWorld {
  /** Major -> its errata, or the text of the document. */
  errata: Readonly<Record<string, readonly AlmaErratum[] | string>>;
  /** Major -> the advisories of its OVAL, or the text of the document. */
  oval?: Readonly<Record<string, readonly PatchDefinition[] | string>>;
  /** OSV records by name. */
  osv?: Readonly<Record<string, object | string>>;
}

/** A mirror in the layout that `--mirror` takes. */
export function writeAlmaMirror({ errata, oval = {}, osv }: AlmaWorld): string {
  const { folder, write, writeOsv } = newMirror('almalinux');
  for (const [major, told] of Object.entries(errata)) {
    const text = typeof told === 'string' ? told : errataText(told.map((each) => erratum(major, each)));
    write(`errata.almalinux.org/${major}/errata.full.json`, text);
  }
  for (const [major, told] of Object.entries(oval)) {
    const text = typeof told === 'string' ? told : patchOval(told);
    // Any compression is read, whatever the name says.
    write(`security.almalinux.org/oval/org.almalinux.alsa-${major}.xml.bz2`, gzipSync(text));
  }
  if (osv) writeOsv('AlmaLinux', osv);
  return folder;
}

export function errataText(data: readonly unknown[]): string {
  return JSON.stringify({ schema_version: '1.0', data }, null, 2);
}

/** An OSV record of an erratum. */
export const osvRecord = osvRecordsOf('AlmaLinux');
