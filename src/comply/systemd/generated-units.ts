import type { FileView } from '../../model/inventory/index.ts';
import { escapePath } from './unit-name.ts';

/** A unit that one of systemd's own generators makes of another file when the system starts. */
export interface GeneratedUnit {
  name: string;
  /** Targets that require or want it. */
  requiredBy: readonly string[];
  wantedBy: readonly string[];
}

const generators = ['/usr/lib/systemd/system-generators', '/lib/systemd/system-generators'];
const networkTypes =
  /^(?:nfs4?|cifs|smb3|ceph|afs|ncpfs|ncp|gfs2?|glusterfs|pvfs2|ocfs2|lustre|davfs|sshfs|fuse\.sshfs)$/;

export function hasGenerator(files: FileView, name: string): boolean {
  return generators.some((folder) => files.stat(`${folder}/${name}`)?.type === 'file');
}

/** Mounts and swaps of /etc/fstab (systemd-fstab-generator(8)). */
export function fstabUnits(text: string): GeneratedUnit[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', place = '', type = '', options = ''] = line.trim().split(/\s+/);
    if (device === '' || device.startsWith('#') || place === '') return [];
    if (type === 'swap') {
      return device.startsWith('/') ? [fstabUnit(`${escapePath(device)}.swap`, 'swap.target', options)] : [];
    }
    if (!place.startsWith('/') || isOwnMount(place)) return [];
    const remote = networkTypes.test(type) || options.split(',').includes('_netdev');
    const target = remote ? 'remote-fs.target' : 'local-fs.target';
    const unit = fstabUnit(`${escapePath(place.replace(/\\040/g, ' '))}.mount`, target, options);
    if (!options.split(',').includes('x-systemd.automount')) return [unit];
    const automount = { ...unit, name: unit.name.replace(/mount$/, 'automount') };
    return [automount, { name: unit.name, requiredBy: [], wantedBy: [] }];
  });
}

/** systemd mounts these itself and ignores fstab. */
const ownMounts: ReadonlySet<string> = new Set([
  ...[
    '/proc',
    '/sys',
    '/dev',
    '/run',
    '/dev/shm',
    '/dev/pts',
    '/sys/fs/cgroup',
    '/sys/fs/pstore',
    '/sys/fs/bpf',
  ],
  ...['/sys/kernel/security', '/sys/fs/smackfs', '/sys/firmware/efi/efivars'],
]);

function isOwnMount(place: string): boolean {
  return ownMounts.has(place) || place.startsWith('/sys/fs/cgroup/');
}

function fstabUnit(name: string, target: string, text: string): GeneratedUnit {
  const options = text.split(',');
  const named = (key: string) =>
    options.filter((each) => each.startsWith(`${key}=`)).map((each) => each.slice(key.length + 1));
  const requiredBy = named('x-systemd.required-by');
  const wantedBy = named('x-systemd.wanted-by');
  if (requiredBy.length + wantedBy.length > 0) return { name, requiredBy, wantedBy };
  if (options.includes('noauto')) return { name, requiredBy: [], wantedBy: [] };
  return options.includes('nofail')
    ? { name, requiredBy: [], wantedBy: [target] }
    : { name, requiredBy: [target], wantedBy: [] };
}

const scriptFolders = ['/etc/init.d', '/etc/rc.d/init.d'];
const runlevels: readonly (readonly [folder: string, target: string])[] = [
  ['rc2.d', 'multi-user.target'],
  ['rc3.d', 'multi-user.target'],
  ['rc4.d', 'multi-user.target'],
  ['rc5.d', 'graphical.target'],
];

/** Services of init scripts (systemd-sysv-generator(8)); one whose name has a unit file is none, the caller sees to it. */
export function initScriptUnits(files: FileView): GeneratedUnit[] {
  const started = new Map<string, Set<string>>();
  for (const [folder, target] of runlevels) {
    for (const entry of ['/etc', '/etc/rc.d'].flatMap((at) => files.list(`${at}/${folder}`))) {
      const script = /^S\d\d(.+)$/.exec(entry)?.[1];
      if (script === undefined) continue;
      const name = serviceName(script);
      started.set(name, (started.get(name) ?? new Set()).add(target));
    }
  }
  const scripts = scriptFolders.flatMap((folder) =>
    files.list(folder).filter((name) => {
      const stat = files.stat(`${folder}/${name}`);
      return stat?.type === 'file' && (stat.mode & 0o100) !== 0;
    }),
  );
  return [...new Set(scripts.map(serviceName))].map((name) => ({
    name,
    requiredBy: [],
    wantedBy: [...(started.get(name) ?? [])],
  }));
}

function serviceName(script: string): string {
  return `${script.replace(/\.sh$/, '')}.service`;
}
