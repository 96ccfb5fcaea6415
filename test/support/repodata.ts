import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

/** A package of a repository: `name-[epoch:]version-release.arch`, and its source rpm after a blank, by default its own. */
export type ShippedPackage = string;

export interface RepositoryFiles {
  repomd: string;
  /** Path below the repository. */
  href: string;
  primary: Buffer;
}

export type Packing = 'gz' | 'zst' | '';

const common = 'http://linux.duke.edu/metadata/common';
const rpm = 'http://linux.duke.edu/metadata/rpm';

export function primaryText(packages: readonly ShippedPackage[], count: number = packages.length): string {
  const records = packages.map(packageText).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="${common}" xmlns:rpm="${rpm}" packages="${count}">\n${records}\n</metadata>\n`;
}

export function packageText(text: ShippedPackage): string {
  const [nevra = '', stated] = text.split(' ');
  const [, name, epoch = '0', ver, rel, arch] =
    /^(.+)-(?:(\d+):)?([^-:]+)-([^-]+)\.([^.]+)$/.exec(nevra) ?? [];
  const source = arch === 'src' ? '' : (stated ?? `${name}-${ver}-${rel}.src.rpm`);
  return `<package type="rpm">
  <name>${name}</name>
  <arch>${arch}</arch>
  <version epoch="${epoch}" ver="${ver}" rel="${rel}"/>
  <checksum type="sha256" pkgid="YES">${'0'.repeat(64)}</checksum>
  <summary>A &amp; B</summary>
  <format>
    <rpm:license>MIT</rpm:license>
    <rpm:vendor/>
    <rpm:sourcerpm>${source}</rpm:sourcerpm>
    <rpm:provides><rpm:entry name="${name}" flags="EQ" epoch="${epoch}" ver="${ver}" rel="${rel}"/></rpm:provides>
    <file>/usr/bin/${name}</file>
  </format>
</package>`;
}

/** The two files of a repository that are read, as createrepo_c names them. */
export function repositoryFiles(
  packages: readonly ShippedPackage[] | string,
  packing: Packing = 'gz',
): RepositoryFiles {
  const text = typeof packages === 'string' ? packages : primaryText(packages);
  const plain = Buffer.from(text);
  const primary = packing === 'gz' ? gzipSync(plain) : packing === 'zst' ? zstdCompressSync(plain) : plain;
  const digest = createHash('sha256').update(primary).digest('hex');
  const href = `repodata/${digest}-primary.xml${packing === '' ? '' : `.${packing}`}`;
  return { repomd: repomdText({ href, digest, size: primary.length }), href, primary };
}

export interface RepomdEntry {
  href: string;
  digest: string;
  size?: number;
  type?: string;
  more?: string;
}

export function repomdText(...entries: readonly RepomdEntry[]): string {
  const data = entries.map(
    ({ href, digest, size, type = 'sha256', more = '' }) => `  <data type="primary">
    <checksum type="${type}">${digest}</checksum>
    <open-checksum type="sha256">${'0'.repeat(64)}</open-checksum>
    <location href="${href}"${more}/>
    <timestamp>1790000000</timestamp>
    ${size === undefined ? '' : `<size>${size}</size>`}
  </data>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="${rpm}">
  <revision>1790000000</revision>
  <data type="filelists"><checksum type="sha256">${'1'.repeat(64)}</checksum><location href="repodata/f.xml.gz"/></data>
${data.join('\n')}
</repomd>
`;
}

/** Writes repositories into a mirror: address without its scheme -> what it ships. */
export function writeRepositories(
  mirror: string,
  repositories: Readonly<Record<string, readonly ShippedPackage[]>>,
): void {
  for (const [address, packages] of Object.entries(repositories)) {
    const { repomd, href, primary } = repositoryFiles(packages);
    const write = (path: string, content: string | Buffer) => {
      mkdirSync(dirname(join(mirror, address, path)), { recursive: true });
      writeFileSync(join(mirror, address, path), content);
    };
    write('repodata/repomd.xml', repomd);
    write(href, primary);
  }
}
