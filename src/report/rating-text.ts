import type { RatingSource } from '../model/feed/index.ts';

/** Names the sources whose ratings decide, for a sentence about a missing rating: `the vendor`; `vendor, nvd, cisa or cna`. */
export function raters(sources: readonly RatingSource[]): string {
  if (isVendorAlone(sources)) return 'the vendor';
  if (sources.length < 2) return sources[0] ?? 'any source that was asked';
  return `${sources.slice(0, -1).join(', ')} or ${sources.at(-1)}`;
}

export function withoutRating(sources: readonly RatingSource[]): string {
  return isVendorAlone(sources) ? 'without a vendor rating' : `without a rating of ${raters(sources)}`;
}

function isVendorAlone(sources: readonly RatingSource[]): boolean {
  return sources.length === 1 && sources[0] === 'vendor';
}

/** `4.2%`, `<0.1%`: an EPSS probability; the percentile is another number. */
export function percent(probability: number): string {
  return `${tenths(probability * 100)}%`;
}

/** `81.9`, `<0.1` */
export function tenths(number: number): string {
  if (number > 0 && number < 0.05) return '<0.1';
  // toFixed takes as long as the rest of a row.
  const rounded = Math.round(number * 10);
  return `${Math.floor(rounded / 10)}.${rounded % 10}`;
}
