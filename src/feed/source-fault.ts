import { ScapfeedError } from '../model/error.ts';

/** True if an error is caused by one vendor's data or server, so that the other vendors can be built. */
export function isSourceFault(error: unknown): error is ScapfeedError {
  return error instanceof ScapfeedError && /^(CONTENT|FETCH|SOURCE|SNAPSHOT)_/.test(error.code);
}
