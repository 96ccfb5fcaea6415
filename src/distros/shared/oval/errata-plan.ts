import type { RpmVendor } from '../rule/origin.ts';
import {
  epochCauses,
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
 * about sources, some of which may be without a fix. `withoutEpochs`: builds are named without their epochs.
 */
export function errataPlan(
  vendor: RpmVendor,
  releasePackage: string,
  { aboutSources = false, withoutEpochs = false } = {},
): RpmOvalPlan {
  const { rpm, manifest } = withoutEpochs
    ? epochCauses(vendor.system ?? vendor.name)
    : { rpm: [], manifest: [] };
  return {
    vendor,
    releasePackages: [releasePackage],
    ...(aboutSources ? {} : { fixesOnly: true }),
    causes: {
      rpm: [...(aboutSources ? sourceCauses : moduleCauses), ...rpm, ...signatureCauses, ...noDatabase],
      manifest: [
        ...(aboutSources ? manifestSourceCauses : manifestUnlabelled),
        ...manifest,
        ...manifestCauses,
      ],
    },
  };
}
