import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { RpmPackage } from '../../prove/trial.ts';
import { dataPath } from '../../support/data.ts';
import { type RhelRelease, redHatKey, vendor } from './roots.ts';

/** Packages of a real system or image, as it was listed. */
export interface PackageList {
  name: string;
  packages: RpmPackage[];
}

/** Every list of rpm packages in the test data: databases that were read, lists of tests of others, manifests of UBI images. */
export function packageLists(): PackageList[] {
  const inventories = files('expected-inventory', /^rpm-.*\.tsv$/).map((path) => ({
    name: basename(path),
    packages: inventoryRows(readFileSync(path, 'utf8')),
  }));
  const lists = files('rpm-lists', /\.json$/).map((path) => ({
    name: basename(path),
    packages: (JSON.parse(readFileSync(path, 'utf8')) as { packages: RpmPackage[] }).packages,
  }));
  const folder = 'redhat/image-inventory/quay__claircore/rhel/testdata';
  const manifests = files(folder, /\.rpm-manifest\.json$/).map((path) => ({
    name: basename(path),
    packages: manifestPackages(JSON.parse(readFileSync(path, 'utf8')) as RpmManifest),
  }));
  const archives = files(`${folder}/package`, /\.txtar$/).flatMap((path) =>
    manifestsOf(readFileSync(path, 'utf8')).map((manifest, at) => ({
      name: `${basename(path)} ${at}`,
      packages: manifestPackages(manifest),
    })),
  );
  return [...inventories, ...lists, ...manifests, ...archives].filter(({ packages }) => packages.length > 0);
}

function files(folder: string, pattern: RegExp): string[] {
  return readdirSync(dataPath(folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => dataPath(folder, name));
}

/** name, epoch, version, release, arch, SOURCERPM, vendor, MODULARITYLABEL, … as `rpm -qa` wrote them. */
function inventoryRows(text: string): RpmPackage[] {
  const rows = text.split('\n').filter((line) => line !== '');
  return rows.map((row) => {
    const cells = row.split('\t').map((cell) => (cell === '(none)' || cell === '' ? undefined : cell));
    const [name = '', epoch, version = '', release = '', arch = '', sourcerpm, , modularitylabel] = cells;
    return {
      name,
      ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
      version,
      release,
      arch,
      sourcerpm: sourcerpm ?? `${name}-${version}-${release}.src.rpm`,
      ...(modularitylabel === undefined ? {} : { modularitylabel }),
    };
  });
}

interface RpmManifest {
  rpms: {
    name: string;
    version?: string;
    release: string;
    architecture: string;
    srpm_nevra?: string;
    nerva?: string;
  }[];
}

/** Red Hat's catalogue: a binary's epoch is told by its source's alone. */
function manifestPackages({ rpms }: RpmManifest): RpmPackage[] {
  return rpms
    .filter(({ srpm_nevra }) => srpm_nevra)
    .map(({ name, version: text, release, architecture, srpm_nevra, nerva }): RpmPackage => {
      const [, own, version = ''] = /^(?:(\d+):)?(.*)$/.exec(
        text ?? nerva!.slice(name.length + 1).split('-')[0]!,
      )!;
      const epoch = own ?? /-(\d+):[^-]+-[^-]+$/.exec(srpm_nevra!)?.[1];
      return {
        name,
        ...(epoch === undefined || epoch === '0' ? {} : { epoch: Number(epoch) }),
        version,
        release,
        arch: architecture,
        sourcerpm: `${srpm_nevra!.replace(/-\d+:/, '-').replace(/\.src$/, '')}.src.rpm`,
      };
    });
}

/** The parts of a Go txtar archive that are manifests. */
function manifestsOf(text: string): RpmManifest[] {
  return text
    .split(/^-- .* --$/m)
    .filter((part) => part.includes('"rpms":'))
    .map((part) => JSON.parse(part) as RpmManifest);
}

/** The RHEL that a list is made to look like: its own major, else one that few lists are of. */
export function releaseFor({ name, packages }: PackageList): RhelRelease {
  const tags = packages.flatMap(({ release }) => /\.(?:module[+_])?el(\d+)/.exec(release)?.[1] ?? []);
  const major = Number(tags.sort()[Math.floor(tags.length / 2)] ?? 10);
  const known = major >= 6 && major <= 10 ? major : 7;
  // Rocky 9 and Fedora stand for RHEL 10, of which there is no list.
  if (/Rocky|Fedora/.test(name)) return { major: 10, minor: 1 };
  return { major: known, minor: { 6: 10, 7: 9, 8: 4, 9: 4, 10: 1 }[known]! };
}

/** The list as it would be of RHEL: vendor, key, dist tag and release package are Red Hat's. */
export function asRhel(packages: readonly RpmPackage[], { major }: RhelRelease): RpmPackage[] {
  return packages
    .filter(({ name }) => !/^(?:centos|redhat|rocky|fedora|sles|mariner|system|epel)-release/.test(name))
    .map((item) => {
      if (item.name === 'gpg-pubkey') return item;
      const retag = (text: string) => text.replaceAll(/\.(?:el|fc|cm|amzn)\d+(?=[._]|$|-)/g, `.el${major}`);
      const { epoch, modularitylabel, ...rest } = item;
      return {
        ...rest,
        ...(epoch == null ? {} : { epoch }),
        ...(modularitylabel ? { modularitylabel } : {}),
        release: retag(item.release),
        sourcerpm: retag(item.sourcerpm),
        vendor,
        keyid: redHatKey,
      };
    });
}
