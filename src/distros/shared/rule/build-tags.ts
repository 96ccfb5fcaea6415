// Facts about builds in versions of rpms. The runtime and OVAL share the patterns, so that both read them in the same way.

/** Start of the mark of a module build in a release (`1.module+el8.9.0+21392+a91c8c4f`), before the major. */
export const moduleMark = String.raw`\.module[+_][a-z]+`;

/** The dist tag of a build for one minor (`.el9_4`, `.el8_10.1`), up to the minor. `.module+el8.10.0+…` is not one. */
export function minorTag(major: string): string {
  return `[.+]a?el${major}[ab]?_`;
}

const inModule = new RegExp(String.raw`${moduleMark}\d`);
const numbered = new RegExp(String.raw`${moduleMark}\d[^+]*\+(\d+)\+`);
const ofMinor = new RegExp(String.raw`${minorTag(String.raw`(\d+)`)}(\d+)(?!\d)`);

export function isModuleBuild(evr: string): boolean {
  return inModule.test(evr);
}

/** The number of a module build: the same in all of its packages, and in no package of another module. */
export function moduleBuild(evr: string): string | undefined {
  return numbered.exec(evr)?.[1];
}

/** Minor of the dist tag, if it is of this major. */
export function tagMinor(version: string, major: number): number | undefined {
  const tag = ofMinor.exec(version.slice(version.lastIndexOf('-') + 1));
  return tag && Number(tag[1]) === major ? Number(tag[2]) : undefined;
}

/** MODULARITYLABEL `name:stream:8100020240814102525:489197e6`: major, two digits of minor, two of patch, time. */
export function labelMinor(label: string | undefined, major: number): number | undefined {
  const version = /^[^:]+:[^:]+:(\d+):/.exec(label ?? '')?.[1];
  const parts = version === undefined ? null : /^(\d)(\d{2})\d{2}\d{14}$/.exec(version);
  return parts && Number(parts[1]) === major ? Number(parts[2]) : undefined;
}
