import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { keepProfileResult, type ProfileOutcome } from '../../src/fleet/complying.ts';
import type { FleetTools } from '../../src/fleet/fleet.ts';
import { openFleet } from '../../src/fleet/open-fleet.ts';
import { runFleet } from '../../src/fleet/run.ts';
import { keepSigned } from '../../src/fleet/store/images.ts';
import { importInventory } from '../../src/fleet/store/imports.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { lastRun } from '../../src/fleet/store/runs.ts';
import { keepVerification, type ReadVerification } from '../../src/fleet/store/verifications.ts';
import { addWaiver } from '../../src/fleet/store/waivers.ts';
import { addNames, addWatch } from '../../src/fleet/store/watches.ts';
import type { Assessment, Statement } from '../../src/model/feed/index.ts';
import type { Deviation, SignatureGate } from '../../src/model/verdict/index.ts';
import { silentTerminal } from './silent-terminal.ts';
import { bookworm, deb, trixie, writeSmallFeed } from './small-feed.ts';

/** The morning on which the sample fleet is looked at. */
export const sampleMorning = new Date('2026-11-27T07:30:00Z');

const day = 86_400_000;

const sources = [
  ...['openssl', 'curl', 'glibc', 'zlib', 'libxml2', 'expat', 'sqlite3', 'systemd', 'krb5', 'gnutls28'],
  ...['perl', 'python3.11', 'openldap', 'nghttp2', 'libssh2', 'tiff', 'libwebp', 'bash', 'tar', 'util-linux'],
  ...[
    'git',
    'nginx',
    'postgresql-15',
    'redis',
    'imagemagick',
    'ffmpeg',
    'openjdk-17',
    'ruby3.1',
    'php8.2',
    'vim',
  ],
];

const teams: Readonly<Record<string, readonly string[]>> = {
  shop: ['cart', 'catalog', 'checkout', 'payments', 'search', 'web'],
  platform: ['auth', 'gateway', 'ingress', 'mail', 'queue', 'scheduler'],
  data: ['etl', 'postgres', 'redis', 'reports', 'stream', 'warehouse'],
};

const names = Object.entries(teams).flatMap(([team, apps]) =>
  apps.map((app) => `registry.example/${team}/${app}:stable`),
);

/** The same numbers on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Version of a source package that an image has: those that were built later have later ones. */
function version(name: string, build: number): string {
  const at = sources.indexOf(name);
  return `${1 + (at % 4)}.${at}.${build}-1`;
}

function inventoryOf(at: number, build: number) {
  const random = randomNumbers(at + 1);
  const own = sources.filter((_, source) => source < 10 || random() < 0.4);
  const [release, codename] = at % 3 === 2 ? ['13', 'trixie'] : ['12', 'bookworm'];
  const packages = own.map((name, each) => ({
    ...deb(name, version(name, build)),
    layer: each < 10 ? 0 : 1,
  }));
  return {
    image: {
      reference: names[at] ?? '',
      digest: `sha256:${(at * 1000 + build).toString(16).padStart(12, '5e')}${'0'.repeat(52)}`,
      architecture: 'amd64',
      layers: [
        { diffId: `sha256:${'1'.repeat(64)}`, createdBy: `ADD rootfs.tar.xz / # ${codename}` },
        { diffId: `sha256:${String(at % 10).repeat(64)}`, createdBy: 'RUN apt-get install -y $PACKAGES' },
      ],
    },
    os: {
      id: 'debian',
      versionId: release,
      codename,
      prettyName: `Debian GNU/Linux ${release}`,
      found: '/etc/os-release',
    },
    databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: packages.length }],
    packages,
    notes: [],
    ...(at === 1 && {
      unjudged: [{ ecosystem: 'pypi', packages: 12, places: ['/usr/lib/python3/dist-packages'] }],
    }),
  };
}

type SmallStatement = Omit<Statement, 'platform' | 'severity' | 'evidence'> & Partial<Statement>;

/** The vendor's statements in a night: more each night, and fixes for older ones. */
function statementsOf(night: number): SmallStatement[] {
  const random = randomNumbers(7);
  return Array.from({ length: 120 }, (_, at): SmallStatement & { from: number } => {
    const name = sources[Math.floor(random() ** 1.5 * sources.length)]!;
    const from = Math.floor(random() * 20) - 8;
    const severity = (['critical', 'high', 'high', 'medium', 'medium', 'medium', 'low', 'low'] as const)[
      Math.floor(random() * 8)
    ]!;
    const fixedAfter = Math.floor(random() * 14);
    const known = { vulnerability: `CVE-2026-${20_000 + 37 * at}`, package: name, severity, from };
    return night - from >= fixedAfter
      ? {
          ...known,
          status: 'fixed',
          fixed: version(name, Math.max(2, from + fixedAfter)),
          advisories: [`DSA-${5000 + at}-1`],
        }
      : { ...known, status: 'affected', fixState: 'none_yet' };
  }).flatMap(({ from, ...statement }) => (from <= night ? [statement] : []));
}

const exploited: readonly Assessment[] = [3, 17, 40].map((at) => ({
  id: `CVE-2026-${20_000 + 37 * at}`,
  ratings: [],
  exploited: { added: '2026-11-18' },
}));

const signed: SignatureGate = {
  verdict: 'signed',
  asked: ['signed by https://ci.example/shop, issuer https://accounts.example'],
  subjects: [],
  signatures: [
    {
      ...{
        form: 'sigstore-bundle',
        place: 'referrer',
        digest: `sha256:${'2'.repeat(64)}`,
        state: 'verified',
      },
      at: { kind: 'manifest', digest: `sha256:${'3'.repeat(64)}` },
      signer: 'https://ci.example/shop',
    },
  ],
};

const unsigned: SignatureGate = { verdict: 'unsigned', asked: signed.asked, subjects: [], signatures: [] };

/**
 * A fleet of twenty images over some nights, by real runs: the same each time it is made. `folder`: a new one, for its feeds.
 */
export async function makeSampleFleet(place: string, folder: string, nights = 12): Promise<void> {
  for (let night = 0; night < nights; night++) {
    const now = new Date(sampleMorning.getTime() - (nights - night) * day + day / 2);
    await keepNames(place, night, 12 - nights + night, now);
    await runNight(place, join(folder, `feed-${night}`), 12 - nights + night, now);
  }
  await keepLooks(place);
}

/** Adds findings in the files of some images, and results of a profile for some. */
async function keepLooks(place: string): Promise<void> {
  const database = await openDatabase(place, sampleMorning);
  const run = (await lastRun(database))!;
  const images = await database.query<{ image: number; reference: string }>(
    'SELECT image, reference FROM fleet.name_images JOIN fleet.names ON names.id = name WHERE until IS NULL',
  );
  const imageOf = (at: number) => images.find(({ reference }) => reference === names[at])!.image;
  for (const [at, looked] of [filesOf(42), filesOf(3), filesOf(0), noFiles].entries())
    await keepVerification(database, imageOf(at), looked, sampleMorning, 'scapfeed sample');
  for (let at = 6; at < names.length; at++)
    await keepProfileResult(
      database,
      {
        ...{ run, image: imageOf(at), digest: '', reference: '' },
        profile: 'cis_level1_server',
        content: 'sample',
      },
      at === 11 ? { code: 'IMAGE_UNREACHABLE', message: 'the registry did not answer' } : rulesOf(at),
    );
  await database.close();
}

const noFiles: ReadVerification = {
  code: 'IMAGE_MALFORMED',
  message: 'expected a hard link to a file of the image, found one to "usr/bin/perl5.36", where none is',
};

/** A verification with so many programs that no package owns, and what else real images have. */
function filesOf(unowned: number): ReadVerification {
  const programs = Array.from(
    { length: unowned },
    (_, at): Deviation => ({
      ...{
        kind: 'unowned',
        path: `/opt/app/bin/tool-${at + 1}`,
        packages: [],
        detail: 'program',
        executable: 'program',
      },
      ...{ sha256: (at + 10).toString(16).padStart(2, '0').repeat(32), mode: '0755', layer: 1 },
    }),
  );
  const others: Deviation[] = [
    {
      kind: 'changed',
      path: '/usr/bin/find',
      packages: ['findutils'],
      detail: 'digest',
      mode: '0755',
      layer: 1,
    },
    { kind: 'missing', path: '/usr/bin/apt-get', packages: ['apt'], detail: 'taken away', layer: 1 },
    { kind: 'config', path: '/etc/nsswitch.conf', packages: ['libc-bin'], detail: 'digest', layer: 1 },
    {
      ...{ kind: 'setuid', path: '/usr/local/libexec/collector/helper', packages: [], detail: 'mode 4755' },
      ...{ origin: 'unowned', mode: '4755', layer: 1 },
    },
  ];
  return {
    deviations: unowned > 0 ? [...programs, ...others] : [],
    counts: {
      ...{ files: 6214 + unowned, owned: 6214, compared: 5980 },
      absent: { documentation: 1230, config: 2, optional: 0, undescribed: 40 },
    },
    unverified: [{ reason: 'no_digest', files: 234, packages: ['base-files'] }],
    uncovered: [],
    notes: [],
  };
}

const ruleTitles = [
  'Ensure that /etc/passwd is owned by root',
  'Ensure that /etc/shadow is not readable by others',
  'Disable SSH access via empty passwords',
  'Set the default umask to 027',
  'Ensure that no world-writable file has an unknown owner',
  'Set the longest age of a password',
  'Disable the mounting of cramfs',
  'Ensure that the system logs are rotated',
];

function rulesOf(at: number): ProfileOutcome {
  const random = randomNumbers(at + 3);
  const rules = ruleTitles.map((title, rule) => {
    const draw = random();
    return {
      rule: `xccdf_org.example_rule_${title.toLowerCase().replaceAll(/[^a-z]+/g, '_')}`,
      title,
      severity: (['high', 'medium', 'medium', 'low'] as const)[rule % 4]!,
      result: rule === 6 ? 'notapplicable' : draw < 0.35 ? 'fail' : draw < 0.42 ? 'notchecked' : 'pass',
    };
  });
  const count = (result: string) => rules.filter((each) => each.result === result).length;
  const counts = { pass: count('pass'), fail: count('fail'), notchecked: count('notchecked') };
  return { score: (100 * counts.pass) / (counts.pass + counts.fail), counts, rules };
}

async function keepNames(place: string, at: number, night: number, now: Date): Promise<void> {
  const database = await openDatabase(place, now);
  const tool = 'scapfeed sample';
  for (const [number, name] of names.entries()) {
    // Each is built again every few nights; some nobody builds.
    const build = number % 5 === 4 ? 0 : Math.floor((night + (number % 4)) / 4) * 4;
    const document = inventoryOf(number, Math.max(0, build));
    const { image } = await importInventory(database, document, name, now, tool);
    if (number < 9) await keepSigned(database, image, number === 6 ? unsigned : signed);
  }
  if (at === 0) {
    const old = {
      ...inventoryOf(0, 0),
      os: { id: 'oldlinux', versionId: '4', prettyName: 'Old Linux 4', found: '/etc/os-release' },
    };
    const digest = `sha256:${'7'.repeat(64)}`;
    await importInventory(
      database,
      { ...old, image: { ...old.image, digest } },
      'host.example/build2',
      now,
      tool,
    );
    const missing = 'dir:/srv/images/legacy-reports';
    const { id } = await addWatch(database, { kind: 'image', place: missing }, now);
    await addNames(database, id, [missing], now);
  }
  if (at === 1)
    await addWaiver(
      database,
      {
        vulnerability: `CVE-2026-${20_000 + 37 * 9}`,
        reason: 'the parser is not reachable from the network',
        until: '2027-03-31',
      },
      'ops@example.test',
      now,
    );
  await database.close();
}

async function runNight(place: string, directory: string, night: number, now: Date): Promise<void> {
  mkdirSync(directory);
  const feed = openChosenFeed(
    writeSmallFeed(
      [bookworm, trixie].map((platform) => ({ platform, statements: statementsOf(night) })),
      directory,
      night < 6 ? exploited.slice(0, 1) : exploited,
    ),
    {},
  );
  const tools: FleetTools = { ...fleetTools('fleet run', {} as never, silentTerminal({})), now: () => now };
  const fleet = await openFleet(place, feed, tools);
  try {
    await runFleet(
      fleet,
      { judging: { platformMap: [] }, profiles: [], receivers: [], signed: false },
      { signed: true },
    );
  } finally {
    await fleet.close();
    feed.close();
  }
}
