// AlmaLinux at full size: three releases, from errata of some 200 MB.

import { errataVendorBench } from './errata-vendor.mjs';
import { generateAlma } from './generate-alma.mjs';

export const run = errataVendorBench({
  source: 'almalinux',
  versionId: '8.10',
  platform: 'almalinux-8',
  major: 8,
  generate: generateAlma,
  documents: 'errata',
  reference: {
    path: 'errata.almalinux.org/8/errata.full.json',
    what: 'JSON.parse of the errata of 8',
  },
  maker: { vendor: 'AlmaLinux', keyid: '51d6647ec21ad6ea' },
});
