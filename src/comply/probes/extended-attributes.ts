import type { FileStat } from '../../model/inventory/index.ts';
import { type FoundPath, findPaths } from '../files/paths.ts';
import type { Conditions } from '../oval/conditions.ts';
import {
  type Collection,
  collection,
  failure,
  type ItemEntity,
  makeItem,
  type OvalItem,
} from '../oval/items.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** Name of the attribute that holds a file's SELinux label. */
const label = 'security.selinux';

/** Attributes that engines and kernels set themselves, so a layer without them says nothing about them. */
const setElsewhere = /^(?:security\.(?:selinux|ima|evm|apparmor|SMACK\w*)|system\.|trusted\.)/;

/** unix fileextendedattribute: attributes as the layers carry them. */
export const fileExtendedAttribute: Probe = {
  type: 'unix/fileextendedattribute',
  collect: extendedAttributes,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['filepath', 'path'] },
  secret: 'none',
};

function extendedAttributes(conditions: Conditions, context: ProbeContext): Collection {
  const items: OvalItem[] = [];
  let unknown: string | undefined;
  for (const { found, attributes } of attributedFiles(conditions, context)) {
    const place = placeOf(found);
    if (attributes === undefined || asksForOthers(conditions, attributes))
      unknown ??= `nothing tells all extended attributes of ${place}`;
    for (const [name, value] of [...(attributes ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (conditions.get('attribute_name')?.matches(name) !== 'true') continue;
      items.push(
        makeItem('unix/fileextendedattribute', {
          ...found,
          attribute_name: name,
          value: attributeValue(value),
        }),
      );
    }
  }
  return partly(items, unknown);
}

/** linux selinuxsecuritycontext: labels of files as the layers carry them; few builders write any. */
export const selinuxSecurityContext: Probe = {
  type: 'linux/selinuxsecuritycontext',
  collect: selinuxLabels,
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['filepath', 'path'] },
  secret: 'none',
};

function selinuxLabels(conditions: Conditions, context: ProbeContext): Collection {
  if (conditions.get('pid'))
    return failure('not collected', 'the label of a process is known of a running system only');
  const items: OvalItem[] = [];
  let unknown: string | undefined;
  for (const { found, attributes } of attributedFiles(conditions, context)) {
    const context = attributes?.get(label);
    if (context) items.push(makeItem('linux/selinuxsecuritycontext', { ...found, ...labelParts(context) }));
    else unknown ??= `nothing in the image tells the SELinux label of ${placeOf(found)}`;
  }
  return partly(items, unknown);
}

interface AttributedFile {
  found: FoundPath;
  attributes: FileStat['xattrs'];
}

function attributedFiles(conditions: Conditions, { system }: ProbeContext): AttributedFile[] {
  return findPaths(system.files, conditions).flatMap((found) => {
    const stat = system.files.stat(found.filepath ?? found.path);
    return stat ? [{ found, attributes: stat.xattrs }] : [];
  });
}

/** Whether the object asks for an attribute that the file may have although its layer does not have it. */
function asksForOthers(conditions: Conditions, attributes: ReadonlyMap<string, Buffer>): boolean {
  const asked = conditions.get('attribute_name');
  if (!asked?.literals) return asked?.matches(label) !== 'false' && !attributes.has(label);
  return asked.literals.some((name) => setElsewhere.test(name) && !attributes.has(name));
}

function partly(items: readonly OvalItem[], unknown: string | undefined): Collection {
  if (unknown === undefined) return collection(items);
  return items.length > 0
    ? { flag: 'incomplete', items, message: unknown }
    : failure('not collected', unknown);
}

function placeOf({ filepath, path }: FoundPath): string {
  return filepath ?? path;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text without the NUL that may end it; other bytes in hexadecimal. */
function attributeValue(bytes: Buffer): ItemEntity {
  const text = bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  try {
    if (!text.includes(0)) return { value: utf8.decode(text) };
  } catch {
    // Not text.
  }
  return { value: bytes.toString('hex'), datatype: 'binary' };
}

/** `user:role:type:low[-high]`, a level being `sensitivity[:categories]`; without a range, high is low. */
function labelParts(context: Buffer): Record<string, string | undefined> {
  const [user, role, type, ...range] = context.toString('utf8').replace(/\0$/, '').split(':');
  const [low = '', high = low] = range.join(':').split('-');
  const [lowSensitivity, lowCategory] = low.split(':');
  const [highSensitivity, highCategory] = high.split(':');
  return {
    user,
    role,
    type,
    low_sensitivity: lowSensitivity || undefined,
    low_category: lowCategory,
    high_sensitivity: highSensitivity || undefined,
    high_category: highCategory,
  };
}
