import type { Platform } from '../../src/model/feed/index.ts';
import { Random } from './random.ts';
import type { LooseStatement, Trial } from './trial.ts';

export const debian: Platform = {
  id: 'debian-12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  aliases: [],
  os: { id: 'debian', version: '12', codename: 'bookworm' },
  packaging: 'deb',
  life: [],
};

export const ubuntu: Platform = {
  ...debian,
  id: 'ubuntu-22.04',
  name: 'Ubuntu 22.04 LTS',
  os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
};

export interface TrialSize {
  packages: number;
  flawsPerPackage: number;
}

/** Debian: one row a flaw, at every boundary of the installed source version, in every state that dpkg has. */
export function debianTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed);
  const statements: LooseStatement[] = [];
  const stanzas: string[] = [];
  for (let at = 0; at < size.packages; at++) {
    const source = `src${seed}x${at}${random.pick(['', '+', '.1', '-x'])}`;
    const version = debianVersion(random);
    stanzas.push(...installed(random, source, version));
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++) {
      const vulnerability = `CVE-2026-${10000 + flaw}`;
      statements.push({ vulnerability, package: source, ...debianClaim(random, version) });
    }
  }
  return trial(`debian ${seed}`, debian, statements, stanzas);
}

function debianClaim(random: Random, version: string): Omit<LooseStatement, 'vulnerability' | 'package'> {
  const kind = random.below(20);
  if (kind < 14) return { status: 'fixed', fixed: near(random, version) };
  if (kind < 17) {
    const fixState = random.pick(['none_yet', 'fix_deferred', 'will_not_fix', 'end_of_life'] as const);
    return { status: 'affected', fixState };
  }
  return { status: kind === 17 ? 'under_investigation' : 'not_affected' };
}

const channels = ['esm-infra', 'esm-apps', 'esm-infra-legacy', 'fips', 'fips-updates', 'realtime'] as const;

/** Ubuntu: up to three rows a flaw, of several channels, against builds of every kind. */
export function ubuntuTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed + 7);
  const statements: LooseStatement[] = [];
  const stanzas: string[] = [];
  for (let at = 0; at < size.packages; at++) {
    const source = random.chance(10) ? `linux-${seed}x${at}` : `src${seed}x${at}`;
    const version = `${debianVersion(random)}${random.pick(['', '', '~esm1', '+esm2', '+Fips1', 'fips3~esm1'])}`;
    stanzas.push(...installed(random, source, version));
    const special = random.chance(5);
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++) {
      const vulnerability = `CVE-2026-${10000 + flaw}`;
      for (const claim of ubuntuClaims(random, version, special)) {
        statements.push({ vulnerability, package: source, ...claim });
      }
    }
  }
  return trial(`ubuntu ${seed}`, ubuntu, statements, stanzas);
}

type UbuntuClaim = Omit<LooseStatement, 'vulnerability' | 'package'>;

function ubuntuClaims(random: Random, version: string, special: boolean): UbuntuClaim[] {
  const claims: UbuntuClaim[] = [];
  if (!special && random.chance(85)) claims.push(baseClaim(random, version));
  const own = special ? (['fips', 'fips-updates'] as const) : channels;
  const used = new Set<string>();
  for (let more = random.below(3); more > 0 || claims.length === 0; more--) {
    const channel = random.pick(own);
    if (used.has(channel)) continue;
    used.add(channel);
    claims.push({ ...debianClaim(random, version), channel });
  }
  return claims;
}

function baseClaim(random: Random, version: string): UbuntuClaim {
  if (!random.chance(20)) return debianClaim(random, version);
  const elsewhere = { status: 'affected', fixState: 'other_channel', reason: 'esm-infra' } as const;
  return random.chance(70) ? { ...elsewhere, channelFix: near(random, version) } : elsewhere;
}

function trial(name: string, platform: Platform, statements: LooseStatement[], stanzas: string[]): Trial {
  const { id, version, codename } = platform.os;
  return {
    name,
    platform,
    data: {},
    statements,
    files: {
      'etc/os-release': `ID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`,
      'var/lib/dpkg/status': `${stanzas.join('\n')}`,
      'var/lib/dpkg/status-old':
        'Package: old\nStatus: install ok installed\nArchitecture: all\nVersion: 0\n',
    },
  };
}

function debianVersion(random: Random): string {
  const epoch = random.pick(['', '', '', '1:', '4:']);
  const upstream = random.pick([
    '1.2.3',
    '3.0.8',
    '20240203',
    '2.36',
    '7.88.1+dfsg',
    '0~git2',
    '1.0~rc1',
    '9.0.1378',
  ]);
  const revision = random.pick([
    '-1',
    '-2',
    '-10',
    '-1+b1',
    '-2.1',
    '-9+deb12u3',
    '-1~deb12u1',
    '',
    '-1ubuntu2.3',
  ]);
  return `${epoch}${upstream}${revision}`;
}

/** The version itself, just above, just below, with another epoch, or some other. */
function near(random: Random, version: string): string {
  const bare = version.replace(/^\d+:/, '');
  return random.pick([
    version,
    `${version}+x1`,
    `${version}~`,
    `${version}.1`,
    `9:${bare}`,
    bare,
    `0:${bare}`,
    version.replace(/\d+(?=\D*$)/, (digits) => String(Number(digits) + 1)),
    version.replace(/\d+(?=\D*$)/, (digits) => String(Math.max(1, Number(digits) - 1))),
    debianVersion(random),
  ]);
}

const states = [
  'install ok installed',
  'install ok installed',
  'install ok installed',
  'install ok installed',
  'hold ok installed',
  'deinstall ok installed',
  'install ok half-configured',
  'install ok unpacked',
  'install ok triggers-pending',
  'install ok triggers-awaited',
  'deinstall ok config-files',
  'purge ok not-installed',
  'install ok half-installed',
  'install reinstreq half-configured',
];

/** One to three binaries of a source in dpkg's three spellings; a second architecture may lag behind. */
function installed(random: Random, source: string, version: string): string[] {
  const stanzas: string[] = [];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const own = random.chance(40);
    const name = own ? source : `lib${source}-${count}`;
    const versions = random.chance(10) ? [version, near(random, version)] : [version];
    for (const [at, built] of versions.entries()) {
      const spelled = spellings(random, source, built, own);
      stanzas.push(
        `Package: ${name}\n${random.chance(10) ? 'Essential: yes\n' : ''}Status: ${random.pick(states)}\n` +
          `Priority: optional\nArchitecture: ${at === 0 ? 'amd64' : 'i386'}\n${spelled}Description: x\n Source: other\n more\n`,
      );
    }
    if (own) break;
  }
  return stanzas;
}

function spellings(random: Random, source: string, version: string, own: boolean): string {
  if (own && random.chance(70)) return `Version: ${version}\n`;
  if (random.chance(50)) return `Source: ${source}\nVersion: ${version}\n`;
  return `Source: ${source} (${version})\nVersion: ${random.pick(['99:1', '0~', `${version}+b2`])}\n`;
}
