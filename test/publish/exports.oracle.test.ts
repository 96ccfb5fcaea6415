import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { hasOracle, npmCommand } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const trivy = npmCommand('trivy');
let home: string;
let feed: string;
let root: string;
let env: Record<string, string>;

beforeAll(() => {
  home = temporaryFolder();
  env = { HOME: home, SCAPFEED_PASSPHRASE: 'a long phrase for a test' };
  feed = writeSmallFeed([
    {
      platform: bookworm,
      statements: [{ vulnerability: 'CVE-2024-1', package: 'a', status: 'fixed', fixed: '2' }],
    },
  ]);
  root = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/debian_version': '12.5\n',
    'var/lib/dpkg/status': stanza('a', '1'),
  });
  does('keys', 'make', '--keys', join(home, 'keys'));
  does('export', '--feed', feed, '--to', 'trivy,debsecan,csaf', '--out', join(home, 'exports'));
}, 60_000);

function does(...args: string[]): string {
  const { code, out, err } = scapfeed(args, env, home);
  expect(`${code} ${code === 0 ? '' : err}`, args.join(' ')).toBe('0 ');
  return out;
}

function publish(to: string, ...more: string[]): string {
  const keys = ['--keys', join(home, 'keys')];
  return does('publish', '--feed', feed, ...keys, '--to', to, '--exports', join(home, 'exports'), ...more);
}

/** Vulnerabilities and fixed versions that real Trivy finds. */
function trivyFinds(cache: string, ...args: string[]): string[] {
  const run = spawnSync(
    trivy!,
    ['rootfs', '--cache-dir', cache, '--scanners', 'vuln', '--format', 'json', '--quiet', ...args, root],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home } },
  );
  expect(`${run.status} ${run.status === 0 ? '' : run.stderr}`).toBe('0 ');
  const { Results = [] } = JSON.parse(run.stdout) as {
    Results?: { Vulnerabilities?: { VulnerabilityID: string; FixedVersion: string }[] }[];
  };
  return Results.flatMap(({ Vulnerabilities = [] }) =>
    Vulnerabilities.map((found) => `${found.VulnerabilityID} ${found.FixedVersion}`),
  );
}

describe('a published folder with exports', () => {
  const pulled = (...more: string[]) => [
    ...['pull', '--from', join(home, 'public'), '--trust-root', join(home, 'keys/1.root.json')],
    ...['--out', join(home, 'feed'), ...more],
  ];

  it.skipIf(trivy === undefined)("pull --export puts Trivy's database where Trivy looks", () => {
    const said = publish(join(home, 'public'));
    expect(said).toContain('with exports for trivy, debsecan, csaf');
    const cache = join(home, 'cache');
    does(...pulled('--export', 'trivy', '--into', cache));

    expect(readdirSync(join(cache, 'db')).sort()).toEqual(['metadata.json', 'trivy.db']);
    expect(trivyFinds(cache, '--skip-db-update', '--offline-scan')).toEqual(['CVE-2024-1 2']);
  });

  it.skipIf(!hasOracle('debsecan'))('debsecan reads its suite by a plain name below exports/', () => {
    publish(join(home, 'public'));
    const run = spawnSync(
      'debsecan',
      [
        ...['--suite', 'bookworm', '--source', `file://${join(home, 'public/exports/debsecan')}/`],
        ...['--status', join(root, 'var/lib/dpkg/status'), '--format', 'simple'],
      ],
      { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: home } },
    );

    expect(run.stdout).toBe('CVE-2024-1 a\n');
  });

  it('an export that was changed is refused, and what was there stays', () => {
    publish(join(home, 'public'));
    const into = join(home, 'suites');
    does(...pulled('--export', 'debsecan', '--into', into));
    const before = readFileSync(join(into, 'bookworm'));
    const [name = ''] = readdirSync(join(home, 'public/targets/feed/exports/debsecan'));
    const target = join(home, 'public/targets/feed/exports/debsecan', name);
    const bytes = readFileSync(target);
    rmSync(target);
    writeFileSync(target, Buffer.from(bytes).fill(0, 10, 12));
    const { code, err } = scapfeed(pulled('--export', 'debsecan', '--into', into), env, home);

    expect(code).toBe(3);
    expect(err).toContain('TRUST_SWAPPED');
    expect(readFileSync(join(into, 'bookworm')).equals(before)).toBe(true);
    writeFileSync(target, bytes);
  });

  it('CSAF documents are served by plain names, and pulled as they were exported', () => {
    publish(join(home, 'public'));
    const into = join(home, 'csaf');
    does(...pulled('--export', 'csaf', '--into', into));

    const exported = join(home, 'exports/csaf');
    for (const folder of [join(home, 'public/exports/csaf'), into])
      expect(spawnSync('diff', ['-r', exported, folder], { encoding: 'utf8' }).stdout).toBe('');
    expect(readdirSync(join(into, 'debian/2024'))).toContain('debian-cve-2024-1.json.sha512');
    // Again, over what is there.
    does(...pulled('--export', 'csaf', '--into', into));
  });

  it("a cache that is a link, another user's or open to all is refused, and nothing is written through it", () => {
    publish(join(home, 'public'));
    const pull = (into: string) => scapfeed(pulled('--export', 'trivy', '--into', into), env, home);
    const [linked, open, elsewhere] = ['linked', 'open', 'elsewhere'].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    for (const folder of [linked, open, elsewhere]) mkdirSync(folder);
    symlinkSync(elsewhere, join(linked, 'db'));
    chmodSync(open, 0o777);

    for (const into of [linked, open]) {
      const { code, err } = pull(into);
      expect(code, err).toBe(3);
      expect(err).toContain('[TRUST_NOT_PRIVATE]');
    }
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(open)).toEqual([]);
    if (process.geteuid?.() === 0) {
      const others = join(home, 'others');
      mkdirSync(others);
      chownSync(others, 12345, 12345);
      expect(pull(others).err).toContain('belongs to user 12345');
    }
    // A link that the user names is his own choice; a link in place of a file is replaced, not followed.
    const named = join(home, 'named');
    symlinkSync(elsewhere, named);
    const victim = join(home, 'victim');
    writeFileSync(victim, 'mine');
    mkdirSync(join(elsewhere, 'db'));
    symlinkSync(victim, join(elsewhere, 'db/trivy.db'));
    expect(pull(named).code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(readdirSync(join(elsewhere, 'db')).sort()).toEqual(['metadata.json', 'trivy.db']);
  });

  it('a target that was not published is named with those that were', () => {
    publish(join(home, 'public'));
    const { code, err } = scapfeed(pulled('--export', 'osv', '--into', join(home, 'osv')), env, home);

    expect(code).toBe(2);
    expect(err).toContain('no export for osv');
    expect(err).toContain('csaf, debsecan, trivy');
    expect(existsSync(join(home, 'osv'))).toBe(false);
  });

  it('exports of another state of the feed are not published', () => {
    const other = join(temporaryFolder(), 'exports');
    mkdirSync(other);
    writeFileSync(
      join(other, 'manifest.json'),
      JSON.stringify({ format: 1, created: '2020-01-01T00:00:00Z', targets: [], outputs: [] }),
    );
    const args = ['publish', '--feed', feed, '--keys', join(home, 'keys'), '--to', join(home, 'public')];
    const { code, err } = scapfeed([...args, '--exports', other], env, home);

    expect(code).toBe(2);
    expect(err).toContain('made from a feed of 2020-01-01');
  });
});

describe.skipIf(!hasOracle('docker-registry') || trivy === undefined)("in Debian's registry", () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await startRegistry();
    return () => registry.stop();
  });

  it('real Trivy takes its database by --db-repository, and pull --export the signed one', () => {
    const plain = ['--insecure-registry', registry.host];
    const to = `oci://${registry.host}/feeds/lab:1`;
    const said = publish(to, ...plain);
    const repository = `${registry.host}/feeds/lab/trivy-db`;
    expect(said).toContain(`--db-repository ${repository}`);

    expect(trivyFinds(join(home, 'registry-cache'), '--db-repository', repository)).toEqual(['CVE-2024-1 2']);
    const cache = join(home, 'pulled-cache');
    const out = ['--out', join(home, 'registry-feed')];
    does(
      'pull',
      '--from',
      to,
      '--trust-root',
      join(home, 'keys/1.root.json'),
      ...out,
      ...plain,
      '--export',
      'trivy',
      '--into',
      cache,
    );
    expect(trivyFinds(cache, '--skip-db-update', '--offline-scan')).toEqual(['CVE-2024-1 2']);
  });
});
