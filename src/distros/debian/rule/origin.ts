/** Which Debian release a version was built for, by its own suffixes; undefined: the version does not tell. */
export interface DebianOrigin {
  release: number;
  /** For a backport (`~bpo12+1`), the version in the next release that it was built from. */
  backportOf?: string;
}

const backport = /~bpo(\d+)[+.].*$/;
const stableUpdate = /[+~]deb(\d+)u\d+/g;

/**
 * Debian marks stable updates by `+debNuM` or `~debNuM` and backports by `~bpoN+M` (developers-reference 5.11.2, 5.11.4).
 * A backport has the fixes of the release it was taken from, whose rows judge it without its suffix.
 */
export function debianOrigin(version: string): DebianOrigin | undefined {
  const cut = backport.exec(version);
  if (cut) return { release: Number(cut[1]), backportOf: version.slice(0, cut.index) };
  const last = [...version.matchAll(stableUpdate)].at(-1);
  return last ? { release: Number(last[1]) } : undefined;
}

// Marks in versions of other archives that use Debian's package names: apt.postgresql.org, nodesource, deb.sury.org,
// Ubuntu, Docker.
const foreign = /\.pgdg|nodesource|\+0~\d{8}|ubuntu\d|~(?:debian|ubuntu)\.\d+~[a-z]+$/;

/** Returns the mark of a foreign archive in a version, or undefined. Debian's statements are not about such builds. */
export function foreignOrigin(version: string): string | undefined {
  return foreign.exec(version)?.[0];
}
