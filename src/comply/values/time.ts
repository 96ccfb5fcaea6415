/** Seconds since the epoch of a time in one of OVAL's DateTimeFormatEnumeration formats; undefined: not such a time. */
export function secondsOf(text: string, format: string): number | undefined {
  switch (format) {
    case 'seconds_since_epoch':
    case 'cim_datetime':
      return /^-?\d+$/.test(text.trim()) ? Number(text.trim()) : undefined;
    case 'win_filetime':
      return filetime(text.trim());
    case 'day_month_year':
      return calendar(text, ['day', 'month', 'year']);
    case 'month_day_year':
      return calendar(text, ['month', 'day', 'year']);
    default:
      return calendar(text, ['year', 'month', 'day']);
  }
}

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

function calendar(text: string, order: readonly string[]): number | undefined {
  const [date = '', time] = text.trim().split(/[ T]+(?=\d{1,2}:)/);
  const compact = /^(\d{8})(?:T?(\d{2}):?(\d{2}):?(\d{2}))?$/.exec(text.trim());
  const fields = compact && order[0] === 'year' ? splitCompact(compact[1] as string) : date.split(/[-/, ]+/);
  if (fields.length !== 3) return undefined;
  const parts = new Map(order.map((name, at) => [name, fields[at] as string]));
  const [year, month, day] = [parts.get('year'), monthOf(parts.get('month') ?? ''), parts.get('day')];
  if (!year || !/^\d{1,4}$/.test(year) || month === undefined || !day || !/^\d{1,2}$/.test(day))
    return undefined;
  const compactTime = compact?.[2] ? `${compact[2]}:${compact[3]}:${compact[4]}` : undefined;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(compactTime ?? time ?? '0:00');
  if (!clock) return undefined;
  const [hour, minute, second] = [clock[1], clock[2], clock[3] ?? '0'].map(Number) as [
    number,
    number,
    number,
  ];
  return Date.UTC(Number(year), month - 1, Number(day), hour, minute, second) / 1000;
}

function splitCompact(digits: string): string[] {
  return [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)];
}

function monthOf(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text) >= 1 && Number(text) <= 12 ? Number(text) : undefined;
  const at = months.findIndex((name) => name.startsWith(text.toLowerCase()) && text.length >= 3);
  return at === -1 ? undefined : at + 1;
}

/** 100 ns steps since 1601, as a 64-bit number in decimal or hexadecimal. */
function filetime(text: string): number | undefined {
  if (!/^(?:\d+|0x[\da-fA-F]+)$/.test(text)) return undefined;
  return Number(BigInt(text) / 10_000_000n - 11_644_473_600n);
}
