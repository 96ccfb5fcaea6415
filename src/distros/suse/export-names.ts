import {
  type ClairNames,
  clairDistribution,
  type GrypeSystem,
  type OsvNames,
} from '../../export/rows/distro-export.ts';
import type { FeedPlatform } from '../../model/index.ts';
import type { SuseSystem } from './rule-systems.ts';

/** What other scanners call a release; absent: they do not know it. */
export interface SuseNames {
  osv: OsvNames;
  grype?: GrypeSystem;
  clair?: ClairNames;
  notus?: string;
}

/** notus compares builds of the same architecture only. */
export const notusArchitectures = ['aarch64', 'noarch', 'ppc64le', 's390x', 'x86_64'];

export function suseNames({ os }: Pick<FeedPlatform, 'os'>): SuseNames {
  const version = os.version!;
  const [major = '', minor = ''] = version.split('.');
  switch (os.id as SuseSystem) {
    case 'sles': {
      const spoken = spokenVersion(version, ' SP');
      return {
        osv: { ecosystem: `SUSE:Linux Enterprise Server ${spoken}` },
        grype: { name: 'sles', releaseId: 'sles', major, minor },
        // Made of PRETTY_NAME, with a hyphen before the service pack. Clair has one system for all service packs.
        notus: `SUSE Linux Enterprise Server ${spokenVersion(version, '-SP')}`,
      };
    }
    case 'sle-micro':
      return { osv: { ecosystem: `SUSE:Linux Enterprise Micro ${version}` } };
    case 'sl-micro':
      return { osv: { ecosystem: `SUSE:Linux Micro ${version}` } };
    case 'opensuse-leap':
      return {
        osv: { ecosystem: `openSUSE:Leap ${version}` },
        grype: { name: 'opensuseleap', releaseId: 'opensuse-leap', major, minor },
        clair: {
          updater: `suse-updater-opensuse.leap.${version}`,
          places: [clairDistribution('opensuse-leap', 'openSUSE Leap', [version, '', version])],
        },
      };
    case 'opensuse-tumbleweed':
      return { osv: { ecosystem: 'openSUSE:Tumbleweed' } };
  }
}

/** `15 SP5` of 15.5; from 16 on there are no service packs. */
function spokenVersion(version: string, word: ' SP' | '-SP'): string {
  const [major = '', minor] = version.split('.');
  return Number(major) < 16 && minor !== undefined ? `${major}${word}${minor}` : version;
}
