import { collection, makeItem } from '../oval/items.ts';
import type { Probe } from './probe.ts';

/** independent family: always `unix`. */
export const family: Probe = {
  type: 'independent/family',
  collect: () => collection([makeItem('independent/family', { family: 'unix' })]),
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['family'] },
  secret: 'none',
};
