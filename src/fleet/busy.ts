import { ScapfeedError } from '../model/error.ts';
import type { Database } from './store/database.ts';

/** The error of a run or a change that is refused while another run is in progress. */
export function busy({ place }: Pick<Database, 'place'>): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_LOCKED',
    message: 'another run of this fleet is in progress',
    where: place,
    remedy: 'wait for it to end; only one run at a time is allowed',
  });
}
