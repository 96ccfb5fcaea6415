import { currentTime } from '../io/clock.ts';
import type { Environment } from '../model/environment.ts';
import { ScapfeedError } from '../model/error.ts';

/** The last second of the year 9999: later ones have no date of four digits. */
const lastSecond = 253_402_300_799;

/**
 * SOURCE_DATE_EPOCH by the specification of reproducible-builds.org; undefined when it is not set.
 * @throws {ScapfeedError} USAGE when it is no whole number of seconds
 */
export function sourceDate(env: Environment): Date | undefined {
  const text = env['SOURCE_DATE_EPOCH'];
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text) && Number(text) <= lastSecond) return new Date(Number(text) * 1000);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `SOURCE_DATE_EPOCH is ${text === '' ? 'empty' : text}, expected seconds since 1970`,
    remedy: 'set it to a whole number, or unset it',
  });
}

/** The date that goes into what a command writes: SOURCE_DATE_EPOCH, else the clock's. */
export function outputDate(env: Environment): Date {
  return sourceDate(env) ?? currentTime();
}
