/** The update channel of a build. */
export type UbuntuBuild = 'base' | 'esm' | 'fips';

/** Marks in versions of ESM and FIPS builds, the latter in any case; patterns for the runtime and OVAL. */
export const marks = { esm: String.raw`[+~]esm\d`, fips: 'fips' };

const esm = new RegExp(marks.esm);
const fips = new RegExp(marks.fips, 'i');

/**
 * By the version alone: ESM builds have `~esmN` or `+esmN`, FIPS builds `fips` in any case. ESM's infra, apps and legacy
 * cannot be told apart, nor can fips, fips-updates and fips-preview.
 */
export function ubuntuBuild(version: string): UbuntuBuild {
  if (esm.test(version)) return 'esm';
  return fips.test(version) ? 'fips' : 'base';
}

// Marks of other archives: PPAs, apt.postgresql.org, nodesource, deb.sury.org, Docker, nginx.org. Ubuntu
// itself appends release numbers (`~22.04.1`, `ubuntu0.18.04.1`), not codenames at the end.
const foreign =
  /(?<![a-z])ppa(?![a-z])\d*|\.pgdg|nodesource|\+deb\.sury\.org|~ubuntu[.-][\d.]*~?[a-z]+$|[~+](?:trusty|xenial|bionic|focal|jammy|noble|resolute)\d*$/;

/** Returns the mark of a foreign archive in a version, or undefined. Ubuntu's statements are not about such builds. */
export function ubuntuForeignOrigin(version: string): string | undefined {
  return foreign.exec(version)?.[0];
}
