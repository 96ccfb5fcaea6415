import { type Collection, collection, failure, type ItemEntity, makeItem } from '../oval/items.ts';
import { hidesHashes } from './password-hashes.ts';
import { type ImageSystem, type Probe, select } from './probe.ts';

/** independent variable: one item with all values of the variable. */
export const variable: Probe = {
  type: 'independent/variable',
  collect(conditions, _context, variables): Collection {
    const id = conditions.get('var_ref')?.values[0]?.trim() ?? '';
    const { flag, values, datatype, message, secret } = variables(id);
    if (flag === 'does not exist') return { flag, items: [] };
    if (flag === 'not collected') return failure(flag, message ?? `the variable ${id} was not collected`);
    if (flag !== 'complete' && flag !== 'incomplete')
      return failure('error', message ?? `the variable ${id} has no values`);
    const value = values.map(
      (each): ItemEntity => ({
        value: each,
        ...(datatype === 'string' ? {} : { datatype }),
        ...(secret ? { secret } : {}),
      }),
    );
    const found = collection([makeItem('independent/variable', { var_ref: id, value })]);
    return flag === 'incomplete' ? { ...found, flag } : found;
  },
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['var_ref'], values: ['value'] },
  secret: hidesHashes(['value']),
};

/** An image has no processes; content asks for any process of a container but init. */
const noProcess = 2;

/** independent environmentvariable58: the environment that a container of the image starts with. */
export const environmentVariable58: Probe = {
  type: 'independent/environmentvariable58',
  collect(conditions, { system }) {
    const items = assignments(system).map((values) =>
      makeItem('independent/environmentvariable58', { pid: noProcess, ...values }),
    );
    // An image has no processes, so a condition on the pid selects nothing out.
    return select(items, { ...conditions, all: conditions.all.filter(({ name }) => name === 'name') });
  },
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['name'] },
  secret: hidesHashes(['value']),
};

/** independent environmentvariable, the deprecated form without a process. */
export const environmentVariable: Probe = {
  ...environmentVariable58,
  type: 'independent/environmentvariable',
  collect: (conditions, { system }) =>
    select(
      assignments(system).map((values) => makeItem('independent/environmentvariable', values)),
      conditions,
    ),
};

function assignments({ env }: ImageSystem): { name: string; value: string }[] {
  return env.flatMap((assignment) => {
    const at = assignment.indexOf('=');
    return at < 1 ? [] : [{ name: assignment.slice(0, at), value: assignment.slice(at + 1) }];
  });
}
