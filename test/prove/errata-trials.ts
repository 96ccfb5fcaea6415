import type { Platform } from '../../src/model/feed/index.ts';
import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, RpmPackage, Trial } from './trial.ts';

const photonKey = 'c0b5e0ab66fd4949';
const streams = ['18', '20', '22'] as const;

/** A rebuild of RHEL: its names, its keys by major, and how its builds are named. */
interface Rebuild {
  id: string;
  name: string;
  vendor: string;
  keys: Readonly<Record<string, readonly string[]>>;
  /** Before the major in releases; default: `el`. */
  dist?: string;
  /** The rest of VERSION_ID after the release; default: nothing. */
  minor?: string;
  /** Of its packages; default: those of RHEL's rebuilds. */
  architectures?: readonly string[];
  /** Ends of releases outside modules. */
  suffixes: readonly string[];
  /** The mark of a module build, before the major; absent: it has no modules. */
  moduleMark?: string;
  advisory: string;
  /** Another rebuild's key and vendor. */
  foreign: Partial<RpmPackage>;
  releasePackage?: string;
  /** Ends of releases of builds beside the plain ones; the index does not cover those that no statement is about. */
  flavours?: readonly string[];
}

const alma: Rebuild = {
  id: 'almalinux',
  minor: '.3',
  name: 'AlmaLinux',
  vendor: 'AlmaLinux',
  keys: {
    8: ['51d6647ec21ad6ea', '2ae81e8aced7258b'],
    9: ['d36cb86cb86b3716'],
    10: ['dee5c11cc2a1e572'],
  },
  suffixes: ['', '', '.alma', '.alma.1'],
  moduleMark: 'module_el',
  advisory: 'ALSA',
  foreign: { keyid: '702d426d350d275d', vendor: 'Rocky Enterprise Software Foundation' },
};

const rocky: Rebuild = {
  id: 'rocky',
  minor: '.3',
  name: 'Rocky Linux',
  vendor: 'Rocky Enterprise Software Foundation',
  keys: { 8: ['15af5dac6d745a60'], 9: ['702d426d350d275d'], 10: ['5b106c736fedfc85'] },
  suffixes: ['', '', '.1', '.0.1'],
  moduleMark: 'module+el',
  advisory: 'RLSA',
  foreign: { keyid: 'd36cb86cb86b3716', vendor: 'AlmaLinux' },
};

const oracle: Rebuild = {
  id: 'ol',
  minor: '.3',
  name: 'Oracle Linux',
  vendor: 'Oracle America',
  keys: { 8: ['82562ea9ad986da3'], 9: ['bc4d06a08d8b756f'], 10: ['bc4d06a08d8b756f'] },
  suffixes: ['', '', '.1', '.0.1'],
  moduleMark: 'module+el',
  advisory: 'ELSA',
  foreign: { keyid: 'd36cb86cb86b3716', vendor: 'AlmaLinux' },
  releasePackage: 'oraclelinux-release',
  flavours: ['', '', '', '.ksplice1', '.ksplice2.1', '_fips'],
};

const fedora: Rebuild = {
  id: 'fedora',
  name: 'Fedora Linux',
  vendor: 'Fedora Project',
  keys: { 43: ['829b606631645531'], 44: ['dbfcf71c6d9f90a6'] },
  dist: 'fc',
  suffixes: ['', '', '.1'],
  advisory: 'FEDORA',
  foreign: { keyid: 'd36cb86cb86b3716', vendor: 'AlmaLinux' },
  releasePackage: 'fedora-release-common',
};

const photon: Rebuild = {
  id: 'photon',
  name: 'Photon OS',
  vendor: 'VMware, Inc.',
  keys: { '3.0': [photonKey], '4.0': [photonKey], '5.0': [photonKey] },
  dist: 'ph',
  architectures: ['x86_64', 'x86_64', 'aarch64', 'noarch'],
  suffixes: ['', '', '.1'],
  advisory: 'PHSA',
  foreign: { keyid: 'd36cb86cb86b3716', vendor: 'AlmaLinux' },
};

/** No key of its is known. */
const anolis: Rebuild = {
  id: 'anolis',
  name: 'Anolis OS',
  vendor: 'OpenAnolis Community',
  keys: { 8: [], 23: [] },
  dist: 'an',
  minor: '.3',
  suffixes: ['', '', '.0.1'],
  moduleMark: 'module+an',
  advisory: 'ANSA',
  foreign: { keyid: 'd36cb86cb86b3716', vendor: 'AlmaLinux' },
};

export const almaTrial = (seed: number, size: TrialSize) => errataTrial(alma, seed + 53, size);
export const rockyTrial = (seed: number, size: TrialSize) => errataTrial(rocky, seed + 97, size);
export const fedoraTrial = (seed: number, size: TrialSize) => errataTrial(fedora, seed + 211, size);
export const anolisTrial = (seed: number, size: TrialSize) => errataTrial(anolis, seed + 251, size);
export const photonTrial = (seed: number, size: TrialSize) => errataTrial(photon, seed + 307, size);
export const oracleTrial = (seed: number, size: TrialSize) => errataTrial(oracle, seed + 151, size);

/** Several errata a flaw, of binaries, modules and architectures; builds with and without the vendor's own suffix. */
function errataTrial(rebuild: Rebuild, seed: number, size: TrialSize): Trial {
  const random = new Random(seed);
  // In turn: by chance, a few trials would leave one out.
  const majors = Object.keys(rebuild.keys);
  const major = majors[seed % majors.length]!;
  const enabled = random.pick(streams);
  const withRecord = random.chance(50);
  const { dist = 'el', minor = '' } = rebuild;
  const statements: LooseStatement[] = [];
  const rpms: RpmPackage[] = [releasePackage(rebuild, major, random.pick(['.0', '.3', '.10']))];
  const differs = new Map<string, string>();
  const manifestDiffers = new Map<string, string>();
  for (let at = 0; at < size.packages; at++) {
    const name = `bin${seed}x${at}`;
    const isModular = rebuild.moduleMark !== undefined && random.chance(25);
    const module = isModular ? `mod${at % 5}:${random.pick(streams)}` : undefined;
    const unknownBuild = module !== undefined && random.chance(20);
    const build = buildOf(random, rebuild, major, module, unknownBuild);
    const unlabelled = module !== undefined && random.chance(15);
    const { tags, cause } = signature(random, rebuild, major);
    const unseen = unknownBuild && !(withRecord && module?.endsWith(enabled));
    const why = cause ?? (unlabelled || unseen ? 'module_unlabelled' : undefined);
    if (why !== undefined) differs.set(name, why);
    if (unlabelled) manifestDiffers.set(name, 'manifest_unlabelled');
    rpms.push({
      name,
      ...build,
      arch: random.pick(rebuild.architectures ?? ['x86_64', 'x86_64', 'i686', 'aarch64', 'noarch']),
      vendor: rebuild.vendor,
      sourcerpm: `src${at}-${build.version}-${build.release}.src.rpm`,
      ...(module === undefined || unlabelled
        ? {}
        : { modularitylabel: `${module}:9020020240101000000:abcdef01` }),
      ...tags,
    });
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++)
      statements.push(
        ...errata(random, rebuild, `CVE-2026-${10000 + flaw}`, name, build, major, module, unknownBuild),
      );
  }
  const files: Record<string, string> = {
    'etc/os-release': `ID="${rebuild.id}"\nVERSION_ID="${major}${minor}"\nPLATFORM_ID="platform:${dist}${major}"\n`,
  };
  for (let at = 0; withRecord && at < 5; at++)
    files[`etc/dnf/modules.d/mod${at}.module`] =
      `[mod${at}]\nname=mod${at}\nprofiles=\nstate=enabled\nstream=${enabled}\n`;
  return {
    name: `${rebuild.id}-${major} ${seed}`,
    platform: platformOf(rebuild, major),
    data: { severalErrata: true },
    statements,
    files,
    rpms,
    differs,
    manifestDiffers,
    fixesOnly: true,
  };
}

/** `5` of `5.0`, as in names of builds. */
function wholeOf(major: string): string {
  return major.split('.')[0]!;
}

function platformOf({ id, name }: Rebuild, major: string): Platform {
  return {
    id: `${id}-${major}`,
    name: `${name} ${major}`,
    aliases: [],
    os: { id, version: major },
    packaging: 'rpm',
    life: [],
  };
}

/** Most packages are signed by the vendor or not at all; some keys and vendors OVAL cannot judge as the runtime does. */
function signature(
  random: Random,
  { keys, foreign }: Rebuild,
  major: string,
): { tags: Partial<RpmPackage>; cause?: string } {
  const kind = random.below(20);
  if (kind < 10) return { tags: keys[major]!.length > 0 ? { keyid: random.pick(keys[major]!) } : {} };
  if (kind < 16) return { tags: {} };
  if (kind === 16) return { tags: { keyid: '21ea45ab2f86d6a1', vendor: 'Fedora Project' } };
  if (kind === 17) return { tags: foreign };
  if (kind === 18) return { tags: { keyid: '0123456789abcdef' }, cause: 'foreign_vendor' };
  return { tags: { vendor: 'Somebody else' }, cause: 'foreign_vendor' };
}

function releasePackage(rebuild: Rebuild, major: string, minor: string): RpmPackage {
  const { id, vendor, dist = 'el', releasePackage: name = `${id}-release` } = rebuild;
  const [version, release] = [rebuild.minor ? major + minor : major, `1.${dist}${wholeOf(major)}`];
  return {
    name,
    version,
    release,
    arch: 'x86_64',
    vendor,
    sourcerpm: `${name}-${version}-${release}.src.rpm`,
  };
}

type Build = Pick<RpmPackage, 'epoch' | 'version' | 'release'>;

function buildOf(
  random: Random,
  rebuild: Rebuild,
  major: string,
  module: string | undefined,
  unknownBuild: boolean,
): Build {
  const epoch = random.pick([0, 0, 0, 1, 4]);
  return {
    ...(epoch === 0 ? {} : { epoch }),
    version: random.pick(['1.2.3', '102.4.0', '7.76.1', '2.0~rc1', '1.0^git1']),
    release:
      module === undefined
        ? plainRelease(random, rebuild, major)
        : modularRelease(random, rebuild, major, module, unknownBuild),
  };
}

function plainRelease(random: Random, { dist = 'el', suffixes, flavours }: Rebuild, major: string): string {
  const minor = random.pick(['', '_0', '_2', '_4.1', '_10']);
  const flavour = flavours ? random.pick(flavours) : '';
  return `${random.pick(['1', '4', '23'])}.${dist}${wholeOf(major)}${minor}${random.pick(suffixes)}${flavour}`;
}

/** Build numbers of a module's stream; of each the second is in no document. */
function modularRelease(
  random: Random,
  { moduleMark }: Rebuild,
  major: string,
  module: string,
  unknown: boolean,
): string {
  const [name = '', stream = ''] = module.split(':');
  const number = 2000 + Number(name.slice(3)) * 1000 + Number(stream) * 10 + (unknown ? 1 : 0);
  return `${random.pick(['1', '2', '5'])}.${moduleMark}${major}.${random.pick([0, 2, 9, 10])}.0+${number}+a1b2c3d4`;
}

function errata(
  random: Random,
  rebuild: Rebuild,
  vulnerability: string,
  name: string,
  build: Build,
  major: string,
  module: string | undefined,
  unknownBuild: boolean,
): LooseStatement[] {
  const { epoch = 0, version, release } = build;
  const own = unknownBuild ? modularRelease(random, rebuild, major, module!, false) : release;
  const other =
    module === undefined
      ? plainRelease(random, rebuild, major)
      : modularRelease(random, rebuild, major, module, false);
  return Array.from({ length: 1 + random.below(3) }, (_, at): LooseStatement => {
    const fixed = random.pick([
      `${epoch}:${version}-${own}`,
      `${epoch}:${version}-${own}.1`,
      `${epoch}:${version}-${own}~`,
      `${epoch}:${version}.1-${own}`,
      `${epoch}:0.9-${own}`,
      `${epoch}:${version}-${other}`,
    ]);
    return {
      vulnerability,
      package: name,
      subject: 'binary',
      status: 'fixed',
      fixed,
      advisories: [`${rebuild.advisory}-2026:${at}`],
      ...(module === undefined || random.chance(10) ? {} : { module }),
      ...(random.chance(40)
        ? { arch: random.pick([['x86_64'], ['aarch64', 'x86_64'], ['i686'], ['noarch']]) }
        : {}),
    };
  });
}
