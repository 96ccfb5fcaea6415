import { severities } from '../../model/feed/index.ts';
import {
  knownCounts,
  type ListedImage,
  type OwnerImages,
  type OwnerRule,
  type OwnerSla,
  type OwnersSeen,
} from '../../model/fleet/index.ts';

type Names = readonly ListedImage[];

/** Owners that `--owner` selects. Default: all. */
export function ownersGiven(owner: string | undefined): OwnersSeen {
  return owner === undefined ? 'all' : [owner];
}

/** Owners in the order of the rules, and last the images of none. */
export function ownersOf(rules: readonly OwnerRule[], names: Names): OwnerImages[] {
  return byOwner(rules, names, imagesOf);
}

/** The overdue flaws of the same owners. */
export function slaOf(rules: readonly OwnerRule[], names: Names): OwnerSla[] {
  return byOwner(rules, names, overdueOf);
}

function byOwner<T>(
  rules: readonly OwnerRule[],
  names: Names,
  count: (owner: string | null, own: Names) => T,
): T[] {
  const orphans = names.filter(({ owners }) => owners.length === 0);
  return [
    ...rules.map(({ owner }) =>
      count(
        owner,
        names.filter(({ owners }) => owners.includes(owner)),
      ),
    ),
    ...(orphans.length > 0 ? [count(null, orphans)] : []),
  ];
}

function overdueOf(owner: string | null, names: Names): OwnerSla {
  const known = names.filter(({ overdue }) => overdue !== null);
  // Several names may stand for one image, which counts once.
  const images = new Map(known.map((name) => [name.digest, name.overdue!]));
  const isKnown = known.length > 0;
  const days = known.flatMap(({ due }) => due ?? []).sort();
  return {
    ...{ owner, images: names.length, notInFull: notInFull(names) },
    overdueImages: isKnown ? known.filter(({ overdue }) => overdue! > 0).length : null,
    overdue: isKnown ? [...images.values()].reduce((sum, each) => sum + each, 0) : null,
    due: days[0] ?? null,
  };
}

function notInFull(names: Names): number {
  return names.filter(({ state }) => state !== 'judged').length;
}

function imagesOf(owner: string | null, names: Names): OwnerImages {
  // Several names may stand for one image, which counts once.
  const images = new Map(names.map((name) => [name.digest, knownCounts(name)]));
  const known = [...images.values()].filter((counts) => counts !== null);
  const sum = (of: (counts: (typeof known)[number]) => number) =>
    known.length === 0 ? null : known.reduce((total, counts) => total + of(counts), 0);
  return {
    owner,
    images: names.length,
    notInFull: notInFull(names),
    flaws: sum(({ flaws }) => severities.reduce((total, word) => total + flaws[word], 0)),
    exploited: sum(({ exploited }) => exploited),
  };
}
