import { readFileSync } from 'node:fs';
import type { Platform } from '../../src/model/feed/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { debian, ubuntu } from './dpkg-trials.ts';
import { rhel } from './rpm-trials.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

const debianCodenames: Readonly<Record<string, string>> = { 11: 'bullseye', 12: 'bookworm', 13: 'trixie' };

/** A real Debian system, with statements at the boundaries of every source that it holds. */
export function debianRootTrial(root: string, release: string, inventory: Inventory): Trial {
  const sources = new Map<string, string>();
  for (const { source } of inventory.packages) sources.set(source.name, source.version);
  const platform: Platform = {
    ...debian,
    id: `debian-${release}`,
    os: { id: 'debian', version: release, codename: debianCodenames[release] ?? release },
  };
  return { name: root, platform, data: {}, statements: around(sources, '+x1'), files: {}, root };
}

/** A list of an Ubuntu image's packages (name, architecture, version, source, source version) as a dpkg status. */
export function ubuntuListTrial(path: string, version: string): Trial {
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const sources = new Map<string, string>();
  const stanzas: string[] = [];
  for (const row of rows) {
    const [name = '', arch = '', installed = '', source = '', sourceVersion = ''] = row.split('\t');
    sources.set(source, sourceVersion);
    const named =
      source === name && installed === sourceVersion ? '' : `Source: ${source} (${sourceVersion})\n`;
    stanzas.push(
      `Package: ${name}\nStatus: install ok installed\nArchitecture: ${arch}\n${named}Version: ${installed}\n`,
    );
  }
  return {
    name: path,
    platform: { ...ubuntu, id: `ubuntu-${version}`, os: { id: 'ubuntu', version } },
    data: {},
    statements: around(sources, '+x1'),
    files: {
      'etc/os-release': `ID=ubuntu\nVERSION_ID="${version}"\n`,
      'var/lib/dpkg/status': stanzas.join('\n'),
    },
  };
}

/** A list of a UBI image's packages as an rpm database: each source with its binaries, odd ones with rows of their own. */
export function rhelListTrial(path: string, major: string, minor: number): Trial {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: RpmPackage[] };
  const real = packages.filter(({ name }) => !/^(?:gpg-pubkey|centos(?:-linux)?-release)$/.test(name));
  const binaries = new Map<string, string[]>();
  const statements: LooseStatement[] = [];
  const told = new Set<string>();
  for (const { name, epoch, version, release, sourcerpm, modularitylabel } of real) {
    const source = sourcerpm.replace(/-[^-]+-[^-]+\.src\.rpm$/, '');
    const sourceEvr = sourcerpm.slice(source.length + 1).replace(/\.src\.rpm$/, '');
    const evr = `${epoch ?? 0}:${version}-${release}`;
    const own = sourceEvr !== `${version}-${release}`;
    if (!own) binaries.set(source, [...(binaries.get(source) ?? []), name]);
    const subject = own ? ('binary' as const) : ('source' as const);
    const module = modularitylabel ? modularitylabel.split(':').slice(0, 2).join(':') : undefined;
    const key = `${subject} ${own ? name : source} ${module}`;
    if (told.has(key)) continue;
    told.add(key);
    statements.push(
      ...around(new Map([[own ? name : source, evr]]), '.1').map(
        (statement): LooseStatement => ({
          ...statement,
          subject,
          ...(module === undefined ? {} : { module }),
        }),
      ),
    );
  }
  return {
    name: path,
    platform: rhel(major),
    data: { binaries },
    statements,
    files: { 'etc/os-release': `ID="rhel"\nVERSION_ID="${major}.${minor}"\n` },
    rpms: packages.map((pkg) => asRedHats(pkg, `${major}.${minor}`)),
  };
}

/** A package of a rebuild as Red Hat would have made it; an empty label is none. */
function asRedHats({ modularitylabel, vendor, ...pkg }: RpmPackage, release: string): RpmPackage {
  if (/^centos(?:-linux)?-release$/.test(pkg.name)) {
    const name = 'redhat-release';
    Object.assign(pkg, { name, version: release, sourcerpm: `${name}-${release}-${pkg.release}.src.rpm` });
  }
  const labelled = modularitylabel ? { ...pkg, modularitylabel } : pkg;
  if (vendor === undefined || vendor.startsWith('Red Hat')) return { ...labelled, ...(vendor && { vendor }) };
  return { ...labelled, vendor: 'Red Hat, Inc.', keyid: '199e2f91fd431d51' };
}

/** The packages of a real image of SUSE Linux Enterprise 15: each binary at the boundaries of its version, without its epoch. */
export function suseListTrial(path: string, version: string): Trial {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: RpmPackage[] };
  const real = packages.filter(({ name }) => name !== 'gpg-pubkey' && name !== 'sles-release');
  const builds = new Map(real.map((pkg) => [pkg.name, `${pkg.version}-${pkg.release}`]));
  const vendor = 'SUSE LLC <https://www.suse.com/>';
  return {
    name: path,
    platform: {
      id: `sles-${version}`,
      name: `sles-${version}`,
      aliases: [],
      os: { id: 'sles', version },
      packaging: 'rpm',
      life: [],
    },
    data: {},
    statements: [...builds].flatMap(([name, build]): LooseStatement[] => [
      ...[build, `${build}.1`, `${build}~`, `99-1`].map(
        (fixed, at): LooseStatement => ({
          vulnerability: `CVE-2026-1000${at}`,
          package: name,
          subject: 'binary',
          status: 'fixed',
          fixed,
        }),
      ),
      {
        vulnerability: 'CVE-2026-10009',
        package: name,
        subject: 'binary',
        status: 'affected',
        fixState: 'none_yet',
      },
    ]),
    files: { 'etc/os-release': `ID="sles"\nVERSION_ID="${version}"\n` },
    rpms: real.map((pkg) => ({ ...pkg, vendor })),
  };
}

/** Equal, above, below, another epoch, and no fix. */
function around(versions: ReadonlyMap<string, string>, above: string): LooseStatement[] {
  return [...versions].flatMap(([name, version]): LooseStatement[] => {
    const bare = version.replace(/^\d+:/, '');
    const limits = [version, `${version}${above}`, `${version}~`, version === bare ? `9:${bare}` : bare];
    return [
      ...limits.map(
        (fixed, at): LooseStatement => ({
          vulnerability: `CVE-2026-1000${at}`,
          package: name,
          status: 'fixed',
          fixed,
        }),
      ),
      { vulnerability: 'CVE-2026-10009', package: name, status: 'affected', fixState: 'none_yet' },
    ];
  });
}
