import type { ScapfeedError } from '../model/index.ts';
import type { FetchContext } from './contract.ts';

/**
 * Reports why a document that a source can do without was not fetched; those that the server does not have are reported together.
 */
export function tellUnavailable(
  { progress, absent }: Pick<FetchContext, 'progress' | 'absent'>,
  id: string,
  error: ScapfeedError,
): void {
  if (absent && error.code === 'FETCH_NOT_FOUND') absent.push(id);
  else progress(`${id}: ${error.message}`);
}
