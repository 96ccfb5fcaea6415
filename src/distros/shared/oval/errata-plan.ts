import type { RpmVendor } from '../rule/origin.ts';
import {
  manifestCauses,
  manifestSourceCauses,
  manifestUnlabelled,
  moduleCauses,
  noDatabase,
  signatureCauses,
  sourceCauses,
} from './rpm-causes.ts';
import type { RpmOvalPlan } from './rpm-patterns.ts';

/**
 * OVAL by errata of a vendor that has one release package and says nothing of flaws without a fix. `aboutSources`: by statements
 * about sources, some of which may be without a fix.
 */
export function errataPlan(vendor: RpmVendor, releasePackage: string, aboutSources = false): RpmOvalPlan {
  return {
    vendor,
    releasePackages: [releasePackage],
    ...(aboutSources ? {} : { fixesOnly: true }),
    causes: {
      rpm: [...(aboutSources ? sourceCauses : moduleCauses), ...signatureCauses, ...noDatabase],
      manifest: [...(aboutSources ? manifestSourceCauses : manifestUnlabelled), ...manifestCauses],
    },
  };
}
