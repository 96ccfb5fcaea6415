import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { debBucket } from '../shared/export/trivy-deb.ts';
import { alpinePages } from './rule.ts';

const source = {
  ID: 'alpine',
  Name: 'Alpine security database, compiled by scapfeed',
  URL: 'https://secdb.alpinelinux.org',
};

/** Every layout looks up Alpine's packages by their sources, as its own database has them. */
export const alpineExport: DistroExport = {
  ids: ['alpine'],
  trivy: {
    buckets: (platforms, context) =>
      platforms.map((platform) =>
        debBucket(
          {
            name: `alpine ${releaseOf(platform)}`,
            platform: platform.id,
            source,
            lines: () => plainLines(context.feed, platform.id),
            causes: trivyCauses,
          },
          context,
        ),
      ),
  },
  csaf: {
    name: 'alpine',
    vendor: 'Alpine Linux',
    namespace: 'alpine',
    pages: alpinePages,
    system: (platform, claim) => csafRelease(platform, claim, ['alpinelinux', 'alpine_linux']),
  },
  releases: (platform, feed) => {
    const release = releaseOf(platform);
    const [major = '', minor] = release.split('.');
    const branch = minor === undefined ? release : `v${release}`;
    return [
      {
        subject: 'source',
        lines: () => plainLines(feed, platform.id),
        // OSV has no name for edge; Grype knows it by a label, and clients by the version of a snapshot.
        ...(minor === undefined
          ? {}
          : {
              osv: { ecosystem: `Alpine:${branch}`, prefix: 'ALPINE-' },
              grype: [{ name: 'alpine', releaseId: 'alpine', major, minor }],
            }),
        clair: {
          updater: `alpine-${branch}-updater`,
          places: [
            {
              distribution: {
                id: '',
                did: 'alpine',
                name: 'Alpine Linux',
                version: '',
                version_code_name: '',
                version_id: minor === undefined ? '' : release,
                arch: '',
                cpe: '',
                pretty_name: `Alpine Linux ${branch}`,
              },
            },
          ],
        },
      },
    ];
  },
};

/** `3.20`, `edge` */
function releaseOf({ id, os }: Pick<FeedPlatform, 'id' | 'os'>): string {
  return os.version ?? id;
}

const trivyCauses = [
  ['other_origin', 'Packages of other repositories are judged by the rows of the release.'],
  ['mixed_branches', 'An image with repositories of two branches is judged by the newer one in Trivy.'],
  ['unparsable_version', 'A version that does not follow the grammar of apk is compared all the same.'],
] as const;
