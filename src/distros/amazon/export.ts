import type { DistroExport } from '../../export/rows/distro-export.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { errataLines } from '../shared/export/errata-lines.ts';
import { errataTrivy } from '../shared/export/trivy-errata.ts';
import { amazonPages, osId } from './rule.ts';

const builds = { architectures: ['aarch64', 'i686', 'noarch', 'x86_64'], flavours: undefined };

/** Neither OSV nor Greenbone's notus has a name for it. */
export const amazonExport: DistroExport = {
  ids: [osId],
  trivy: errataTrivy({
    bucket: 'amazon linux',
    // Trivy calls the first release by its number.
    release: (version) => (version === '2018.03' ? '1' : version),
    source: {
      ID: 'amazon',
      Name: 'Amazon Linux security updates, compiled by scapfeed',
      URL: 'https://alas.aws.amazon.com/',
    },
    ...builds,
    causes: [['dpkg_order', 'Trivy compares versions of Amazon Linux in the order of dpkg.']],
    modules: 'Amazon Linux has no modules.',
    oneFix: ['architecture', 'Fixes differ by architecture: that of x86_64 is written.'],
    value: (builds) => {
      const { fixed, more } =
        builds.find(({ arch }) => arch === undefined || arch.includes('x86_64')) ?? builds[0]!;
      return { FixedVersion: fixed, ...more };
    },
  }),
  csaf: {
    name: 'amazon',
    vendor: 'Amazon',
    namespace: osId,
    pages: amazonPages,
    system: (platform, claim) => csafRelease(platform, claim, ['amazon', 'amazon_linux']),
  },
  releases: (platform, feed) => {
    const [major = '', minor] = platform.os.version!.split('.');
    return [
      {
        subject: 'binary',
        lines: () => errataLines(feed, platform, builds),
        grype: [{ name: 'amazonlinux', releaseId: osId, major, ...(minor === undefined ? {} : { minor }) }],
      },
    ];
  },
};
