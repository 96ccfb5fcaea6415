import type { FileView } from '../../model/inventory/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, failure, makeItem, type OvalItem } from '../oval/items.ts';
import { type Probe, type ProbeContext, select } from './probe.ts';

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
