import type {
  Advisory,
  OutsideRating,
  PlatformIndex,
  ShardClaim,
  ShardLine,
  Vulnerability,
} from '../../model/feed/index.ts';

/** Vulnerabilities and advisories by id, for the look-ups of the indexes. */
export interface SharedDetails {
  vulnerabilities: ReadonlyMap<string, Vulnerability>;
  advisories: ReadonlyMap<string, Advisory>;
  ratings?: ReadonlyMap<string, OutsideRating>;
}

/**
 * A platform's index in the form in which it is sent to a thread: without functions, which cannot be sent, and with each
 * vulnerability's id once. Otherwise the copy would have a string for every occurrence of an id.
 */
export interface PackedIndex extends Omit<PlatformIndex, 'vulnerability' | 'advisory' | 'rating' | 'lines'> {
  lines: readonly PackedLine[];
  ids: readonly string[];
  /** The ids of all claims, one after the other, as indexes into `ids`. */
  places: Uint32Array<ArrayBuffer>;
}

type PackedLine = Omit<ShardLine, 'claims'> & { claims: PackedClaim[] };

/** `ids`: how many of the indexes belong to the claim. */
type PackedClaim = Omit<ShardClaim, 'ids'> & { ids: number };

export function packIndex(index: PlatformIndex): PackedIndex {
  const { vulnerability: _, advisory: __, rating: ___, lines, roster, ...rest } = index;
  const placeOf = new Map<string, number>();
  const places = new Uint32Array(countIds(lines));
  let at = 0;
  const packed = lines.map(({ claims, ...line }): PackedLine => {
    const packClaim = (claim: ShardClaim): PackedClaim => {
      for (const id of claim.ids) {
        const known = placeOf.get(id);
        places[at++] = known ?? placeOf.size;
        if (known === undefined) placeOf.set(id, placeOf.size);
      }
      return { ...claim, ids: claim.ids.length };
    };
    return { ...line, claims: claims.map(packClaim) };
  });
  const needed = roster && neededOf(roster, lines);
  return { ...rest, ...(needed && { roster: needed }), lines: packed, ids: [...placeOf.keys()], places };
}

/** Unpacks the claims in place: two copies of a platform would be most of the thread's memory. */
export function unpackIndex(packed: PackedIndex, details: SharedDetails): PlatformIndex {
  const { lines, ids, places, ...rest } = packed;
  let at = 0;
  for (const { claims } of lines) {
    for (const claim of claims as (PackedClaim | ShardClaim)[]) {
      const own: string[] = [];
      for (let left = claim.ids as number; left > 0; left--) own.push(ids[places[at++]!]!);
      claim.ids = own;
    }
  }
  return {
    ...rest,
    lines: lines as readonly unknown[] as readonly ShardLine[],
    vulnerability: (id) => details.vulnerabilities.get(id),
    advisory: (id) => details.advisories.get(id),
    rating: (id) => details.ratings?.get(id),
  };
}

/** Claimed vulnerabilities, each as often as it is claimed. */
export function countIds(lines: readonly ShardLine[]): number {
  let count = 0;
  for (const { claims } of lines) for (const { ids } of claims) count += ids.length;
  return count;
}

type Roster = NonNullable<PlatformIndex['roster']>;

/** Sends only binaries of sources with flaws: a suite ships many more. Without any there would be no dpkginfo form; then all are sent. */
function neededOf(roster: Roster, lines: readonly ShardLine[]): Roster {
  const needed = new Map(
    lines.flatMap(({ package: name }) => {
      const shipped = roster.get(name);
      return shipped ? [[name, shipped] as const] : [];
    }),
  );
  return needed.size > 0 ? needed : roster;
}
