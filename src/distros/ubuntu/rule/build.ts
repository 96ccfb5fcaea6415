/** Which of Ubuntu's update channels made a build. */
export type UbuntuBuild = 'base' | 'esm' | 'fips';

/** What versions of ESM and FIPS builds carry, the latter in any case; patterns for the runtime and OVAL. */
export const marks = { esm: String.raw`[+~]esm\d`, fips: 'fips' };

const esm = new RegExp(marks.esm);
const fips = new RegExp(marks.fips, 'i');

/**
 * Told by the version alone: ESM builds carry `~esmN` or `+esmN`, FIPS builds `fips` in any case. ESM's infra, apps
 * and legacy cannot be told apart, nor can fips, fips-updates and fips-preview.
 */
export function ubuntuBuild(version: string): UbuntuBuild {
  if (esm.test(version)) return 'esm';
  return fips.test(version) ? 'fips' : 'base';
}

// Marks of archives beside Ubuntu's own: PPAs, apt.postgresql.org, nodesource, deb.sury.org, Docker, nginx.org. Ubuntu
// itself appends release numbers (`~22.04.1`, `ubuntu0.18.04.1`), not codenames at the end.
const foreign =
  /(?<![a-z])ppa(?![a-z])\d*|\.pgdg|nodesource|\+deb\.sury\.org|~ubuntu[.-][\d.]*~?[a-z]+$|[~+](?:trusty|xenial|bionic|focal|jammy|noble|resolute)\d*$/;

/** The mark of a foreign archive in a version, or undefined: such a build is not the one Ubuntu speaks of. */
export function ubuntuForeignOrigin(version: string): string | undefined {
  return foreign.exec(version)?.[0];
}
