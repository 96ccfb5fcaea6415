import type { InstalledPackage } from '../../model/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, type ItemEntity, makeItem, type OvalItem } from '../oval/items.ts';
import { select } from './listed.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** linux dpkginfo: the same packages that a scan judges, whatever their state. */
export const dpkgInfo: Probe = {
  type: 'linux/dpkginfo',
  collect: dpkgPackages,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['name'], values: ['evr'] },
  secret: 'none',
};

function dpkgPackages(conditions: Conditions, { system }: ProbeContext): Collection {
  return select(memo(system.packages(), 'deb'), conditions);
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

function rpmPackages(conditions: Conditions, { system }: ProbeContext): Collection {
  return select(memo(system.packages(), 'rpm'), conditions);
}

const known = new WeakMap<readonly InstalledPackage[], { deb: OvalItem[]; rpm: OvalItem[] }>();

function memo(packages: readonly InstalledPackage[], type: 'deb' | 'rpm'): readonly OvalItem[] {
  let items = known.get(packages);
  if (!items) {
    items = {
      deb: packages.filter((each) => each.type === 'deb').map(dpkgItem),
      rpm: packages.filter((each) => each.type === 'rpm').map(rpmItem),
    };
    known.set(packages, items);
  }
  return items[type];
}

function dpkgItem({ name, arch, version }: InstalledPackage): OvalItem {
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

function rpmItem({ name, arch, version, keyId }: InstalledPackage): OvalItem {
  const { epoch, upstream, release } = versionParts(version);
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
    signature_keyid: keyId ?? '0',
    extended_name: `${name}-${epoch ?? '0'}:${upstream}-${release ?? ''}.${arch}`,
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
