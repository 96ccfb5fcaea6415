import type { FileView } from '../../model/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import { absent, type Collection, collection, makeItem, type OvalItem } from '../oval/items.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** unix symlink: where a link ends. */
export const symlink: Probe = {
  type: 'unix/symlink',
  collect: links,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['filepath'] },
  secret: 'none',
};

function links(conditions: Conditions, { system }: ProbeContext): Collection {
  const condition = conditions.get('filepath');
  const items = (condition?.literals ?? []).flatMap((path) => itemOf(system.files, path));
  return collection(items);
}

/** A path that is not a link gives an item that does not exist; a broken link gives one in error. */
function itemOf(files: FileView, path: string): OvalItem[] {
  const stat = files.stat(path, false);
  if (!stat) return [];
  const type = 'unix/symlink';
  if (stat.type !== 'symlink') return [makeItem(type, { filepath: absent }, 'does not exist')];
  const canonical = files.real(path);
  if (canonical !== undefined) return [makeItem(type, { filepath: path, canonical_path: canonical })];
  return [makeItem(type, { filepath: path, canonical_path: { value: '', status: 'error' } }, 'error')];
}
