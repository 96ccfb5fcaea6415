import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import {
  type Collection,
  collection,
  type ItemEntity,
  makeItem,
  type OvalItem,
  unstated,
} from '../oval/items.ts';
import type { OvalObject } from '../oval/model.ts';
import { isBriefObject } from '../oval/states.ts';
import { type ImageSystem, type Probe, type ProbeContext, select } from './probe.ts';

/** linux dpkginfo: the same packages that a scan judges, whatever their state. */
export const dpkgInfo: Probe = {
  type: 'linux/dpkginfo',
  collect: dpkgPackages,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['name'], values: ['evr'] },
  secret: 'none',
};

export function dpkgPackages(conditions: Conditions, { system }: Pick<ProbeContext, 'system'>): Collection {
  return select(packagesOf(system, 'deb').all(), conditions);
}

/** linux rpminfo. */
export const rpmInfo: Probe = {
  type: 'linux/rpminfo',
  collect: rpmPackages,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['name'], values: ['evr'] },
  secret: 'none',
};

export function rpmPackages(conditions: Conditions, { system }: Pick<ProbeContext, 'system'>): Collection {
  return select(packagesOf(system, 'rpm').all(), conditions);
}

/** Installed packages of a type; an item is made of one when it is asked for. */
class PackagesOfType {
  readonly #packages: readonly InstalledPackage[];
  readonly #byName = new Map<string, InstalledPackage[]>();
  readonly #items = new Map<InstalledPackage, OvalItem>();
  readonly #make: (each: InstalledPackage) => OvalItem;

  constructor(packages: readonly InstalledPackage[], make: (each: InstalledPackage) => OvalItem) {
    this.#packages = packages;
    this.#make = make;
    for (const each of packages) {
      const same = this.#byName.get(each.name);
      if (same) same.push(each);
      else this.#byName.set(each.name, [each]);
    }
  }

  get isEmpty(): boolean {
    return this.#packages.length === 0;
  }

  get names(): Iterable<string> {
    return this.#byName.keys();
  }

  named(name: string): readonly InstalledPackage[] {
    return this.#byName.get(name) ?? [];
  }

  /** In the order of the database. */
  all(): OvalItem[] {
    return this.#packages.map(this.itemOf);
  }

  readonly itemOf = (each: InstalledPackage): OvalItem => {
    let item = this.#items.get(each);
    if (!item) {
      item = this.#make(each);
      this.#items.set(each, item);
    }
    return item;
  };
}

const known = new WeakMap<readonly InstalledPackage[], { deb?: PackagesOfType; rpm?: PackagesOfType }>();

/** The packages of one name, which is all that the object asks for; undefined where it asks for something else. */
export function packagesNamed(
  object: OvalObject,
  { system }: Pick<ProbeContext, 'system'>,
): Collection | undefined {
  if (!isBriefObject(object)) return undefined;
  const packages = packagesOf(system, object.type === 'linux/rpminfo' ? 'rpm' : 'deb');
  return collection(packages.named(object.entities[0]?.value ?? '').map(packages.itemOf));
}

export function packagesOf(system: ImageSystem, type: 'deb' | 'rpm'): PackagesOfType {
  const packages = system.packages();
  let types = known.get(packages);
  if (!types) {
    types = {};
    known.set(packages, types);
  }
  types[type] ??= new PackagesOfType(
    packages.filter((each) => each.type === type),
    type === 'deb'
      ? (each) => dpkgItem(each, archOf(each, system))
      : (each) => rpmItem(each, archOf(each, system)),
  );
  return types[type];
}

function archOf({ arch }: InstalledPackage, { isSbom }: ImageSystem): string | ItemEntity {
  return isSbom && arch === '' ? unstated : arch;
}

/** The version of a package as one value, epoch, version and release. */
export function evrOfPackage({ type, version }: InstalledPackage): string {
  if (type === 'deb') return version;
  const { epoch, upstream, release } = versionParts(version);
  return `${epoch ?? '0'}:${upstream}-${release ?? ''}`;
}

function dpkgItem(pkg: InstalledPackage, arch: string | ItemEntity): OvalItem {
  const { name, version } = pkg;
  const { epoch, upstream, release } = versionParts(version);
  return makeItem('linux/dpkginfo', {
    name,
    arch,
    epoch: epoch ?? '0',
    release,
    version: upstream,
    evr: { value: evrOfPackage(pkg), datatype: 'debian_evr_string' },
  });
}

function rpmItem(pkg: InstalledPackage, arch: string | ItemEntity): OvalItem {
  const { name, version, keyId } = pkg;
  const { epoch, upstream, release } = versionParts(version);
  const extended = `${name}-${epoch ?? '0'}:${upstream}-${release ?? ''}.${pkg.arch}`;
  return makeItem('linux/rpminfo', {
    name,
    arch,
    epoch: epoch ?? '(none)',
    release: release ?? '',
    version: upstream,
    evr: {
      value: evrOfPackage(pkg),
      datatype: 'evr_string',
    } satisfies ItemEntity,
    signature_keyid: keyId ?? (pkg.unstated?.includes('signature') ? unstated : '0'),
    extended_name: arch === unstated ? unstated : extended,
  });
}

/** `1:2.3-4` in its three parts. */
function versionParts(version: string): { epoch?: string; upstream: string; release?: string } {
  const [, epoch, rest = ''] = /^(?:(\d+):)?([\s\S]*)$/.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    ...(epoch === undefined ? {} : { epoch }),
    upstream: dash === -1 ? rest : rest.slice(0, dash),
    ...(dash === -1 ? {} : { release: rest.slice(dash + 1) }),
  };
}
