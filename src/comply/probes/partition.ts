import { failure, makeItem, type OvalItem } from '../oval/items.ts';
import { type Probe, select } from './probe.ts';

const mountTable = '/proc/mounts';

/** linux partition: what /proc/mounts lists, if the root file system was copied with it. */
export const partition: Probe = {
  type: 'linux/partition',
  collect(conditions, { texts }) {
    const mounts = texts.read(mountTable);
    if (mounts === undefined)
      return failure(
        'not collected',
        'there is no /proc/mounts, so the mounts of a running system are unknown',
      );
    const lines = mounts.split('\n').filter((line) => line !== '');
    return select(
      lines.map((line) => partitionItem(line.split(' '))),
      conditions,
    );
  },
  reads: [mountTable],
  digests: 'none',
  shows: { place: ['mount_point'] },
  secret: 'none',
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
