import { readText } from '../../files/text.ts';
import { type FileView, type OsRelease, type PackageUrl, qualifier } from '../../model/inventory/index.ts';
import type { ReleaseReader, SbomEvidence } from '../contract.ts';
import { rebuilds } from '../rebuilds.ts';

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

/** A major release with its minor, as far as they are known. */
interface FoundRelease {
  major: string;
  minor?: string;
}

/**
 * The release of RHEL by what Red Hat's own SBOMs say in place of a system: CPEs of products, then the repositories of the
 * packages, then the dist tags of their builds. Each must agree on one major; the minor is used if they agree on that too.
 */
function ofPackages({ purls, cpes }: SbomEvidence): Pick<OsRelease, 'versionId' | 'found'> | undefined {
  const own = purls.filter(({ type, namespace }) => type === 'rpm' && namespace === 'redhat');
  return (
    agreed(cpes.flatMap(ofCpe), 'CPEs') ??
    agreed(own.flatMap(ofRepository), 'repositories of the packages') ??
    agreed(own.flatMap(ofDistTag), 'dist tags of the packages')
  );
}

function agreed(
  releases: readonly FoundRelease[],
  found: string,
): Pick<OsRelease, 'versionId' | 'found'> | undefined {
  const majors = new Set(releases.map(({ major }) => major));
  const [major] = majors;
  if (majors.size !== 1 || major === undefined) return undefined;
  const minors = new Set(releases.map(({ minor }) => minor));
  const [minor] = minors;
  return { versionId: minors.size === 1 && minor !== undefined ? `${major}.${minor}` : major, found };
}

/** `cpe:/o:redhat:enterprise_linux:9::baseos`, `cpe:/a:redhat:rhel_eus:9.4::crb`. */
function ofCpe(cpe: string): FoundRelease[] {
  const [, major, minor] =
    /^cpe:(?:\/|2\.3:)[ao]:redhat:(?:enterprise_linux|rhel_[a-z0-9]+):(\d+)(?:\.(\d+))?(?:[:_]|$)/.exec(
      cpe,
    ) ?? [];
  return foundRelease(major, minor);
}

/** `rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_4`. */
function ofRepository(purl: PackageUrl): FoundRelease[] {
  const id = qualifier(purl, 'repository_id') ?? '';
  const [, major, minor] = /^(?:rhel|ubi)-(\d+)-.*?(?:__\d+_DOT_(\d+))?$/.exec(id) ?? [];
  return foundRelease(major, minor);
}

/** `1.1.1k-7.el8_6`: a build for 8.6 may be installed on later minors, so the tag gives the major only. */
function ofDistTag({ version = '' }: PackageUrl): FoundRelease[] {
  return foundRelease(/\bel(\d+)(?=[._]|$)/.exec(version)?.[1], undefined);
}

function foundRelease(major: string | undefined, minor: string | undefined): FoundRelease[] {
  return major === undefined ? [] : [minor === undefined ? { major } : { major, minor }];
}
