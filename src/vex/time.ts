/** ISO 8601 (RFC 3339), of which CycloneDX and old documents leave out the time or its zone. */
const form =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:[Zz]|([+-])(\d{2}):?(\d{2}))?)?$/;

/** Milliseconds since 1970, a time without a zone in UTC; undefined: there is no such time. */
export function timeOf(text: string): number | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(numberOf);
  const [zoneHours, zoneMinutes] = [numberOf(found[8]), numberOf(found[9])];
  const date = new Date(Date.UTC(year, month - 1, day));
  const isDay =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year;
  // A leap second is the 60th.
  if (!isDay || hour > 23 || minute > 59 || second > 60 || zoneHours > 23 || zoneMinutes > 59)
    return undefined;
  const zone = (zoneHours * 60 + zoneMinutes) * (found[7] === '-' ? -1 : 1);
  return date.getTime() + ((hour * 60 + minute - zone) * 60 + second) * 1000;
}

function numberOf(digits = '0'): number {
  return Number(digits);
}
