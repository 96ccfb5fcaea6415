import { ScapfeedError } from '../model/error.ts';
import type { SourceTerms } from '../model/feed/index.ts';
import type { FeedPart } from './feed/part.ts';

/** Platforms that are not published because the terms of their data were not accepted. */
export interface TermsNotAccepted {
  source: string;
  name: string;
  licence: string;
  terms: SourceTerms;
  platforms: string[];
}

/** The reason in a message: `the terms of NAME are unclear (LICENCE)`. */
export function termsReason({
  name,
  licence,
  terms,
}: Pick<TermsNotAccepted, 'name' | 'licence' | 'terms'>): string {
  return terms === 'restricted'
    ? `the licence of ${name} does not allow it (${licence})`
    : `the terms of ${name} are unclear (${licence})`;
}

/** The source of a part, if its data has terms that are not accepted. */
function unacceptedSource({ manifest }: FeedPart, accepted: readonly string[]) {
  const [platform] = manifest.platforms;
  // A part without a platform, as that of known exploitation, is made of all of its sources.
  for (const source of manifest.sources) {
    if (platform && source.id !== platform.source) continue;
    if (source.terms !== undefined && !accepted.includes(source.id))
      return { ...source, terms: source.terms };
  }
  return undefined;
}

/** Sorts parts into those to publish and those whose terms are not accepted. */
export function withoutUnaccepted<Item extends { part: FeedPart }>(
  items: readonly Item[],
  accepted: readonly string[],
): { items: Item[]; left: TermsNotAccepted[] } {
  const left = new Map<string, TermsNotAccepted>();
  const rest = items.filter(({ part }) => {
    const source = unacceptedSource(part, accepted);
    if (!source) return true;
    const { id, name, licence, terms } = source;
    const entry = left.get(id) ?? { source: id, name, licence, terms, platforms: [] };
    left.set(id, entry);
    entry.platforms.push(part.platform);
    return false;
  });
  return { items: rest, left: [...left.values()] };
}

/** @throws {ScapfeedError} TERMS_NOT_ACCEPTED if nothing else is left to publish */
export function requireOthers(items: readonly { part: FeedPart }[], left: readonly TermsNotAccepted[]): void {
  if (left.length === 0 || items.some(({ part }) => part.manifest.platforms.length > 0)) return;
  throw new ScapfeedError({
    code: 'TERMS_NOT_ACCEPTED',
    message: `expected a platform whose data may be published, but ${left.map(termsReason).join(', and ')}`,
    where: left.flatMap(({ platforms }) => platforms).join(', '),
    remedy: `ask its publisher; ${left.map(({ source }) => `--accept-terms ${source}`).join(' ')} publishes it on your responsibility`,
  });
}
