// Debian Policy 5.6.12; the underscore is not in it but has been seen in the archive.
const dpkgVersion = /^(?:(\d+):)?[0-9A-Za-z][0-9A-Za-z.+~_:-]*$/;

/**
 * A fixed version as an OVAL limit, always with its epoch, because evaluators differ on a missing one. Undefined if it is not
 * a dpkg version, or if no version is below it, because such a test would never be true.
 */
export function dpkgLimit(fixed: string): string | undefined {
  if (!dpkgVersion.test(fixed) || /^(0+:)?0*$/.test(fixed)) return undefined;
  return fixed.includes(':') ? fixed : `0:${fixed}`;
}

const rpmVersion = /^(?:\d+:)?[0-9A-Za-z._+~^]+(?:-[0-9A-Za-z._+~^]+)?$/;

/** The same for an rpm's epoch:version-release. */
export function rpmLimit(fixed: string): string | undefined {
  if (!rpmVersion.test(fixed)) return undefined;
  return fixed.includes(':') ? fixed : `0:${fixed}`;
}
