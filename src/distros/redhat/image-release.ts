import { readText } from '../../files/text.ts';
import type { FileView, OsRelease } from '../../model/index.ts';
import type { ReleaseReader } from '../contract.ts';
import { rebuilds } from '../rebuilds.ts';
import { ofPackages } from './image-sbom.ts';

/** Derivatives have a redhat-release too, some with their parent's text: their own file is read first. */
const releasePaths = [
  ...rebuilds.map(({ id }) => `/etc/${id}-release`),
  '/etc/centos-release',
  '/etc/fedora-release',
  '/etc/redhat-release',
  '/etc/system-release',
];

export const redHatRelease: ReleaseReader = {
  files: releasePaths.map((path) => ({ path, parse: parseRedHatRelease })),
  ofPackages,
  detail,
};

/** Reads the minor, which os-release of CentOS and of UBI for RHEL 7 leaves out; also for derivatives of RHEL. */
function detail(files: FileView, os: OsRelease): Partial<OsRelease> | undefined {
  for (const path of releasePaths) {
    const own = parseRedHatRelease(readText(files, path) ?? '');
    if (own?.id === os.id) return { versionId: own.versionId, pointRelease: own.pointRelease };
  }
  return undefined;
}

/** `NAME release VERSION (CODENAME)`, as in releases of Red Hat and its derivatives. */
function parseRedHatRelease(
  text: string,
): (Omit<OsRelease, 'found'> & { pointRelease: string; versionId: string }) | undefined {
  const line = text.trim().split('\n')[0]!.trim();
  const match = /^(?<name>.+?) release (?<version>\d+(?:\.\d+)*)/.exec(line);
  if (!match) return undefined;
  const { name, version } = match.groups as { name: string; version: string };
  const id =
    family.find(([start]) => name.startsWith(start))?.[1] ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  // CentOS and Fedora put only the major number into VERSION_ID.
  const versionId = id === 'centos' ? version.split('.')[0]! : version;
  return { id, versionId, prettyName: line, pointRelease: version };
}

const family: readonly (readonly [string, string])[] = [
  ['Red Hat Enterprise Linux', 'rhel'],
  ['CentOS', 'centos'],
  ...rebuilds.map(({ name, os }) => [name, os] as const),
  ['Fedora', 'fedora'],
  ['Scientific Linux', 'scientific'],
  ['Amazon Linux', 'amzn'],
];
