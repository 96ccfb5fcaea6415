import type { Manifest, ShardClaim, ShardLine } from '../../model/index.ts';

/** Number of a text in the old manifest's table of evidence -> its number in the new one. */
export type EvidencePlaces = readonly number[];

/**
 * Where the old evidence of a platform is in the new table. The most used text is the first, so that one erratum more may move
 * all others: edits are made of, and applied to, claims with the new numbers. Undefined: none has moved. A text that the new
 * table lacks has a number that no new claim has.
 */
export function evidencePlaces(
  before: Manifest,
  after: Manifest,
  platform: string,
): EvidencePlaces | undefined {
  const [old, now] = [tableOf(before, platform), tableOf(after, platform)];
  if (old.every((text, at) => now[at] === text)) return undefined;
  const places = new Map(now.map((text, at) => [text, at]));
  return old.map((text, at) => places.get(text) ?? now.length + at);
}

function tableOf({ platforms }: Manifest, platform: string): readonly string[] {
  return platforms.find(({ id }) => id === platform)?.evidence ?? [];
}

/** The packages with new numbers. @throws RangeError for evidence that is not in the table */
export function withPlaces(
  lines: readonly ShardLine[],
  places: EvidencePlaces | undefined,
): readonly ShardLine[] {
  if (!places) return lines;
  return lines.map((line) => ({ ...line, claims: line.claims.map((claim) => withPlace(claim, places)) }));
}

function withPlace(claim: ShardClaim, places: EvidencePlaces): ShardClaim {
  const { evidence = 0, ids, ...rest } = claim;
  const place = places[evidence];
  if (place === undefined) throw new RangeError(`no evidence ${evidence}`);
  // In the order of a shard's fields, since texts of claims are compared.
  return place === 0 ? { ...rest, ids } : { ...rest, evidence: place, ids };
}
