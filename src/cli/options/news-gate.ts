import { requireSources, systemsOf, wordThreshold } from '../../acts/gate.ts';
import type { Manifest, NewsDocument, Severity } from '../../model/index.ts';
import { plural } from '../../report/text-table.ts';
import { assessmentOrigins } from '../../runtime/index.ts';
import { gatedNews } from './fail-on-new.ts';

/** Thresholds of --fail-on-new, and whether unrated flaws may pass them. */
export interface NewsGate {
  severity: Severity | undefined;
  allowUnrated: boolean;
  allowNewImages: boolean;
}

export function newsGate(given: {
  'fail-on-new': Exclude<Severity, 'unknown'> | undefined;
  'allow-unrated': boolean;
  'allow-new-images': boolean;
}): NewsGate {
  return {
    severity: given['fail-on-new'],
    allowUnrated: given['allow-unrated'],
    allowNewImages: given['allow-new-images'],
  };
}

/** A gate that no flaw of the feed can trip would let every night through. @throws {ScapfeedError} FEED_LACKS_SOURCE */
export function requireRatings({ severity, allowUnrated }: NewsGate, manifest: Manifest): void {
  if (severity === undefined) return;
  const thresholds = [wordThreshold(severity)];
  requireSources(
    { thresholds, unratedFails: false, allowUnrated },
    assessmentOrigins(manifest, new Date(manifest.created)),
    systemsOf(manifest),
    { option: '--fail-on-new', words: [] },
  );
}

/** A message about the new flaws that the gate cannot see, if they are more than half; undefined: it sees most, or need not. */
export function unseenNews(
  news: NewsDocument,
  { severity, allowUnrated, allowNewImages }: NewsGate,
): string | undefined {
  if (severity === undefined || allowUnrated) return undefined;
  const flaws = gatedNews(news, { 'allow-new-images': allowNewImages });
  const unrated = flaws.filter((item) => item.severity === undefined || item.severity === 'unknown').length;
  if (unrated * 2 <= flaws.length) return undefined;
  return `not judged: --fail-on-new cannot see ${unrated} of ${plural(flaws.length, 'change')}: nobody has rated the flaws; --allow-unrated accepts that`;
}
