import { optional, readText } from '../../files/text.ts';
import type { FileView, OsRelease } from '../../model/inventory/index.ts';
import type { ImageReader } from '../contract.ts';

const debianVersion = '/etc/debian_version';

export const debianImage: ImageReader = {
  id: 'debian',
  release: {
    files: [{ path: debianVersion, inDerivatives: true, parse: parseDebianVersion }],
    // Debian 7 to 8 and old distroless: `8 (jessie)`.
    ofVersion: (version) => optional('codename', /\(([a-z]+)\)$/.exec(version)?.[1]),
    ofNumber: (number) => {
      const { id: _, ...parts } = parseDebianVersion(number) ?? {};
      return parts;
    },
    // Debian's OVAL. The file has a point release (12.5), which most SBOMs do not state, and the group does not match.
    questions: [
      {
        filepath: debianVersion,
        pattern: '(\\d+)\\.\\d',
        answer: ({ versionId }) => /^\d+$/.exec(versionId ?? '')?.[0],
      },
    ],
    detail,
  },
};

/** Reads the point release, and the version if os-release leaves it out. */
function detail(files: FileView, os: OsRelease): Partial<OsRelease> | undefined {
  if (os.id !== 'debian') return undefined;
  const own = parseDebianVersion(readText(files, debianVersion) ?? '');
  if (own?.id !== 'debian') return undefined;
  if (os.versionId !== undefined && os.versionId !== own.versionId) return undefined;
  return {
    ...optional('versionId', own.versionId),
    ...optional('codename', own.codename),
    ...optional('pointRelease', own.pointRelease),
  };
}

/** `12.5`, or `forky/sid`: the number of a stable release, or the name of the next one. */
function parseDebianVersion(
  text: string,
): { id: string; versionId?: string; codename?: string; pointRelease?: string } | undefined {
  const version = text.trim();
  const number = /^(\d+)(\.\d+)*$/.exec(version);
  if (number) return { id: 'debian', versionId: number[1]!, pointRelease: version };
  const unreleased = /^([a-z]+)\/sid$/.exec(version);
  if (unreleased) return { id: 'debian', codename: unreleased[1]! };
  return version.startsWith('kali') ? { id: 'kali' } : undefined;
}
