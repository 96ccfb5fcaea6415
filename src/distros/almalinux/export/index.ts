import type { DistroExport } from '../../../export/rows/distro-export.ts';
import { csafRelease } from '../../shared/export/csaf-release.ts';
import { errataLines } from '../../shared/export/errata-lines.ts';
import { almaLinuxPages } from '../rule/pages.ts';
import { almaArchitectures } from './architectures.ts';
import { almaLinuxTrivy } from './trivy.ts';

export const almaLinuxExport: DistroExport = {
  ids: ['almalinux'],
  trivy: almaLinuxTrivy,
  csaf: {
    name: 'almalinux',
    vendor: 'AlmaLinux',
    namespace: 'almalinux',
    pages: almaLinuxPages,
    system: (platform, claim) => csafRelease(platform, claim, ['almalinux', 'almalinux']),
  },
  releases: (platform, feed) => [
    {
      subject: 'binary',
      lines: () => errataLines(feed, platform, almaArchitectures),
      grype: [{ name: 'almalinux', releaseId: 'almalinux', major: platform.os.version! }],
      osv: { ecosystem: `AlmaLinux:${platform.os.version}` },
      notus: `AlmaLinux ${platform.os.version}`,
      notusArchitectures: almaArchitectures,
    },
  ],
};
