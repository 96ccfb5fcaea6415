import { escapePattern } from '../../../oval/forms/dpkg-patterns.ts';
import { manifestCauses, noDatabase, signatureCauses } from '../../shared/oval/rpm-causes.ts';
import type { RpmOvalPlan } from '../../shared/oval/rpm-patterns.ts';
import { rolling, type systemFacts } from '../rule/systems.ts';

export function planOf({ vendor, releasePackage }: (typeof systemFacts)['sles']): RpmOvalPlan {
  return {
    vendor,
    releasePackages: [releasePackage],
    // Tumbleweed's is the day of a snapshot.
    releaseVersion: (version) =>
      version === rolling ? String.raw`^\d{8}` : String.raw`^${escapePattern(version)}(?:\.|$)`,
    causes: {
      rpm: [
        [
          'bought_channel',
          'The definitions speak of the release itself: a system with LTSS, ESPOS or a product such as SLES for SAP is judged by it all the same.',
        ],
        ['unknown_binary', 'A binary of a source that no document names is not looked for.'],
        [
          'unstated_epoch',
          'SUSE names builds without their epochs: a package that has one is compared as if its fix had none.',
        ],
        ...signatureCauses,
        ...noDatabase,
      ],
      manifest: [
        [
          'manifest_channel',
          'The definitions speak of the release itself: a system with LTSS, ESPOS or a product such as SLES for SAP is judged by it all the same.',
        ],
        [
          'manifest_unstated_epoch',
          'SUSE names builds without their epochs: a package that has one is compared as if its fix had none.',
        ],
        ...manifestCauses,
      ],
    },
  };
}
