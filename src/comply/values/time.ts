/**
 * Seconds since the epoch of a time in one of OVAL's DateTimeFormatEnumeration formats; undefined: not such a time.
 * Times without a zone are UTC; a fraction of a second is dropped.
 */
export function secondsOf(text: string, format: string): number | undefined {
  const trimmed = text.trim();
  switch (format) {
    case 'seconds_since_epoch':
      return /^[+-]?\d{1,15}$/.test(trimmed) ? Number(trimmed) : undefined;
    case 'win_filetime':
      return filetime(trimmed);
    case 'cim_datetime':
      return cimTime(trimmed);
    default:
      return calendar(trimmed, format);
  }
}

const clock = '(?:\\s+(?<hour>\\d{1,2}):(?<minute>\\d{1,2}):(?<second>\\d{1,2}))?';
const [year, month, day] = ['(?<year>\\d{4})', '(?<month>\\d{1,2})', '(?<day>\\d{1,2})'];

/** The forms of each format in DateTimeFormatEnumeration. */
const forms: Readonly<Record<string, readonly RegExp[]>> = {
  year_month_day: [
    /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?:T(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d))?$/,
    new RegExp(`^${year}(?<mark>[-/])${month}\\k<mark>${day}${clock}$`),
  ],
  month_day_year: [
    new RegExp(`^${month}(?<mark>[-/])${day}\\k<mark>${year}${clock}$`),
    new RegExp(`^(?<name>[A-Za-z]+),?\\s+${day}\\s+${year}${clock}$`),
  ],
  day_month_year: [new RegExp(`^${day}(?<mark>[-/])${month}\\k<mark>${year}${clock}$`)],
};

function calendar(text: string, format: string): number | undefined {
  for (const form of forms[format] ?? []) {
    const groups = form.exec(text)?.groups;
    if (groups) return instantOf(groups);
  }
  return undefined;
}

const months = 'january february march april may june july august september october november december';
const monthNames: readonly string[] = months.split(' ');

/** The instant of named parts; undefined if there is no such date or time. */
function instantOf({ name, ...parts }: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = (part: string) => Number(parts[part] ?? 0);
  const month = name === undefined ? number('month') : monthNamed(name.toLowerCase());
  const [day, hour, minute, second] = [number('day'), number('hour'), number('minute'), number('second')];
  // Date.UTC takes years before 100 as 1900 and later.
  const date = new Date(Date.UTC(2000, 0, 1, hour, minute, second));
  date.setUTCFullYear(number('year'), month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  // A minute may have a leap second.
  return isDay && hour < 24 && minute < 60 && second < 61 ? date.getTime() / 1000 : undefined;
}

/** 1 to 12 of a month's name, whole or its first three letters; 0: no month. */
function monthNamed(name: string): number {
  return monthNames.findIndex((each) => each === name || each.slice(0, 3) === name) + 1;
}

/** 100 ns steps since 1601, a 64-bit number: decimal, or hexadecimal where it says so or has a letter. */
function filetime(text: string): number | undefined {
  const hex = /^(?:0x)?([\da-f]{1,16})$/i.exec(text)?.[1];
  const steps = /^\d{1,20}$/.test(text) ? BigInt(text) : hex === undefined ? undefined : BigInt(`0x${hex}`);
  return steps === undefined ? undefined : Number(steps / 10_000_000n - 11_644_473_600n);
}

/** A date of CIM (DSP0004): local time with its distance from UTC in minutes; or a form of WMI's queries, without one. */
const cimForms: readonly RegExp[] = [
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)\.[\d*]{6}(?<zone>[+-]\d{3})$/,
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d):\d{3}$/,
  /^(?<month>\d\d)-(?<day>\d\d)-(?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d):\d{3}$/,
];

function cimTime(text: string): number | undefined {
  for (const form of cimForms) {
    const groups = form.exec(text)?.groups;
    const local = groups && instantOf(groups);
    if (local !== undefined) return local - Number(groups?.['zone'] ?? 0) * 60;
  }
  return undefined;
}
