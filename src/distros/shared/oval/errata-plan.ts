import type { RpmVendor } from '../rule/origin.ts';
import {
  manifestCauses,
  manifestUnlabelled,
  moduleCauses,
  noDatabase,
  signatureCauses,
} from './rpm-causes.ts';
import type { RpmOvalPlan } from './rpm-patterns.ts';

/** OVAL by errata of a rebuild of RHEL, which has one release package and says nothing of flaws without a fix. */
export function errataPlan(vendor: RpmVendor, releasePackage: string): RpmOvalPlan {
  return {
    vendor,
    releasePackages: [releasePackage],
    fixesOnly: true,
    causes: {
      rpm: [...moduleCauses, ...signatureCauses, ...noDatabase],
      manifest: [...manifestUnlabelled, ...manifestCauses],
    },
  };
}
