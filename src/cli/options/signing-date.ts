import type { Environment } from '../../model/index.ts';
import { isoSeconds } from '../../model/iso-seconds.ts';
import { form, type OptionValues } from '../../tasks/option.ts';
import { outputDate } from '../source-date.ts';

/** Option of every command that signs. */
export const dateOptions = {
  date: form(
    'ISO',
    'the date of the signatures, from which their validity counts (default: SOURCE_DATE_EPOCH, then the ' +
      'clock)',
    parseDate,
    'write it as 2026-11-24 or 2026-11-24T06:00:00Z',
  ),
};

/** The time that signatures are made as of. */
export function signingDate({ date }: OptionValues<typeof dateOptions>, env: Environment): Date {
  return date ?? outputDate(env);
}

/** The date that lies a time span after another, in whole seconds as TUF metadata wants them. */
export function expiryDate(from: Date, span: number): string {
  return isoSeconds(new Date(from.getTime() + span));
}

function parseDate(text: string): Date | undefined {
  const date = new Date(text);
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}
