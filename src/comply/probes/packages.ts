import type { InstalledPackage } from '../../model/index.ts';
import { isBriefObject } from '../oval/brief.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, collection, type ItemEntity, makeItem, type OvalItem } from '../oval/items.ts';
import type { OvalObject } from '../oval/model.ts';
import { select } from './listed.ts';
import type { Probe, ProbeContext } from './probe.ts';
import type { ImageSystem } from './system.ts';

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
  return select(memo(system, 'deb').all, conditions);
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
  return select(memo(system, 'rpm').all, conditions);
}

/** Installed packages of a type as items, in the order of the database. */
interface PackageItems {
  all: OvalItem[];
  byName: Map<string, OvalItem[]>;
}

const known = new WeakMap<readonly InstalledPackage[], { deb: PackageItems; rpm: PackageItems }>();

/** The packages of one name, which is all that the object asks for; undefined where it asks for something else. */
export function packagesNamed(
  object: OvalObject,
  { system }: Pick<ProbeContext, 'system'>,
): Collection | undefined {
  if (!isBriefObject(object)) return undefined;
  const items = memo(system, object.type === 'linux/rpminfo' ? 'rpm' : 'deb');
  return collection(items.byName.get(object.entities[0]?.value ?? '') ?? []);
}

function memo(system: ImageSystem, type: 'deb' | 'rpm'): PackageItems {
  const packages = system.packages();
  let items = known.get(packages);
  if (!items) {
    const archOf = ({ arch }: InstalledPackage) => (system.isSbom && arch === '' ? unstated : arch);
    items = {
      deb: itemsOf(packages, 'deb', (each) => dpkgItem(each, archOf(each))),
      rpm: itemsOf(packages, 'rpm', (each) => rpmItem(each, archOf(each))),
    };
    known.set(packages, items);
  }
  return items[type];
}

function itemsOf(
  packages: readonly InstalledPackage[],
  type: 'deb' | 'rpm',
  itemOf: (each: InstalledPackage) => OvalItem,
): PackageItems {
  const byName = new Map<string, OvalItem[]>();
  const all = packages
    .filter((each) => each.type === type)
    .map((each) => {
      const item = itemOf(each);
      const same = byName.get(each.name);
      if (same) same.push(item);
      else byName.set(each.name, [item]);
      return item;
    });
  return { all, byName };
}

/** What an SBOM leaves out of a package. */
const unstated: ItemEntity = { value: '', status: 'not collected' };

function dpkgItem({ name, version }: InstalledPackage, arch: string | ItemEntity): OvalItem {
  const { epoch, upstream, release } = versionParts(version);
  return makeItem('linux/dpkginfo', {
    name,
    arch,
    epoch: epoch ?? '0',
    release,
    version: upstream,
    evr: { value: version, datatype: 'debian_evr_string' },
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
      value: `${epoch ?? '0'}:${upstream}-${release ?? ''}`,
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
