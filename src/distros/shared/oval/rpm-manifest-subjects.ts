import type { PlatformIndex, ShardClaim } from '../../../model/feed/index.ts';
import type { FlawRow } from '../../../oval/forms/rows.ts';
import type { Names } from './rpm-manifest-patterns.ts';
import { haveSameClaims, type RpmClaim, rpmClaim } from './rpm-rule.ts';

/** Packages of the manifest with the same rows, by name and source. */
export interface ManifestSubject {
  what: string;
  name: Names;
  source: Names;
  rows: readonly RpmClaim[];
}

export function isSameSubject(a: ManifestSubject, b: ManifestSubject): boolean {
  return (
    a.what === b.what &&
    isSameName(a.name, b.name) &&
    isSameName(a.source, b.source) &&
    haveSameClaims(a.rows, b.rows)
  );
}

function isSameName(a: Names, b: Names): boolean {
  if ('is' in a || 'is' in b) return 'is' in a && 'is' in b && a.is === b.is;
  return a.not.length === b.not.length && a.not.every((name, at) => name === b.not[at]);
}

/** By name of the line, then by vulnerability. */
type Rows = ReadonlyMap<string, ReadonlyMap<string, readonly ShardClaim[]>>;

/**
 * Maps packages to the rows that judge them, as the runtime does: rows of the package's own name, of its source, and of other
 * sources that the vendor has built it from.
 */
export class ManifestSubjects {
  readonly #own: Rows;
  readonly #source: Rows;
  /** Vulnerability -> packages with rows of their own. */
  readonly #ownNames = new Map<string, string[]>();
  /** Package -> known sources that the vendor has built it from. */
  readonly #sourcesOf = new Map<string, string[]>();
  /** Those of several sources. */
  readonly #several: ReadonlyMap<string, readonly string[]>;
  /** Source -> packages to which other rows than its own may apply. */
  readonly #carriers = new Map<string, string[]>();

  constructor(index: PlatformIndex) {
    this.#own = rowsOf(index, isBinary);
    this.#source = rowsOf(index, (claim) => !isBinary(claim));
    for (const [name, rows] of this.#own) for (const id of rows.keys()) push(this.#ownNames, id, name);
    for (const [source, binaries] of index.binaries ?? []) {
      for (const binary of binaries) push(this.#sourcesOf, binary, source);
    }
    for (const name of new Set([...this.#source.keys(), ...this.#sourcesOf.keys()])) {
      const own = this.#source.has(name) ? [name] : [];
      const sources = new Set([...(this.#sourcesOf.get(name) ?? []), ...own]);
      if (sources.size > 1) for (const source of sources) push(this.#carriers, source, name);
    }
    this.#several = new Map(
      index.lines.flatMap(({ package: name, sources }) => (sources ? [[name, sources]] : [])),
    );
  }

  of(name: string, { vulnerability, claims }: FlawRow): ManifestSubject[] {
    const subjects: ManifestSubject[] = [];
    if (claims.some((claim) => !isBinary(claim))) subjects.push(...this.#bySource(name, vulnerability));
    if (claims.some(isBinary)) subjects.push(...this.#byName(name, vulnerability));
    return subjects;
  }

  /** Packages without rows of their own, by the rows of their sources. */
  #bySource(source: string, id: string): ManifestSubject[] {
    const own = this.#ownNames.get(id) ?? [];
    const joint: string[] = [];
    const subjects: ManifestSubject[] = [];
    for (const name of this.#carriers.get(source) ?? []) {
      if (own.includes(name)) continue;
      const others = this.#others(name, source, id);
      if (others.length > 0 && name !== source) {
        joint.push(name);
        const rows = [...this.#ofSource(source, id), ...others];
        subjects.push({ what: `${name} of ${source}`, name: { is: name }, source: { is: source }, rows });
      }
      // For a source without rows of its own: made once, by the first of the others.
      const elsewhere = this.#others(name, undefined, id);
      if (elsewhere[0]?.place.name !== source) continue;
      const stated = this.#stated(name, id);
      subjects.push({ what: name, name: { is: name }, source: { not: stated }, rows: elsewhere });
    }
    const apart = [...own.filter((name) => this.#mayBeOf(name, source)), ...joint].sort();
    const rows = this.#ofSource(source, id);
    return [
      { what: `a binary of ${source}`, name: { not: apart }, source: { is: source }, rows },
      ...subjects,
    ];
  }

  /** A package by its own rows and those of whichever source it is of. */
  #byName(name: string, id: string): ManifestSubject[] {
    const own = (this.#own.get(name)?.get(id) ?? []).map((claim) => rpmClaim(claim, name, 'binary', 'own'));
    const stated = this.#stated(name, id);
    const bySource = stated.map((source): ManifestSubject => {
      const rows = [...own, ...this.#ofSource(source, id), ...this.#others(name, source, id)];
      return { what: `${name} of ${source}`, name: { is: name }, source: { is: source }, rows };
    });
    const rows = [...own, ...this.#others(name, undefined, id)];
    return [...bySource, { what: name, name: { is: name }, source: { not: stated }, rows }];
  }

  #mayBeOf(name: string, source: string): boolean {
    const sources = this.#sourcesOf.get(name);
    return sources === undefined || name === source || sources.includes(source);
  }

  /** Sources of the package with rows about the vulnerability, sorted. */
  #stated(name: string, id: string): string[] {
    const sources = new Set([...(this.#sourcesOf.get(name) ?? []), name]);
    return [...sources].filter((source) => this.#source.get(source)?.has(id)).sort();
  }

  #ofSource(source: string, id: string): RpmClaim[] {
    const claims = this.#source.get(source)?.get(id) ?? [];
    return claims.map((claim) => rpmClaim(claim, source, 'source', 'source'));
  }

  /** Rows of other sources that the package was built from, or that have its name: its own version is compared. */
  #others(name: string, actual: string | undefined, id: string): RpmClaim[] {
    const others = [name, ...(this.#several.get(name) ?? []).filter((source) => source !== name)];
    return others
      .filter((source) => source !== actual)
      .flatMap((source) => this.#ofSource(source, id))
      .map(({ claim, place }) => rpmClaim(claim, place.name, 'other_source', 'own'));
  }
}

function isBinary({ subject }: ShardClaim): boolean {
  return subject === 'binary';
}

function rowsOf({ lines }: PlatformIndex, takes: (claim: ShardClaim) => boolean): Rows {
  const rows = new Map<string, Map<string, ShardClaim[]>>();
  for (const { package: name, claims } of lines) {
    for (const claim of claims) {
      if (!takes(claim)) continue;
      const ofName = rows.get(name) ?? new Map<string, ShardClaim[]>();
      rows.set(name, ofName);
      for (const id of claim.ids) push(ofName, id, claim);
    }
  }
  return rows;
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
