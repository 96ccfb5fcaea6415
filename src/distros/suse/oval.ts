import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import { escapePattern } from '../../oval/forms/dpkg-patterns.ts';
import { epochCauses, manifestCauses, noDatabase, signatureCauses } from '../shared/oval/rpm-causes.ts';
import { rpmForms } from '../shared/oval/rpm-forms.ts';
import type { RpmOvalPlan } from '../shared/oval/rpm-patterns.ts';
import { susePages } from './rule.ts';
import { rolling, type SuseSystem, suseCpe, suseSystems, systemFacts } from './rule-systems.ts';

export const suseOvals: readonly DistroOval[] = suseSystems.map((system) => ({
  id: system,
  forms: (context) => rpmForms(context, planOf(systemFacts[system])),
  cpe: ({ os: { version = '' } }) => suseCpe(system, version),
  otherCpes: ({ os: { version = '' } }) => guideCpes(system, version),
  pages: susePages,
}));

/** The SCAP Security Guide has one benchmark for all service packs, under the product's earlier name. */
function guideCpes(system: SuseSystem, version: string): string[] {
  const major = Number(version.split('.')[0]);
  return system === 'sles' && major < 16 ? [`cpe:/o:suse:linux_enterprise_server:${major}`] : [];
}

const epochs = epochCauses('SUSE');

function planOf({ vendor, releasePackage }: (typeof systemFacts)['sles']): RpmOvalPlan {
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
        ...epochs.rpm,
        ...signatureCauses,
        ...noDatabase,
      ],
      manifest: [
        [
          'manifest_channel',
          'The definitions speak of the release itself: a system with LTSS, ESPOS or a product such as SLES for SAP is judged by it all the same.',
        ],
        ...epochs.manifest,
        ...manifestCauses,
      ],
    },
  };
}
