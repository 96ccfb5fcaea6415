import type { FileStat, FileView } from '../../model/inventory/index.ts';
import { type FoundPath, findPaths } from '../files/paths.ts';
import type { Conditions } from '../oval/conditions.ts';
import {
  absent,
  type Collection,
  collection,
  type ItemEntity,
  type ItemStatus,
  makeItem,
  type OvalItem,
} from '../oval/items.ts';
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

/** unix file: owner, permissions, size and times of each file. */
export const file: Probe = {
  type: 'unix/file',
  collect: fileFacts,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['filepath', 'path'], summary },
  secret: 'none',
};

function fileFacts(conditions: Conditions, { system }: ProbeContext): Collection {
  return collection(
    findPaths(system.files, conditions).flatMap((found) => {
      const stat = system.files.stat(found.filepath ?? found.path, found.filepath === undefined);
      return stat ? [new FileItem(found, stat)] : [];
    }),
  );
}

const typeNames: Readonly<Record<FileStat['type'], string>> = {
  file: 'regular',
  directory: 'directory',
  symlink: 'symbolic link',
  other: 'character special',
};

const notKnown: ItemEntity = { value: '', datatype: 'int', status: 'not collected' };

/** Bits of the mode by entity, in the order of the schema. */
const bits: Readonly<Record<string, number>> = {
  suid: 0o4000,
  sgid: 0o2000,
  sticky: 0o1000,
  uread: 0o400,
  uwrite: 0o200,
  uexec: 0o100,
  gread: 0o40,
  gwrite: 0o20,
  gexec: 0o10,
  oread: 0o4,
  owrite: 0o2,
  oexec: 0o1,
};

const names = [
  ...['filepath', 'path', 'filename', 'type', 'group_id', 'user_id', 'a_time', 'c_time', 'm_time', 'size'],
  ...Object.keys(bits),
  'has_extended_acl',
];

/** Entities of a file, made on demand because a recursive object can select every file of an image. */
class FileItem implements OvalItem {
  readonly type = 'unix/file';
  readonly status: ItemStatus = 'exists';
  readonly #found: FoundPath;
  readonly #stat: FileStat;

  constructor(found: FoundPath, stat: FileStat) {
    this.#found = found;
    this.#stat = stat;
  }

  get key(): string {
    return this.#found.filepath ?? `${this.#found.path}/`;
  }

  get(name: string): readonly ItemEntity[] | undefined {
    const entity = this.#entity(name);
    return entity && [entity];
  }

  *entries(): Generator<readonly [string, readonly ItemEntity[]]> {
    for (const name of names) {
      const entity = this.#entity(name);
      if (entity) yield [name, [entity]];
    }
  }

  #entity(name: string): ItemEntity | undefined {
    const bit = bits[name];
    if (bit !== undefined) return { value: String((this.#stat.mode & bit) !== 0), datatype: 'boolean' };
    switch (name) {
      case 'filepath':
        return this.#found.filepath === undefined ? undefined : { value: this.#found.filepath };
      case 'path':
        return { value: this.#found.path };
      case 'filename':
        return this.#found.filename === undefined ? undefined : { value: this.#found.filename };
      case 'type':
        return { value: typeNames[this.#stat.type] };
      case 'group_id':
        return { value: String(this.#stat.gid), datatype: 'int' };
      case 'user_id':
        return { value: String(this.#stat.uid), datatype: 'int' };
      case 'size':
        return { value: String(this.#stat.size), datatype: 'int' };
      case 'm_time':
        return this.#stat.mtime === undefined
          ? notKnown
          : { value: String(this.#stat.mtime), datatype: 'int' };
      // Layers do not have access and change times.
      case 'a_time':
      case 'c_time':
        return notKnown;
      case 'has_extended_acl':
        return extendedAcl(this.#stat.xattrs);
      default:
        return undefined;
    }
  }
}

/** Size of an access control list that says the same as the mode: a header and three entries. */
const plainAclBytes = 4 + 3 * 8;

/** As acl_extended_file(3) decides; the attributes of files in a folder (`dir:`) are not known. */
function extendedAcl(attributes: FileStat['xattrs']): ItemEntity {
  if (!attributes) return { value: '', datatype: 'boolean', status: 'not collected' };
  const access = attributes.get('system.posix_acl_access')?.length ?? 0;
  const inherited = attributes.get('system.posix_acl_default')?.length ?? 0;
  return { value: String(access > plainAclBytes || inherited >= plainAclBytes), datatype: 'boolean' };
}

/** `mode 0640 owner 0:42`, as a person knows a file. */
function summary(item: OvalItem): string {
  const value = (name: string) => item.get(name)?.[0]?.value;
  const mode = Object.entries(bits).reduce(
    (sum, [name, bit]) => (value(name) === 'true' ? sum | bit : sum),
    0,
  );
  return `${value('type')}, mode ${mode.toString(8).padStart(4, '0')}, owner ${value('user_id')}:${value('group_id')}`;
}
