import { type OptionValues, usage } from '../command.ts';
import { isoSeconds, outputDate } from '../source-date.ts';

const day = 86_400_000;

/** The time that signatures are made as of: --date, SOURCE_DATE_EPOCH, or the clock. */
export function signingDate(values: OptionValues, env: Readonly<Record<string, string | undefined>>): Date {
  const given = values['date'] as string | undefined;
  if (given !== undefined) return parseDate(given);
  return outputDate(env);
}

/** `12h`, `30d` in milliseconds. */
export function duration(text: string): number {
  const match = /^([1-9]\d{0,4})([hd])$/.exec(text);
  if (!match) throw usage({ name: 'publish' }, `${text} is no time span`, 'write it as 12h or 30d');
  return Number(match[1]) * (match[2] === 'h' ? day / 24 : day);
}

/** The date that lies a span after another, whole seconds as TUF metadata wants them. */
export function expiryDate(from: Date, span: string): string {
  return isoSeconds(new Date(from.getTime() + duration(span)));
}

function parseDate(text: string): Date {
  const date = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw usage(
    { name: 'publish' },
    `--date ${text} is no date`,
    'write it as 2026-11-24 or 2026-11-24T06:00:00Z',
  );
}
