import type { Platform } from '../../src/model/feed/index.ts';
import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

const streams = ['18', '20', '22'] as const;

/** Build numbers of a module's stream; of each the second is in no document. */
function buildsOf(module: string): { known: number; unknown: number } {
  const [name = '', stream = ''] = module.split(':');
  const known = 10_000 + Number(name.slice(3)) * 1000 + Number(stream) * 10;
  return { known, unknown: known + 1 };
}

/** RHEL: fixes of several minors and channels, of binaries and sources, of modules; builds with and without a minor. */
export function rhelTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed + 31);
  const major = random.pick(['8', '9']);
  const minor = random.pick([0, 2, 4, 5, 10]);
  const statements: LooseStatement[] = [];
  const specs: RpmPackage[] = [releasePackage(major, minor)];
  const binaries = new Map<string, string[]>();
  const differs = new Map<string, string>();
  const manifestDiffers = new Map<string, string>();
  const enabled = random.pick(streams);
  const withRecord = random.chance(50);
  const files: Trial['files'] = {};
  for (let at = 0; at < size.packages; at++) {
    const source = `src${seed}x${at}`;
    const module = major === '8' && random.chance(20) ? `mod${at % 5}:${random.pick(streams)}` : undefined;
    const family = makeFamily(
      random,
      source,
      major,
      module,
      module?.endsWith(enabled) === true && withRecord,
    );
    const signed = signature(random);
    specs.push(...family.specs.map((spec) => ({ ...spec, ...signed.tags })));
    const unlabelled = module !== undefined && random.chance(15);
    const cause = signed.cause ?? (family.unseenBuild || unlabelled ? 'module_unlabelled' : undefined);
    if (cause !== undefined) differs.set(source, cause);
    if (unlabelled) manifestDiffers.set(source, 'manifest_unlabelled');
    if (unlabelled) for (const spec of specs.slice(-family.specs.length)) delete spec.modularitylabel;
    if (family.folded.length > 0) binaries.set(source, family.folded);
    if (family.folded.length > 1 && random.chance(15)) {
      // Built from a second source as well (kernel-rt): its rows speak of the binary, too.
      const second = `${source}-rt`;
      binaries.set(second, family.folded.slice(1));
      differs.set(source, cause ?? 'several_sources');
      for (let flaw = 0; flaw < size.flawsPerPackage; flaw += 2) {
        const rows = claims(
          random,
          `CVE-2026-${10000 + flaw}`,
          second,
          { ...family, folded: [] },
          major,
          minor,
        );
        statements.push(...rows);
      }
    }
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++) {
      statements.push(...claims(random, `CVE-2026-${10000 + flaw}`, source, family, major, minor));
    }
  }
  for (let at = 0; withRecord && at < 5; at++) {
    files[`etc/dnf/modules.d/mod${at}.module`] =
      `[mod${at}]\nname=mod${at}\nprofiles=\nstate=enabled\nstream=${enabled}\n`;
  }
  return {
    name: `rhel-${major}.${minor} ${seed}`,
    platform: rhel(major),
    data: { binaries },
    statements,
    files: {
      ...files,
      'etc/os-release': `ID="rhel"\nVERSION_ID="${major}.${minor}"\nPLATFORM_ID="platform:el${major}"\n`,
    },
    rpms: specs,
    differs,
    manifestDiffers,
  };
}

/** Most packages are signed by Red Hat or not at all; some keys and vendors OVAL cannot judge as the runtime does. */
function signature(random: Random): { tags: Partial<RpmPackage>; cause?: string } {
  const kind = random.below(20);
  if (kind < 10) return { tags: { keyid: random.pick(['199e2f91fd431d51', '5054e4a45a6340b3']) } };
  if (kind < 16) return { tags: {} };
  if (kind < 18) return { tags: { keyid: '21ea45ab2f86d6a1', vendor: 'Fedora Project' } };
  if (kind === 18) return { tags: { keyid: '0123456789abcdef' }, cause: 'foreign_vendor' };
  return { tags: { vendor: 'Somebody else' }, cause: 'foreign_vendor' };
}

export function rhel(major: string): Platform {
  return {
    id: `rhel-${major}`,
    name: `Red Hat Enterprise Linux ${major}`,
    aliases: [],
    os: { id: 'rhel', version: major },
    packaging: 'rpm',
    life: [],
  };
}

const vendor = 'Red Hat, Inc.';

function releasePackage(major: string, minor: number): RpmPackage {
  const [version, release] = [`${major}.${minor}`, `0.1.el${major}`];
  return {
    name: 'redhat-release',
    version,
    release,
    arch: 'x86_64',
    vendor,
    sourcerpm: `redhat-release-${version}-${release}.src.rpm`,
  };
}

interface Family {
  epoch: number;
  version: string;
  release: string;
  module: string | undefined;
  /** Whether the module build is one that no document names. */
  unknownBuild: boolean;
  /** And dnf has no record that would tell its stream. */
  unseenBuild: boolean;
  specs: RpmPackage[];
  /** Binaries that the documents show with the source's version. */
  folded: string[];
}

/** A source with one or two binaries of its own version, all of one build. */
function makeFamily(
  random: Random,
  source: string,
  major: string,
  module: string | undefined,
  recorded: boolean,
): Family {
  const epoch = random.pick([0, 0, 0, 1, 4]);
  const version = random.pick(['1.2.3', '3.8.3', '5.26.3', '7.76.1', '2.0~rc1', '1.0^git1']);
  const unknownBuild = module !== undefined && random.chance(20);
  const release =
    module === undefined ? plainRelease(random, major) : modularRelease(random, module, unknownBuild);
  const names = random.chance(50) ? [source] : [source, `${source}-libs`];
  const specs = names.map((name) => ({
    name,
    version,
    release,
    ...(epoch === 0 ? {} : { epoch }),
    arch: random.pick(['x86_64', 'x86_64', 'i686', 'aarch64', 'noarch']),
    vendor,
    sourcerpm: `${source}-${version}-${release}.src.rpm`,
    ...(module === undefined ? {} : { modularitylabel: `${module}:${labelVersion(release)}:abcdef01` }),
  }));
  return {
    epoch,
    version,
    release,
    module,
    unknownBuild,
    unseenBuild: unknownBuild && !recorded,
    specs,
    folded: names,
  };
}

function plainRelease(random: Random, major: string): string {
  const number = random.pick(['1', '4', '23', '416']);
  const minor = random.pick(['', '', '_0', '_2', '_3.4', '_4', '_5.1', '_10']);
  return `${number}.el${major}${minor}`;
}

function modularRelease(random: Random, module: string, unknownBuild: boolean): string {
  const { known, unknown } = buildsOf(module);
  return `${random.pick(['1', '2', '5'])}.module+el8.${random.pick([0, 2, 4, 9, 10])}.0+${unknownBuild ? unknown : known}+a1b2c3d4`;
}

/** MODULARITYLABEL's version: major, two digits of minor, two of patch, time. */
function labelVersion(release: string): string {
  const minor = /el8\.(\d+)\./.exec(release)?.[1] ?? '0';
  return `8${minor.padStart(2, '0')}0020240101000000`;
}

type Claim = Omit<LooseStatement, 'vulnerability' | 'package'>;

function claims(
  random: Random,
  vulnerability: string,
  source: string,
  family: Family,
  major: string,
  imageMinor: number,
): LooseStatement[] {
  const found = new Map<string, LooseStatement>();
  for (let count = 1 + random.below(3); count > 0; count--) {
    const binary = family.folded.length > 0 && random.chance(20);
    const minor = random.chance(60) ? random.pick([0, 2, 3, 4, 5, imageMinor, 10]) : undefined;
    const channel = minor !== undefined && random.chance(20) ? random.pick(['eus', 'aus', 'e4s']) : undefined;
    const statement: LooseStatement = {
      vulnerability,
      package: binary ? random.pick(family.folded) : source,
      ...claimOf(random, family, major),
      subject: binary ? 'binary' : 'source',
      ...(minor === undefined ? {} : { minor }),
      ...(channel === undefined ? {} : { channel }),
      ...(family.module === undefined || random.chance(10) ? {} : { module: family.module }),
      ...(random.chance(30) ? { arch: random.pick([['x86_64'], ['aarch64', 'x86_64'], ['i686']]) } : {}),
    };
    found.set(
      `${statement.package} ${statement.subject} ${minor} ${channel} ${statement.module} ${statement.arch}`,
      statement,
    );
  }
  return [...found.values()];
}

function claimOf(random: Random, family: Family, major: string): Claim {
  const kind = random.below(20);
  if (kind < 13) return { status: 'fixed', fixed: near(random, family, major) };
  if (kind < 17) {
    const fixState = random.pick(['none_yet', 'fix_deferred', 'will_not_fix', 'other_channel'] as const);
    return { status: 'affected', fixState };
  }
  return { status: kind < 19 ? 'not_affected' : 'under_investigation' };
}

/** The installed EVR, one above, one below, of another version; with the source's epoch, as the vendor writes it. */
function near(
  random: Random,
  { epoch, version, release, module, unknownBuild }: Family,
  major: string,
): string {
  const known = unknownBuild ? modularRelease(random, module!, false) : release;
  const evr = `${epoch}:${version}-${known}`;
  return random.pick([
    evr,
    evr,
    `${epoch}:${version}-${known}.1`,
    `${epoch}:${version}~rc9-${known}`,
    `${epoch}:${version}.1-${known}`,
    `${epoch}:${version}^git9-${known}`,
    `${epoch}:${version}-9${known}`,
    `${epoch}:${version}-${module === undefined ? plainRelease(random, major) : modularRelease(random, module, false)}`,
    `${epoch}:0.9-${known}`,
  ]);
}
