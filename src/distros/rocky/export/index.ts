import type { DistroExport } from '../../../export/rows/distro-export.ts';
import { csafRelease } from '../../shared/export/csaf-release.ts';
import { errataLines } from '../../shared/export/errata-lines.ts';
import { rockyPages } from '../rule/pages.ts';
import { rockyArchitectures } from './architectures.ts';
import { rockyTrivy } from './trivy.ts';

export const rockyExport: DistroExport = {
  ids: ['rocky'],
  trivy: rockyTrivy,
  csaf: {
    name: 'rocky',
    vendor: 'Rocky Enterprise Software Foundation',
    namespace: 'rocky',
    pages: rockyPages,
    system: (platform, claim) => csafRelease(platform, claim, ['rocky', 'rocky']),
  },
  releases: (platform, feed) => [
    {
      subject: 'binary',
      lines: () => errataLines(feed, platform, rockyArchitectures),
      grype: [{ name: 'rockylinux', releaseId: 'rocky', major: platform.os.version! }],
      osv: { ecosystem: `Rocky Linux:${platform.os.version}` },
      notus: `Rocky Linux ${platform.os.version}`,
      notusArchitectures: rockyArchitectures,
    },
  ],
};
