import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

const key = '0cd9fed33135ce90';
const vendor = 'Microsoft Corporation';
const systems = [
  ['azurelinux', '3.0', 'azl3'],
  ['mariner', '2.0', 'cm2'],
] as const;

/** Statements about sources, with and without a fix; binaries of the name of their source and others, of versions of their own. */
export function azureTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed + 211);
  const [id, version, tag] = random.pick(systems);
  const statements: LooseStatement[] = [];
  const release = `${id}-release`;
  const rpms: RpmPackage[] = [
    {
      ...{ name: release, version, release: `1.${tag}`, arch: 'noarch', vendor },
      sourcerpm: `${release}-${version}-1.${tag}.src.rpm`,
    },
  ];
  const differs = new Map<string, string>();
  const binaries = new Map<string, readonly string[]>();
  for (let at = 0; at < size.packages; at++) {
    const source = `src${seed}x${at}`;
    const build = `${random.pick(['1.2.3', '102.4.0', '2.0~rc1', '1.0^git1'])}-${random.pick(['1', '4', '23'])}`;
    const [own = '', revision = ''] = build.split('-');
    const kind = random.below(20);
    const { tags, cause } = signature(random);
    const name = random.pick([source, `${source}-libs`]);
    const unlisted = kind === 1;
    const ownVersion = kind === 2;
    const listed = [source, ...(unlisted || ownVersion ? [] : [`${source}-libs`])];
    if (!unlisted || random.chance(50)) binaries.set(source, listed);
    const isSeen = (binaries.get(source) ?? [source]).includes(name);
    const why =
      cause ??
      (isSeen ? undefined : 'unknown_binary') ??
      (kind < 2 || ownVersion ? 'binary_epoch' : undefined);
    if (why !== undefined) differs.set(source, why);
    rpms.push({
      ...(kind === 0 ? { epoch: 1 } : {}),
      ...{ name, version: ownVersion ? '9.9' : own, release: `${revision}.${tag}` },
      ...{ arch: random.pick(['x86_64', 'aarch64', 'noarch']), vendor },
      sourcerpm: `${source}-${build}.${tag}.src.rpm`,
      ...tags,
    });
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++) {
      const fixed = random.pick([
        `${build}.${tag}`,
        `${build}.1.${tag}`,
        `${build}~.${tag}`,
        `0.9-1.${tag}`,
        `103-1.${tag}`,
      ]);
      statements.push({
        ...{ vulnerability: `CVE-2026-${10000 + flaw}`, package: source },
        ...(random.chance(20)
          ? { status: 'affected', fixState: 'none_yet' }
          : { status: 'fixed', fixed: `0:${fixed}` }),
      });
    }
  }
  const files = { 'etc/os-release': `ID=${id}\nVERSION_ID="${version}"\n` };
  const platform = {
    ...{ id: `${id}-${version}`, name: `${id} ${version}`, aliases: [], os: { id, version } },
    ...{ packaging: 'rpm' as const, life: [] },
  };
  return {
    name: `${id} ${seed}`,
    platform,
    data: { severalErrata: true, binaries },
    statements,
    files,
    rpms,
    differs,
  };
}

/** Signed by Microsoft, or not at all; some keys and vendors OVAL cannot judge as the runtime does. */
function signature(random: Random): { tags: Partial<RpmPackage>; cause?: string } {
  const kind = random.below(20);
  if (kind < 10) return { tags: { keyid: key } };
  if (kind < 17) return { tags: {} };
  if (kind === 17) return { tags: { keyid: '21ea45ab2f86d6a1', vendor: 'Fedora Project' } };
  if (kind === 18) return { tags: { keyid: '0123456789abcdef' }, cause: 'foreign_vendor' };
  return { tags: { vendor: 'Somebody else' }, cause: 'foreign_vendor' };
}
