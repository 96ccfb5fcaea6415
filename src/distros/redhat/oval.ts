import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import {
  manifestCauses,
  manifestSourceCauses,
  manifestUnlabelled,
  moduleCauses,
  noDatabase,
  signatureCauses,
  sourceCauses,
} from '../shared/oval/rpm-causes.ts';
import { rpmForms } from '../shared/oval/rpm-forms.ts';
import type { RpmOvalPlan } from '../shared/oval/rpm-patterns.ts';
import { redHatPages } from './rule.ts';
import { hardened, redHat } from './rule-context.ts';
import { hardenedProduct, hardenedVersion } from './rule-streams.ts';

const redHatPlan: RpmOvalPlan = {
  vendor: redHat,
  releasePackages: [
    'redhat-release',
    'redhat-release-client',
    'redhat-release-computenode',
    'redhat-release-server',
    'redhat-release-workstation',
  ],
  causes: {
    rpm: [
      [
        'extended_channel',
        'The definitions speak of the main channel: a system on EUS, AUS, TUS, E4S or ELS is judged by it all the same.',
      ],
      ['layered_product', 'Rows of layered products stand in no OVAL file.'],
      ...sourceCauses,
      ...moduleCauses,
      [
        'image_minor',
        'The minor of the system is that of its release package; without one no build without a minor of its own is judged.',
      ],
      ...signatureCauses,
      ['rebuild', 'Rebuilds of RHEL have another release package: every definition is false there.'],
      ...noDatabase,
    ],
    manifest: [
      [
        'manifest_channel',
        'The definitions speak of the main channel: a system on EUS, AUS, TUS, E4S or ELS is judged by it all the same.',
      ],
      ['manifest_layered_product', 'Rows of layered products stand in no OVAL file.'],
      ...manifestUnlabelled,
      ...manifestSourceCauses,
      ...manifestCauses,
    ],
  },
};

export const redHatOval: DistroOval = {
  id: 'rhel',
  without: {
    'redhat-layered': 'layered products are chosen by CPEs, which no test of packages sees',
  },
  forms: (context) => rpmForms(context, redHatPlan),
  cpe: ({ os: { version } }) =>
    version === undefined ? undefined : `cpe:/o:redhat:enterprise_linux:${version}`,
  pages: redHatPages,
};

/** Its version may be that of the product or the day of a snapshot: there is one platform for all. */
const hardenedPlan: RpmOvalPlan = {
  vendor: hardened,
  releasePackages: ['hummingbird-release'],
  releaseVersion: () => '^',
  causes: {
    rpm: [
      ...sourceCauses,
      [
        'other_build',
        'Builds of other systems are judged all the same, if they are not signed by a key of others.',
      ],
      ...signatureCauses,
      ...noDatabase,
    ],
    manifest: [
      ['manifest_other_build', 'Builds of other systems are judged all the same.'],
      ...manifestSourceCauses,
      ...manifestCauses,
    ],
  },
};

export const hardenedOval: DistroOval = {
  id: hardenedProduct,
  forms: (context) => rpmForms(context, hardenedPlan),
  cpe: () => `cpe:/a:redhat:${hardenedProduct}:${hardenedVersion}`,
  pages: redHatPages,
};
