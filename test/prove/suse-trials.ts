import type { Platform } from '../../src/model/feed/index.ts';
import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

interface System {
  platform: Platform;
  osRelease: string;
  releasePackage: string;
  releaseVersion: string;
  vendor: string;
}

const platformOf = (id: string, os: Platform['os']): Platform => ({
  id,
  name: id,
  aliases: [],
  os,
  packaging: 'rpm',
  life: [],
});

const suse = 'SUSE LLC <https://www.suse.com/>';
const systems: readonly System[] = [
  {
    platform: platformOf('sles-15.5', { id: 'sles', version: '15.5' }),
    osRelease: 'ID="sles"\nVERSION_ID="15.5"\n',
    releasePackage: 'sles-release',
    releaseVersion: '15.5',
    vendor: suse,
  },
  {
    platform: platformOf('opensuse-leap-15.6', { id: 'opensuse-leap', version: '15.6' }),
    osRelease: 'ID="opensuse-leap"\nVERSION_ID="15.6"\n',
    releasePackage: 'Leap-release',
    releaseVersion: '15.6',
    vendor: 'openSUSE',
  },
  {
    platform: platformOf('opensuse-tumbleweed', { id: 'opensuse-tumbleweed', version: 'rolling' }),
    osRelease: 'ID="opensuse-tumbleweed"\nVERSION_ID="20261120"\n',
    releasePackage: 'openSUSE-release',
    releaseVersion: '20261120',
    vendor: 'openSUSE',
  },
];

/** SUSE and openSUSE: builds that documents name without epochs, unfixed packages by either name, and what LTSS gets. */
export function suseTrial(seed: number, size: TrialSize, id?: string): Trial {
  const random = new Random(seed + 71);
  const picked = random.pick(systems);
  const system = systems.find(({ platform }) => platform.id === id) ?? picked;
  const { platform, osRelease, releasePackage, releaseVersion, vendor } = system;
  const statements: LooseStatement[] = [];
  const rpms: RpmPackage[] = [
    {
      name: releasePackage,
      version: releaseVersion,
      release: '1.1',
      arch: 'x86_64',
      vendor,
      sourcerpm: `${releasePackage}-${releaseVersion}-1.1.src.rpm`,
    },
  ];
  const differs = new Map<string, string>();
  const manifestDiffers = new Map<string, string>();
  for (let at = 0; at < size.packages; at++) {
    const name = `bin${seed}x${at}`;
    const epoch = random.chance(5) ? 1 : 0;
    const build = {
      version: random.pick(['1.2.3', '4.19.4+git.339.acf1ccaa02', '2.0~rc1', '1.1.1l']),
      release: random.pick(['1.22', '150500.3.4.1', '150400.27.1', '160000.2.2']),
    };
    const { tags, cause } = signature(random, system);
    if (cause !== undefined) differs.set(name, cause);
    if (epoch > 0) {
      differs.set(name, cause ?? 'unstated_epoch');
      manifestDiffers.set(name, 'manifest_unstated_epoch');
    }
    rpms.push({
      name,
      ...(epoch === 0 ? {} : { epoch }),
      ...build,
      arch: random.pick(['x86_64', 'x86_64', 'aarch64', 'noarch']),
      vendor,
      sourcerpm: `${name}-${build.version}-${build.release}.src.rpm`,
      ...tags,
    });
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++)
      statements.push(...sayings(random, `CVE-2026-${10000 + flaw}`, name, build));
  }
  return {
    name: `${platform.id} ${seed}`,
    platform,
    data: {},
    statements,
    files: { 'etc/os-release': osRelease },
    rpms,
    differs,
    manifestDiffers,
  };
}

/** Leap has the packages of SUSE Linux Enterprise as they are; SUSE's own systems have none of openSUSE. */
function signature(random: Random, { vendor }: System): { tags: Partial<RpmPackage>; cause?: string } {
  const kind = random.below(20);
  if (kind < 8) return { tags: { keyid: vendor === suse ? '70af9e8139db7c82' : '35a2f86e29b700a4' } };
  if (kind < 11) return { tags: { keyid: 'f74f09bc3fa1d6ce', vendor: suse } };
  if (kind < 16) return { tags: {} };
  if (kind === 16) return { tags: { keyid: 'b88b2fd43dbdc284', vendor: 'openSUSE' } };
  if (kind === 17) return { tags: { keyid: '9c214d4065176565', vendor: 'openSUSE' } };
  if (kind === 18) return { tags: { keyid: '0123456789abcdef' }, cause: 'foreign_vendor' };
  return { tags: { vendor: 'Somebody else' }, cause: 'foreign_vendor' };
}

function sayings(
  random: Random,
  vulnerability: string,
  name: string,
  { version, release }: { version: string; release: string },
): LooseStatement[] {
  const fixed = random.pick([
    `${version}-${release}`,
    `${version}-${release}.1`,
    `${version}.1-${release}`,
    `0.9-${release}`,
    `${version}-${release}~`,
  ]);
  const common = { vulnerability, package: name } as const;
  const both = (
    claim: Pick<LooseStatement, 'status' | 'fixState' | 'reason' | 'channelFix'>,
  ): LooseStatement[] => [
    { ...common, ...claim },
    { ...common, ...claim, subject: 'binary' },
  ];
  const binary = { ...common, subject: 'binary' } as const;
  switch (random.below(7)) {
    case 0:
      return both({ status: 'not_affected' });
    case 1:
      return both({ status: 'affected', fixState: random.pick(['none_yet', 'will_not_fix']) });
    case 2:
      return both({ status: 'under_investigation' });
    case 3:
      // Only LTSS has the fix.
      return [
        { ...binary, status: 'affected', fixState: 'other_channel', reason: 'ltss', channelFix: fixed },
        { ...binary, status: 'fixed', fixed, channel: 'ltss' },
      ];
    case 4:
      return [
        { ...binary, status: 'fixed', fixed },
        {
          ...binary,
          status: 'fixed',
          fixed: `${version}.9-${release}`,
          channel: random.pick(['ltss', 'sap']),
        },
      ];
    default:
      return [{ ...binary, status: 'fixed', fixed }];
  }
}
