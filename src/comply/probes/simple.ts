import { type Collection, collection, failure, makeItem, nothing } from '../items.ts';
import { select } from './listed.ts';
import type { Probe } from './probe.ts';

/** independent family: the images that are read are Unix systems. */
export const family: Probe = () => collection([makeItem('independent/family', { family: 'unix' })]);

/** independent variable: one item with all values of the variable. */
export function variableItems(id: string, values: readonly string[], datatype: string): Collection {
  const value = values.map((each) => (datatype === 'string' ? { value: each } : { value: each, datatype }));
  return collection([makeItem('independent/variable', { var_ref: id, value })]);
}

/** An image runs nothing; content that wants a container's process asks for any id but that of init. */
const noProcess = 2;

/** independent environmentvariable58: the environment that a container of the image starts with. */
export const environmentVariable58: Probe = (conditions, { system }) => {
  const items = system.env.flatMap((assignment) => {
    const at = assignment.indexOf('=');
    if (at < 1) return [];
    const values = { pid: noProcess, name: assignment.slice(0, at), value: assignment.slice(at + 1) };
    return [makeItem('independent/environmentvariable58', values)];
  });
  // A pid is that of a running process; an image has none, so its condition does not choose.
  return select(items, { ...conditions, all: conditions.all.filter(({ name }) => name === 'name') });
};

/** A probe of something that only a running system has. */
export function needsRunningSystem(what: string): Probe {
  return () => failure('not applicable', `${what} is known of a running system only, not of an image`);
}

/** Security labels are extended attributes, which layers leave out: no file has one. */
export const selinuxSecurityContext: Probe = () => nothing;
