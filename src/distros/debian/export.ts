import { clairDistribution, type DistroExport, type ReleaseExport } from '../../export/rows/distro-export.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { debBucket } from '../shared/export/trivy-deb.ts';
import { debianPages } from './rule.ts';

const source = {
  ID: 'debian',
  Name: 'Debian Security Tracker, compiled by scapfeed',
  URL: 'https://security-tracker.debian.org',
};

export const debianExport: DistroExport = {
  ids: ['debian'],
  grypeAliases: ['raspbian'],
  trivy: {
    buckets: (platforms, context) =>
      platforms.flatMap(({ id, os }) => {
        if (os.version === undefined) {
          context.inexact.without(id, 'Trivy knows a release of Debian by its number, and this one has none');
          return [];
        }
        const lines = () => plainLines(context.feed, id);
        return [
          debBucket(
            { name: `debian ${os.version}`, platform: id, source, lines, rowSeverity: true },
            context,
          ),
        ];
      }),
  },
  csaf: {
    name: 'debian',
    vendor: 'Debian',
    namespace: 'debian',
    pages: debianPages,
    system: (platform, claim) => csafRelease(platform, claim, ['debian', 'debian_linux']),
  },
  releases: (platform, feed) => {
    const { id, os } = platform;
    return [
      {
        subject: 'source',
        lines: () => plainLines(feed, id),
        ...(os.version === undefined ? {} : { notus: `Debian ${os.version}` }),
        ...(os.version === undefined
          ? {}
          : { osv: { ecosystem: `Debian:${os.version}`, prefix: 'DEBIAN-' } }),
        ...clairOf(os),
        debsecan: os.codename ?? id,
        ...(os.version === undefined
          ? {}
          : {
              grype: [
                {
                  name: 'debian',
                  releaseId: 'debian',
                  major: os.version,
                  ...(os.codename === undefined ? {} : { codename: os.codename }),
                },
              ],
            }),
      },
    ];
  },
};

function clairOf({ version, codename }: FeedPlatform['os']): Pick<ReleaseExport, 'clair'> {
  if (version === undefined || codename === undefined) return {};
  const place = clairDistribution('debian', 'Debian GNU/Linux', [
    version,
    codename,
    `${version} (${codename})`,
  ]);
  return { clair: { updater: `debian/updater/${codename}`, places: [place] } };
}
