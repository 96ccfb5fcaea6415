import { failure, makeItem, type OvalItem } from '../oval/items.ts';
import { select } from './listed.ts';
import type { Probe } from './probe.ts';

/** linux partition: what /proc/mounts lists, where a root file system was taken with it. */
export const partition: Probe = (conditions, { texts }) => {
  const mounts = texts.read('/proc/mounts');
  if (mounts === undefined)
    return failure(
      'not collected',
      'there is no /proc/mounts, so nothing tells what a running system mounts',
    );
  const lines = mounts.split('\n').filter((line) => line !== '');
  return select(
    lines.map((line) => partitionItem(line.split(' '))),
    conditions,
  );
};

function partitionItem([device, mountPoint = '', type, options = '']: string[]): OvalItem {
  return makeItem('linux/partition', {
    mount_point: mountPoint.replace(/\\([0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    ),
    device,
    fs_type: type,
    mount_options: options.split(','),
  });
}

/** unix sysctl: files below /proc/sys, where a root file system was taken with it. */
export const sysctl: Probe = (conditions, { system, texts }) => {
  if (system.files.list('/proc/sys').length === 0)
    return failure(
      'not collected',
      'there is no /proc/sys, so nothing tells the parameters of a running kernel',
    );
  const items: OvalItem[] = [];
  const pending = ['/proc/sys'];
  for (;;) {
    const directory = pending.pop();
    if (directory === undefined) return select(items, conditions);
    for (const name of system.files.list(directory)) {
      const path = `${directory}/${name}`;
      const type = system.files.stat(path, false)?.type;
      if (type === 'directory') pending.push(path);
      const text = type === 'file' ? texts.read(path) : undefined;
      if (text === undefined) continue;
      const key = path
        .slice('/proc/sys/'.length)
        .replaceAll('.', '\0')
        .replaceAll('/', '.')
        .replaceAll('\0', '/');
      items.push(makeItem('unix/sysctl', { name: key, value: text.replace(/\n$/, '').split('\n') }));
    }
  }
};
