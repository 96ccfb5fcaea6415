import {
  manifestCauses,
  manifestUnlabelled,
  moduleCauses,
  noDatabase,
  signatureCauses,
} from '../../shared/oval/rpm-causes.ts';
import type { RpmOvalPlan } from '../../shared/oval/rpm-patterns.ts';
import { almaLinux } from '../rule/vendor.ts';

export const almaLinuxPlan: RpmOvalPlan = {
  vendor: almaLinux,
  releasePackages: ['almalinux-release'],
  fixesOnly: true,
  causes: {
    rpm: [...moduleCauses, ...signatureCauses, ...noDatabase],
    manifest: [...manifestUnlabelled, ...manifestCauses],
  },
};
