import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import {
  lineCauses,
  manifestCauses,
  manifestLineCauses,
  noDatabase,
  signatureCauses,
} from '../shared/oval/rpm-causes.ts';
import { rpmForms } from '../shared/oval/rpm-forms.ts';
import type { RpmOvalPlan } from '../shared/oval/rpm-patterns.ts';
import { amazon, amazonPages, osId } from './rule.ts';

const plan: RpmOvalPlan = {
  vendor: amazon,
  releasePackages: ['system-release'],
  fixesOnly: true,
  // All releases of the first Amazon Linux update to the last.
  releaseVersion: (version) =>
    version === '2018.03' ? String.raw`^201[1-8]\.\d` : String.raw`^${version}(?:\.|$)`,
  causes: {
    rpm: [...lineCauses, ...signatureCauses, ...noDatabase],
    manifest: [...manifestLineCauses, ...manifestCauses],
  },
};

export const amazonOval: DistroOval = {
  id: osId,
  forms: (context) => rpmForms(context, plan),
  cpe: ({ os: { version } }) => `cpe:/o:amazon:amazon_linux:${version}`,
  pages: amazonPages,
};
