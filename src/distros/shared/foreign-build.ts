import type { InstalledPackage } from '../../model/index.ts';

/** Names by which Root.io and Seal rename packages of a distribution that they have patched. */
const renamed = /^(?:rootio|seal)-/;

/** Docker's packages for Debian and Ubuntu: `~debian.12~bookworm`, until 2023 `~debian-bookworm`, until 2018 `-0~debian`. */
const dockers = /(?:-0~(?:debian|ubuntu)|~(?:debian|ubuntu)[.-][\d.]*~?[a-z]+)$/;

/**
 * Returns what shows that a package is a build of another archive or vendor, or undefined. `marks`: what the versions of such builds
 * carry. No order of versions shows what they fix: most sort above the distribution's fix whether they have it or not.
 */
export function foreignBuild({ name, version, source }: InstalledPackage, marks: RegExp): string | undefined {
  const prefix = renamed.exec(name) ?? renamed.exec(source.name);
  if (prefix) return `name begins with ${prefix[0]}`;
  const mark = dockers.exec(version) ?? marks.exec(source.version) ?? marks.exec(version);
  return mark ? `version carries ${mark[0]}` : undefined;
}
