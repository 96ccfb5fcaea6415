import type { CsafLayout } from '../../../export/rows/csaf-layout.ts';
import { csafRelease } from '../../shared/export/csaf-release.ts';
import { susePages } from '../rule/pages.ts';
import { isRolling, type SuseSystem, suseCpe } from '../rule/systems.ts';

/** Systems by their CPEs, and SUSE's words for a severity. */
export function suseCsaf(namespace: string, vendor: string): CsafLayout {
  return {
    name: namespace,
    vendor,
    namespace,
    pages: susePages,
    system: (platform, claim) => {
      const { distro, ...system } = csafRelease(platform, claim, ['suse', platform.os.id]);
      if (claim.channel !== undefined) return system;
      const own = { ...system, cpe: suseCpe(platform.os.id as SuseSystem, platform.os.version!) };
      // A package URL names the day of a snapshot of Tumbleweed: its packages are found by the system alone.
      return isRolling(platform.os.id) || distro === undefined ? own : { ...own, distro };
    },
    severityWords: { critical: 'critical', high: 'important', medium: 'moderate', low: 'low' },
  };
}
