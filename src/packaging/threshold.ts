import type { Platform } from '../model/index.ts';
import { parseAlpmVersion } from './alpm/version.ts';
import { parseApkVersion } from './apk/version.ts';
import { parseDpkgVersion } from './deb/version.ts';
import { parseEbuildVersion } from './ebuild/version.ts';
import { parseRpmEvr } from './rpm/version.ts';

/**
 * Whether installed packages can be compared with a fixed version. The runtime relies on this check and does not validate again:
 * of an EVR without a release it would cut off the last digit. Tags of containers (`oci:NAME`) may be digests; callers that
 * compare them must check each time.
 */
export function isThreshold(packaging: Platform['packaging'], name: string, version: string): boolean {
  if (name.startsWith('oci:')) return version !== '';
  if (packaging === 'alpm') return parseAlpmVersion(version) !== undefined;
  if (packaging === 'apk') return parseApkVersion(version) !== undefined;
  if (packaging === 'deb') return parseDpkgVersion(version) !== undefined;
  if (packaging === 'ebuild') return parseEbuildVersion(version) !== undefined;
  // The affected versions of an ecosystem's packages are ranges.
  if (packaging !== 'rpm') return false;
  return parseRpmEvr(version)?.release !== undefined;
}
