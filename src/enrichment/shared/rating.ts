import { type CvssVersion, cvssVersions, type Rating, type RatingSource } from '../../model/feed/index.ts';
import { malformed, record } from '../../sources/fields.ts';

/** Keys of CVSS data in CVE records and NVD's feeds, by their version. */
const versionOfKey: ReadonlyMap<string, CvssVersion> = new Map([
  ['cvssV4_0', '4.0'],
  ['cvssV3_1', '3.1'],
  ['cvssV3_0', '3.0'],
  ['cvssV2_0', '2.0'],
]);

export const cvssKeys = [...versionOfKey.keys()];

/** Longer vectors are no vectors: all metrics of version 4.0 take 170 characters. */
const longestVector = 250;

/** A score with its vector, or malformed. The vector's prefix decides the version, as a record may file 3.1 under 3.0. */
export function ratingOf(
  value: unknown,
  key: string,
  pointer: string,
  { source, date }: { source: RatingSource; date?: string | undefined },
): Rating {
  const { baseScore, vectorString } = record(value, pointer);
  if (typeof baseScore !== 'number' || !(baseScore >= 0 && baseScore <= 10))
    throw malformed(`${pointer}/baseScore`, 'a score from 0 to 10', baseScore);
  if (typeof vectorString !== 'string' || vectorString.length > longestVector)
    throw malformed(`${pointer}/vectorString`, 'a CVSS vector', vectorString);
  const given = vectorString
    .trim()
    .replace(/^\(|\)$/g, '')
    .toUpperCase()
    .replace('/AU:', '/Au:');
  const [, prefix, metrics] =
    /^(?:CVSS:(\d\.\d)\/)?((?:[A-Z][A-Za-z]{0,3}:[A-Z]{1,5}\/)*[A-Z][A-Za-z]{0,3}:[A-Z]{1,5}\/?)$/.exec(
      given,
    ) ?? [];
  const version = prefix ?? versionOfKey.get(key);
  if (metrics === undefined || !isVersion(version))
    throw malformed(`${pointer}/vectorString`, 'a CVSS vector', vectorString);
  const vector = version === '2.0' ? metrics : `CVSS:${version}/${metrics}`;
  return {
    source,
    version,
    score: Math.round(baseScore * 10) / 10,
    vector: vector.replace(/\/$/, ''),
    ...(date === undefined ? {} : { date }),
  };
}

function isVersion(version: string | undefined): version is CvssVersion {
  return cvssVersions.some((known) => known === version);
}

/** Keeps the first rating of each source and version. Returns how many were left out. */
export function keepFirst(ratings: Rating[]): { kept: Rating[]; left: number } {
  const kept = new Map<string, Rating>();
  for (const rating of ratings) {
    const key = `${rating.source} ${rating.version}`;
    if (!kept.has(key)) kept.set(key, rating);
  }
  return { kept: [...kept.values()], left: ratings.length - kept.size };
}

/** YYYY-MM-DD of a date; undefined: there is none, or no such day in the calendar. */
export function dayOf(value: unknown): string | undefined {
  const [day] = typeof value === 'string' ? (/^\d{4}-\d\d-\d\d(?=$|[T ])/.exec(value) ?? []) : [];
  // Date.parse takes the 31st of February for a day of March.
  const time = day === undefined ? Number.NaN : Date.parse(day);
  return day !== undefined && !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
    ? day
    : undefined;
}

/** The id of a weakness in a field that has it alone or with its name. */
export function cweOf(value: unknown): string | undefined {
  const [, number] = typeof value === 'string' ? (/^CWE-(\d{1,5})(?!\d)/.exec(value) ?? []) : [];
  return number === undefined ? undefined : `CWE-${Number(number)}`;
}

export function isCveId(value: unknown): value is string {
  return typeof value === 'string' && /^CVE-\d{4}-\d{4,15}$/.test(value);
}
