import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { RollingVendor } from '../rolling.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { plainTrivy } from '../shared/export/trivy-plain.ts';
import { rollingPages } from './rule.ts';

/** Trivy, where it knows the vendor, and CSAF: no other layout has been compared with what its scanner says of these systems. */
export function rollingExport(vendor: RollingVendor): DistroExport {
  const { id: os, also = [], cpe, publisher } = vendor;
  return {
    ids: [os, ...also],
    trivy: plainTrivy(vendor, { causes: trivyCauses }),
    csaf: {
      name: os,
      vendor: publisher,
      namespace: os,
      pages: rollingPages,
      // No version: a release of such a vendor is one package's.
      system: (platform) => ({ id: platform.id, name: platform.name, cpe: `cpe:/o:${cpe.join(':')}` }),
    },
    releases: ({ id }, feed) => [{ subject: 'source', lines: () => plainLines(feed, id) }],
  };
}

const trivyCauses = [
  ['unparsable_version', 'A version that does not follow the grammar of apk is compared all the same.'],
] as const;
