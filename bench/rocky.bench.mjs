// Rocky Linux at full size: three releases, from 80 pages of its API.

import { errataVendorBench } from './errata-vendor.mjs';
import { generateRocky } from './generate-rocky.mjs';

export const run = errataVendorBench({
  source: 'rocky',
  versionId: '9.6',
  platform: 'rocky-9',
  major: 9,
  generate: generateRocky,
  documents: 'advisories',
  reference: {
    path: 'apollo.build.resf.org/api/v3/advisories/?size=100&page=1',
    what: 'JSON.parse of one page',
  },
  maker: { vendor: 'Rocky Enterprise Software Foundation', keyid: '702d426d350d275d' },
});
