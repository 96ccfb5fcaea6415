import {
  knownCounts,
  type ListedImage,
  type OwnerImages,
  type OwnerRule,
  severities,
} from '../../model/index.ts';

/** Owners in the order of the rules, and last the images of none. */
export function ownersOf(rules: readonly OwnerRule[], names: readonly ListedImage[]): OwnerImages[] {
  const orphans = names.filter(({ owners }) => owners.length === 0);
  return [
    ...rules.map(({ owner }) =>
      imagesOf(
        owner,
        names.filter(({ owners }) => owners.includes(owner)),
      ),
    ),
    ...(orphans.length > 0 ? [imagesOf(null, orphans)] : []),
  ];
}

function imagesOf(owner: string | null, names: readonly ListedImage[]): OwnerImages {
  // Several names may stand for one image, which counts once.
  const images = new Map(names.map((name) => [name.digest, knownCounts(name)]));
  const known = [...images.values()].filter((counts) => counts !== null);
  const sum = (of: (counts: (typeof known)[number]) => number) =>
    known.length === 0 ? null : known.reduce((total, counts) => total + of(counts), 0);
  return {
    owner,
    images: names.length,
    notInFull: names.filter(({ state }) => state !== 'judged').length,
    flaws: sum(({ flaws }) => severities.reduce((total, word) => total + flaws[word], 0)),
    exploited: sum(({ exploited }) => exploited),
  };
}
