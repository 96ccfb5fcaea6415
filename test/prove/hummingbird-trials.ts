import type { Platform } from '../../src/model/feed/index.ts';
import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

const platform: Platform = {
  id: 'hummingbird-1',
  name: 'Red Hat Hardened Images 1',
  aliases: [],
  os: { id: 'hummingbird', version: '1' },
  packaging: 'rpm',
  life: [],
};

const vendor = 'Red Hat, Inc.';

/** Hardened images: fixes of whole builds, flaws of single binaries or of a source, builds of other systems. */
export function hummingbirdTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed + 97);
  const statements: LooseStatement[] = [];
  const binaries = new Map<string, string[]>();
  const differs = new Map<string, string>();
  const manifestDiffers = new Map<string, string>();
  const day = random.pick(['1', '20251124']);
  const rpms: RpmPackage[] = [
    {
      ...{ name: 'hummingbird-release', version: day, release: '1.hum1', arch: 'noarch', vendor },
      sourcerpm: `hummingbird-release-${day}-1.hum1.src.rpm`,
    },
  ];
  for (let at = 0; at < size.packages; at++) {
    const source = `src${seed}x${at}`;
    const names = random.chance(50) ? [source] : [source, `${source}-libs`];
    const version = random.pick(['1.25.8', '5.42.2', '2.0~rc1', '3.5.4']);
    const foreign = random.chance(8) ? random.pick(['3.fc44', '7.el9_4']) : undefined;
    const release = foreign ?? random.pick(['1.1.hum1', '524.hum1', '2.hum1']);
    const { tags, cause } = signature(random);
    const other = foreign === undefined ? undefined : 'other_build';
    if (cause !== undefined || other !== undefined) differs.set(source, cause ?? other!);
    if (other !== undefined) manifestDiffers.set(source, 'manifest_other_build');
    binaries.set(source, names);
    for (const name of names)
      rpms.push({
        ...{ name, version, release, arch: random.pick(['x86_64', 'aarch64', 'noarch']), vendor },
        sourcerpm: `${source}-${version}-${release}.src.rpm`,
        ...tags,
      });
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++)
      statements.push(...saying(random, `CVE-2026-${10000 + flaw}`, source, names, version));
  }
  return {
    name: `hummingbird ${seed}`,
    platform,
    data: { binaries },
    statements,
    files: { 'etc/os-release': 'ID="hummingbird"\nVERSION_ID="20251124"\nID_LIKE="fedora rhel"\n' },
    rpms,
    differs,
    manifestDiffers,
  };
}

function signature(random: Random): { tags: Partial<RpmPackage>; cause?: string } {
  const kind = random.below(20);
  if (kind < 10) return { tags: { keyid: '199e2f91fd431d51' } };
  if (kind < 17) return { tags: {} };
  if (kind === 17) return { tags: { keyid: '21ea45ab2f86d6a1', vendor: 'Fedora Project' } };
  if (kind === 18) return { tags: { keyid: '0123456789abcdef' }, cause: 'foreign_vendor' };
  return { tags: { vendor: 'Somebody else' }, cause: 'foreign_vendor' };
}

function saying(
  random: Random,
  vulnerability: string,
  source: string,
  names: readonly string[],
  version: string,
): LooseStatement[] {
  const fixed = random.pick([
    `0:${version}-1.1.hum1`,
    `0:${version}-525.hum1`,
    '0:9.9-1.hum1',
    '0:0.1-1.hum1',
  ]);
  const ofSource = { vulnerability, package: source } as const;
  const unfixed = {
    status: 'affected',
    fixState: random.pick(['none_yet', 'will_not_fix'] as const),
  } as const;
  switch (random.below(6)) {
    case 0:
      return [{ ...ofSource, status: 'not_affected' }];
    case 1:
      return [{ ...ofSource, ...unfixed }];
    case 2:
      // The document lists this binary of the source, and no other.
      return [{ vulnerability, package: random.pick(names), subject: 'binary', ...unfixed }];
    case 3:
      return [{ ...ofSource, status: 'under_investigation' }];
    case 4:
      return [
        { ...ofSource, status: 'fixed', fixed },
        { vulnerability, package: names.at(-1)!, subject: 'binary', status: 'not_affected' },
      ];
    default:
      return [{ ...ofSource, status: 'fixed', fixed }];
  }
}
