/** The six results of the OVAL language. */
export type OvalResult = 'true' | 'false' | 'error' | 'unknown' | 'not evaluated' | 'not applicable';

export function truth(value: boolean): OvalResult {
  return value ? 'true' : 'false';
}
