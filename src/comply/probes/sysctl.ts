import type { FileView } from '../../model/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, failure, makeItem, type OvalItem } from '../oval/items.ts';
import { booleanFiles } from '../selinux/booleans.ts';
import { type Probe, type ProbeContext, select } from './probe.ts';

const runlevels = ['0', '1', '2', '3', '4', '5', '6'];
const scripts = '/etc/init.d';

/** unix runlevel: for each init script and runlevel, whether a link in /etc/rcN.d starts or kills it there. */
export const runlevel: Probe = {
  type: 'unix/runlevel',
  collect: services,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['service_name'] },
  secret: 'none',
};

function services(conditions: Conditions, { system }: ProbeContext): Collection {
  return select(items(system.files), conditions);
}

function* items(files: FileView): Generator<OvalItem> {
  const services = files.list(scripts).filter((name) => files.stat(`${scripts}/${name}`)?.type === 'file');
  for (const level of runlevels) {
    const { start, kill } = linksOf(files, `/etc/rc${level}.d`);
    for (const name of services) {
      yield makeItem('unix/runlevel', {
        service_name: name,
        runlevel: level,
        start: start.has(name),
        kill: kill.has(name),
      });
    }
  }
}

/** Services by the targets of the links, whose own names may differ. */
function linksOf(files: FileView, folder: string): { start: Set<string>; kill: Set<string> } {
  const found = { start: new Set<string>(), kill: new Set<string>() };
  for (const name of files.list(folder)) {
    const kind = /^([SK])\d\d./.exec(name)?.[1];
    const path = kind && files.real(`${folder}/${name}`);
    if (!path) continue;
    (kind === 'S' ? found.start : found.kill).add(path.slice(path.lastIndexOf('/') + 1));
  }
  return found;
}

/** linux selinuxboolean: what the policy of an image says; the current status is known of a running kernel only. */
export const selinuxBoolean: Probe = {
  type: 'linux/selinuxboolean',
  collect: booleans,
  reads: booleanFiles,
  digests: 'none',
  shows: { place: ['name'] },
  secret: 'none',
};

function booleans(conditions: Conditions, { selinuxBooleans }: ProbeContext): Collection {
  return selinuxBooleans.flag === 'complete' ? select(selinuxBooleans.items, conditions) : selinuxBooleans;
}

const folder = '/proc/sys';

/** unix sysctl: files below /proc/sys, if the root file system was copied with it. */
export const sysctl: Probe = {
  type: 'unix/sysctl',
  collect: kernelParameters,
  reads: [{ folders: [folder], below: true }],
  digests: 'none',
  shows: { place: ['name'] },
  secret: 'none',
};

function kernelParameters(conditions: Conditions, { system, texts }: ProbeContext): Collection {
  if (system.files.list(folder).length === 0)
    return failure(
      'not collected',
      'there is no /proc/sys, so the parameters of a running kernel are unknown',
    );
  const items: OvalItem[] = [];
  let unread: string | undefined;
  for (const path of filesBelow(system.files)) {
    const name = parameterName(path);
    const text = texts.read(path);
    if (text !== undefined)
      items.push(makeItem('unix/sysctl', { name, value: text.replace(/\n$/, '').split('\n') }));
    else if (conditions.get('name')?.matches(name) !== 'false') unread ??= texts.shortfall(path);
  }
  const selected = select(items, conditions);
  if (unread === undefined || selected.flag === 'error') return selected;
  return selected.items.length > 0
    ? { flag: 'incomplete', items: selected.items, message: unread }
    : failure('not collected', unread);
}

function* filesBelow(files: FileView): Generator<string> {
  const pending = [folder];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const name of files.list(directory)) {
      const path = `${directory}/${name}`;
      const type = files.stat(path, false)?.type;
      if (type === 'directory') pending.push(path);
      else if (type === 'file') yield path;
    }
  }
}

/** `net.ipv4.ip_forward`; a dot in a file's name is a slash there, as sysctl(8) has it. */
function parameterName(path: string): string {
  return path
    .slice(folder.length + 1)
    .replaceAll('.', '\0')
    .replaceAll('/', '.')
    .replaceAll('\0', '/');
}
