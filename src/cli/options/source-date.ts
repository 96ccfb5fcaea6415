import { ScapfeedError } from '../../model/index.ts';

/** The last second that a Date can be of. */
const lastSecond = 8.64e12;

/** SOURCE_DATE_EPOCH by the reproducible-builds.org specification, in seconds; undefined where it is not set. */
export function sourceDate(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = env['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,13}$/.test(text) && Number(text) <= lastSecond) return Number(text);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `SOURCE_DATE_EPOCH is ${text}, expected seconds since 1970`,
    remedy: 'set it to a whole number, or unset it',
  });
}
