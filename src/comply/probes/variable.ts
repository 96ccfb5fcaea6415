import { type Collection, collection, failure, type ItemEntity, makeItem } from '../oval/items.ts';
import { hidesHashes } from './password-hashes.ts';
import type { Probe } from './probe.ts';

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
