import type { ObjectCollector } from '../../../src/comply/oval/engine.ts';
import { failure, nothing, type OvalItem } from '../../../src/comply/oval/items.ts';

/** Of these, oscap finds nothing where it cannot look. */
const foundEmpty: ReadonlySet<string> = new Set([
  'linux/partition',
  'linux/selinuxsecuritycontext',
  'unix/sysctl',
]);

/** Answers as oscap does where ours differ on purpose (docs/compliance.md): with these answers, results must equal oscap's. */
export function askedAsOscap(collect: ObjectCollector): ObjectCollector {
  const rest = unitsAskedAsOscap(collect);
  return (object, ...more) => {
    const found = rest(object, ...more);
    if (object.type === 'unix/file') return { ...found, items: found.items.map(withoutLists) };
    if (object.type === 'unix/uname') return failure('not applicable', 'asked as oscap does');
    if (found.flag !== 'not collected') return found;
    return foundEmpty.has(object.type) ? nothing : found;
  };
}

/** A folder tells us nothing of access control lists; of the roots that are compared oscap finds that there are none. */
function withoutLists(item: OvalItem): OvalItem {
  const lists = 'has_extended_acl';
  const none = [{ value: 'false', datatype: 'boolean' }] as const;
  const get = (name: string) => (name === lists && item.get(name) ? none : item.get(name));
  const { type, status, key } = item;
  return { type, status, key, get, entries: () => item.entries() };
}

/** oscap asks D-Bus for units, which no image runs. */
export function unitsAskedAsOscap(collect: ObjectCollector): ObjectCollector {
  return (object, ...rest) =>
    object.type.startsWith('linux/systemdunit')
      ? failure('not collected', 'asked as oscap does')
      : collect(object, ...rest);
}
