import type { InstalledPackage } from '../../model/inventory/index.ts';

/** Names by which Root.io and Seal rename packages of a distribution that they have patched. */
const renamed = /^(?:rootio|seal)-/;

/** Docker's package of which no version carries a mark (`1.6.24-1`), and no distribution has the name. */
const containerd = 'containerd.io';

/** Docker's packages for Debian and Ubuntu: `~debian.12~bookworm`, until 2023 `~debian-bookworm`, until 2018 `-0~debian`. */
const dockers = /(?:-0~(?:debian|ubuntu)|~(?:debian|ubuntu)[.-][\d.]*~?[a-z]+)$/;

/** Archives that build for several distributions: apt.postgresql.org, nodesource, PPAs, mariadb.org, Linux Mint, Root.io. */
const archives = /\.pgdg|nodesource|(?<![a-z])ppa(?![a-z])\d*|\+maria~|linuxmint\d|\.root\.io\.\d+/;

/**
 * Returns what shows that a package is a build of another archive or vendor, or undefined. `marks`: what the versions of more such builds
 * carry. No order of versions shows what they fix: most sort above the distribution's fix whether they have it or not.
 */
export function foreignBuild({ name, version, source }: InstalledPackage, marks: RegExp): string | undefined {
  const prefix = renamed.exec(name) ?? renamed.exec(source.name);
  if (prefix) return `name begins with ${prefix[0]}`;
  if (name === containerd || source.name === containerd) return `${containerd} is Docker's package`;
  const mark =
    dockers.exec(version) ??
    archives.exec(source.version) ??
    archives.exec(version) ??
    marks.exec(source.version) ??
    marks.exec(version);
  return mark ? `version carries ${mark[0]}` : undefined;
}
