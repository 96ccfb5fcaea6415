import { daysOld } from '../model/data-date.ts';
import type { Manifest, RatingSource } from '../model/feed/index.ts';
import {
  type AssessmentOrigin,
  type AssessmentOriginId,
  assessmentAgeLimits,
} from '../model/verdict/index.ts';

/** Returns the feed's sources besides the distributions' data, with the age of each source's newest document. */
export function assessmentOrigins(manifest: Manifest, now: Date): AssessmentOrigin[] {
  return Object.keys(assessmentAgeLimits).flatMap((id) => sourceOf(id as AssessmentOriginId, manifest, now));
}

function sourceOf(
  id: AssessmentOriginId,
  { sources, inputs, outputs }: Manifest,
  now: Date,
): AssessmentOrigin | [] {
  const known = sources.find((source) => source.id === id);
  // A pull may leave EPSS out.
  if (!known || (id === 'epss' && !outputs.some(({ path }) => path === epssFile))) return [];
  const own = inputs.filter(({ source }) => source === id);
  const dates = own.flatMap(({ date }) => (date === undefined ? [] : [Date.parse(date)]));
  const refused = known.failed ?? own.find((input) => input.refused)?.refused;
  const updated = new Date(Math.max(...dates, 0)).toISOString().replace('.000Z', 'Z');
  const days = daysOld(updated, now);
  return {
    id,
    name: known.name,
    ...(dates.length > 0 && {
      updated,
      ageDays: days,
      ...((days > assessmentAgeLimits[id] || days < 0) && { stale: true }),
    }),
    ...(refused !== undefined && { refused }),
  };
}

const epssFile = 'index/epss.jsonl';

/** Returns true if the feed can contain ratings of this source. */
export function hasRatings(
  source: RatingSource,
  assessments: readonly AssessmentOrigin[],
  sources: Manifest['sources'],
): boolean {
  if (source === 'vendor') return true;
  if (source === 'ghsa') return sources.some(({ id }) => id === 'osv');
  const from: AssessmentOriginId = source === 'nvd' ? 'nvd' : 'cve-records';
  return assessments.some((origin) => origin.id === from && hasData(origin));
}

/** False for a source of which no document could be had: a feed names it, but has nothing of it. */
export function hasData({ refused, updated }: AssessmentOrigin): boolean {
  return refused === undefined || updated !== undefined;
}
