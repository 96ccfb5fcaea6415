import { optional } from '../files/optional.ts';
import { parseAssignments } from '../files/shell-assignments.ts';
import { readText } from '../files/text.ts';
import type { FileView, OsRelease } from '../model/index.ts';

export const debianVersion = '/etc/debian_version';

/** Derivatives keep a redhat-release too, some with their parent's text: their own file is asked first. */
export const redHatReleasePaths = [
  '/etc/oracle-release',
  '/etc/rocky-release',
  '/etc/almalinux-release',
  '/etc/centos-release',
  '/etc/fedora-release',
  '/etc/redhat-release',
  '/etc/system-release',
] as const;

interface ReleaseFile {
  path: string;
  parse(text: string): Omit<OsRelease, 'found'> | undefined;
}

/** The files from before os-release, the most telling first: debian_version is also in every derivative. */
const releaseFiles: readonly ReleaseFile[] = [
  { path: '/etc/lsb-release', parse: parseLsbRelease },
  { path: '/etc/devuan_version', parse: (text) => versionOnly('devuan', text) },
  ...redHatReleasePaths.map((path) => ({ path, parse: parseRedHatRelease })),
  { path: '/etc/alpine-release', parse: (text) => versionOnly('alpine', text) },
  { path: '/etc/SuSE-release', parse: parseSuseRelease },
  { path: '/etc/gentoo-release', parse: (text) => versionOnly('gentoo', text) },
  { path: '/etc/slackware-version', parse: (text) => versionOnly('slackware', text) },
  { path: '/etc/arch-release', parse: () => ({ id: 'arch' }) },
  { path: debianVersion, parse: parseDebianVersion },
];

export const releaseFilePaths: readonly string[] = releaseFiles.map(({ path }) => path);

/** The release by the first of the older files that tells; undefined: none does. */
export function readReleaseFile(files: FileView): OsRelease | undefined {
  for (const { path, parse } of releaseFiles) {
    const text = readText(files, path);
    const os = text === undefined ? undefined : parse(text);
    if (os) return { ...os, found: path };
  }
  return undefined;
}

/** `12.5`, or `forky/sid`: the number of a stable release or the name of the one in the making. */
export function parseDebianVersion(
  text: string,
): { id: string; versionId?: string; codename?: string; pointRelease?: string } | undefined {
  const version = text.trim();
  const number = /^(\d+)(\.\d+)*$/.exec(version);
  if (number) return { id: 'debian', versionId: number[1]!, pointRelease: version };
  const unreleased = /^([a-z]+)\/sid$/.exec(version);
  if (unreleased) return { id: 'debian', codename: unreleased[1]! };
  return version.startsWith('kali') ? { id: 'kali' } : undefined;
}

/** `NAME release VERSION (CODENAME)` of Red Hat and all who build on it. */
export function parseRedHatRelease(
  text: string,
): (Omit<OsRelease, 'found'> & { pointRelease: string; versionId: string }) | undefined {
  const line = text.trim().split('\n')[0]!.trim();
  const match = /^(?<name>.+?) release (?<version>\d+(?:\.\d+)*)/.exec(line);
  if (!match) return undefined;
  const { name, version } = match.groups as { name: string; version: string };
  const id =
    redHatFamily.find(([start]) => name.startsWith(start))?.[1] ??
    name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  // CentOS and Fedora put only the major number into VERSION_ID.
  const versionId = id === 'centos' ? version.split('.')[0]! : version;
  return { id, versionId, prettyName: line, pointRelease: version };
}

const redHatFamily: readonly (readonly [string, string])[] = [
  ['Red Hat Enterprise Linux', 'rhel'],
  ['CentOS', 'centos'],
  ['Rocky Linux', 'rocky'],
  ['AlmaLinux', 'almalinux'],
  ['Oracle Linux', 'ol'],
  ['Fedora', 'fedora'],
  ['Scientific Linux', 'scientific'],
  ['Amazon Linux', 'amzn'],
];

function parseLsbRelease(text: string): Omit<OsRelease, 'found'> | undefined {
  const fields = parseAssignments(text);
  const id = fields.get('DISTRIB_ID')?.toLowerCase();
  if (!id) return undefined;
  const description = fields.get('DISTRIB_DESCRIPTION');
  const pointRelease = description === undefined ? undefined : /\d+\.\d+\.\d+/.exec(description)?.[0];
  return {
    id,
    ...optional('versionId', fields.get('DISTRIB_RELEASE')),
    ...optional('codename', fields.get('DISTRIB_CODENAME')),
    ...optional('prettyName', description),
    ...optional('pointRelease', pointRelease),
  };
}

/** SUSE before 12: a name on the first line, then `VERSION = 11` and `PATCHLEVEL = 4`. */
function parseSuseRelease(text: string): Omit<OsRelease, 'found'> | undefined {
  const prettyName = text.split('\n')[0]!.trim();
  const version = /^VERSION = (\S+)/m.exec(text)?.[1];
  if (version === undefined) return undefined;
  const patch = /^PATCHLEVEL = ([1-9]\d*)/m.exec(text)?.[1];
  const id = prettyName.startsWith('openSUSE') ? 'opensuse' : 'sles';
  return { id, versionId: patch === undefined ? version : `${version}.${patch}`, prettyName };
}

function versionOnly(id: string, text: string): Omit<OsRelease, 'found'> {
  return { id, ...optional('versionId', /\d[\w.]*/.exec(text)?.[0]) };
}
