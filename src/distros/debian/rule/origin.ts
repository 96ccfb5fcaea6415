/** Which Debian release a version was built for, by its own suffixes; undefined: the version does not tell. */
export interface DebianOrigin {
  release: number;
  /** Built from the next release's source for this one (`~bpo12+1`); `upstream` is the version it was built from. */
  backportOf?: string;
}

const backport = /~bpo(\d+)[+.].*$/;
const stableUpdate = /[+~]deb(\d+)u\d+/g;

/**
 * Debian marks stable updates by `+debNuM` or `~debNuM` and backports by `~bpoN+M` (developers-reference 5.11.2, 5.11.4).
 * A backport carries the fixes of the release it was taken from, whose rows judge it once its suffix is cut.
 */
export function debianOrigin(version: string): DebianOrigin | undefined {
  const cut = backport.exec(version);
  if (cut) return { release: Number(cut[1]), backportOf: version.slice(0, cut.index) };
  const last = [...version.matchAll(stableUpdate)].at(-1);
  return last ? { release: Number(last[1]) } : undefined;
}

// Archives beside Debian's own that share its package names and say so in the version: apt.postgresql.org,
// nodesource, deb.sury.org, Ubuntu, Docker.
const foreign = /\.pgdg|nodesource|\+0~\d{8}|ubuntu\d|~(?:debian|ubuntu)\.\d+~[a-z]+$/;

/** The mark of a foreign archive in a version, or undefined: such a build is not the one Debian speaks of. */
export function foreignOrigin(version: string): string | undefined {
  return foreign.exec(version)?.[0];
}
