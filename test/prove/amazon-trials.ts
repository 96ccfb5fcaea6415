import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

/** Releases with the end of their builds' releases, their keys and what system-release is called there. */
const releases = [
  { version: '2018.03', dist: 'amzn1', keyid: 'bcb4a85b21c0f39f', full: '2017.09' },
  { version: '2', dist: 'amzn2', keyid: '11cf1f95c87f5b1a', full: '2' },
  { version: '2023', dist: 'amzn2023', keyid: 'e951904ad832c631', full: '2023.6.20250107' },
] as const;

/** Versions of the main channel and of others: of two parts, of one, and such as the others have too. */
const families: readonly (readonly { channel?: string; versions: readonly string[] }[])[] = [
  [{ versions: ['1.2.3'] }],
  [
    { versions: ['4.9.81', '4.14.336'] },
    { channel: 'kernel-5.4', versions: ['5.4.2', '5.4.10'] },
    { channel: 'kernel-5.10', versions: ['5.10.1', '5.10.233'] },
  ],
  [{ versions: ['9.2.24'] }, { channel: 'postgresql12', versions: ['12.11', '12.20'] }],
  [
    { channel: 'php8.0', versions: ['8.0.13'] },
    { channel: 'php8.1', versions: ['8.1.12', '8.1.22'] },
  ],
  [
    { channel: 'docker', versions: ['20.10.7', '25.0.3'] },
    { channel: 'ecs', versions: ['20.10.25', '25.0.6'] },
  ],
  [
    { versions: ['0.4.2'] },
    { channel: 'ruby2.6', versions: ['0.4.7'] },
    { channel: 'ruby3.0', versions: ['0.5.7'] },
  ],
];

/** Of no line of any family that has some. */
const strange = '77.7';

/** Several updates a flaw, of channels whose packages have the same names; builds of each, and of none. */
export function amazonTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed + 71);
  const release = random.pick(releases);
  const statements: LooseStatement[] = [];
  const rpms: RpmPackage[] = [packageOf('system-release', release.full, '1', release)];
  const differs = new Map<string, string>();
  for (let at = 0; at < size.packages; at++) {
    const name = `bin${seed}x${at}`;
    const family = random.pick(families);
    const all = family.flatMap(({ versions }) => versions);
    const isStrange = random.chance(5);
    const version = isStrange ? strange : random.pick(all);
    const { tags, cause } = signature(random, release.keyid);
    const hasLines = family.length > 1 && !family.some(({ channel }) => channel === 'docker');
    const why = cause ?? (isStrange && hasLines ? 'line_unknown' : undefined);
    if (why !== undefined) differs.set(name, why);
    const epoch = random.pick([0, 0, 0, 1, 32]);
    const number = random.pick(['1', '4', '23.1']);
    rpms.push({
      ...packageOf(name, version, number, release),
      ...(epoch === 0 ? {} : { epoch }),
      arch: random.pick(['x86_64', 'x86_64', 'i686', 'aarch64', 'noarch']),
      ...tags,
    });
    // Every channel has a fix of the name, so that its lines are those of the family.
    for (const { channel, versions } of family)
      for (const each of versions)
        statements.push(fix(random, 'CVE-2026-9999', name, `${epoch}:${each}-0.${release.dist}`, channel));
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++)
      for (let count = 1 + random.below(3); count > 0; count--) {
        const { channel, versions } = random.pick(family);
        const of = random.pick(versions);
        const build = `${of}-${number}`;
        const fixed = random.pick([
          ...[`${build}.${release.dist}`, `${build}.${release.dist}.0.1`, `${build}~.${release.dist}`],
          `${of}-9.${release.dist}`,
        ]);
        statements.push(fix(random, `CVE-2026-${10000 + flaw}`, name, `${epoch}:${fixed}`, channel));
      }
  }
  return {
    name: `amazon-${release.version} ${seed}`,
    platform: {
      id: `amzn-${release.version}`,
      name: `Amazon Linux ${release.version}`,
      aliases: [],
      os: { id: 'amzn', version: release.version },
      packaging: 'rpm',
      life: [],
    },
    data: { severalErrata: true },
    statements,
    files: { 'etc/os-release': `ID="amzn"\nVERSION_ID="${release.version}"\n` },
    rpms,
    differs,
    manifestDiffers: new Map(
      [...differs].flatMap(([name, cause]) =>
        cause === 'line_unknown' ? [[name, 'manifest_line_unknown'] as const] : [],
      ),
    ),
    fixesOnly: true,
  };
}

function packageOf(name: string, version: string, number: string, { dist }: { dist: string }): RpmPackage {
  const release = `${number}.${dist}`;
  const sourcerpm = `${name}-${version}-${release}.src.rpm`;
  return { name, version, release, arch: 'x86_64', vendor: 'Amazon Linux', sourcerpm };
}

/** Most packages are signed by Amazon or not at all; some keys and vendors OVAL cannot judge as the runtime does. */
function signature(random: Random, keyid: string): { tags: Partial<RpmPackage>; cause?: string } {
  const kind = random.below(20);
  if (kind < 10) return { tags: { keyid } };
  if (kind < 17) return { tags: {} };
  if (kind === 17) return { tags: { keyid: '6a2faea2352c64e5', vendor: 'Fedora Project' } };
  if (kind === 18) return { tags: { keyid: '0123456789abcdef' }, cause: 'foreign_vendor' };
  return { tags: { vendor: 'Somebody else' }, cause: 'foreign_vendor' };
}

function fix(
  random: Random,
  vulnerability: string,
  name: string,
  fixed: string,
  channel: string | undefined,
): LooseStatement {
  return {
    ...{ vulnerability, package: name, subject: 'binary', status: 'fixed', fixed },
    advisories: [`ALAS2-2026-${random.below(1000)}`],
    ...(channel === undefined ? {} : { channel }),
    ...(random.chance(30) ? { arch: random.pick([['x86_64'], ['aarch64', 'x86_64'], ['noarch']]) } : {}),
  };
}
