import type { FileView } from '../../model/inventory/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, makeItem, type OvalItem } from '../oval/items.ts';
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

/** Names of services, taken from the targets of the links: a link may be named otherwise. */
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
