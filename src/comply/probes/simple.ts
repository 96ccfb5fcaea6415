import { collection, failure, makeItem } from '../items.ts';
import { select } from './listed.ts';
import type { Probe } from './probe.ts';

/** independent family: the images that are read are Unix systems. */
export const family: Probe = () => collection([makeItem('independent/family', { family: 'unix' })]);

/** independent variable: an item for each value; the `var_ref` of the object names the variable. */
export function variableItems(id: string, values: readonly string[], datatype: string): ReturnType<Probe> {
  return collection(
    values.map((value) =>
      makeItem('independent/variable', {
        var_ref: id,
        value: datatype === 'string' ? value : { value, datatype },
      }),
    ),
  );
}

/** independent environmentvariable58: the environment that a container of the image starts with, as process 1. */
export const environmentVariable58: Probe = (conditions, { system }) => {
  const items = system.env.flatMap((assignment) => {
    const at = assignment.indexOf('=');
    if (at < 1) return [];
    const values = { pid: 1, name: assignment.slice(0, at), value: assignment.slice(at + 1) };
    return [makeItem('independent/environmentvariable58', values)];
  });
  // A pid is that of a running process; an image has none, so its condition does not choose.
  return select(items, { ...conditions, all: conditions.all.filter(({ name }) => name === 'name') });
};

/** A probe of something that only a running system has. */
export function needsRunningSystem(what: string): Probe {
  return () => failure('not applicable', `${what} is known of a running system only, not of an image`);
}

/** A probe of something that an image might tell, but does not here. */
export function notCollected(what: string): Probe {
  return () => failure('not collected', what);
}
