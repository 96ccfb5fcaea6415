import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goProgram } from '../ecosystems/installed/programs.ts';
import { imageLayout, temporaryFile, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { command, type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { certificate } from '../image/support/tls.ts';
import { debianRelease, scapfeed, stanza } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { mirrorFeed } from '../support/mirror-feed.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const trackerData = 'security-tracker-team/security-tracker/-/raw/master/data';

const ready = hasData('mirror') && hasOracle('docker-registry', 'skopeo', 'python3', 'xz', 'zstd');

/** The four kinds of image that people have, each with its packages, served by a real registry. */
describe.skipIf(!ready)('images of a local registry', () => {
  let registry: RegistryServer;
  let feed: string;
  beforeAll(async () => {
    registry = await startRegistry();
    feed = mirrorFeed();
  });
  afterAll(() => registry.stop());

  const kinds: [string, () => Record<string, string | Buffer>, string, string, number][] = [
    ['distroless', distroless, 'debian', 'dpkg-status.d', 3],
    ['debian', debian, 'debian-12', 'dpkg,', 2],
    ['ubuntu', ubuntu, 'ubuntu-22.04', 'dpkg,', 50],
    ['rhel-like', rhel, 'rhel-8', 'rpm-sqlite', 100],
  ];

  it('that speaks plain http is said to, with the option for it, where TLS is asked for', () => {
    const trusting = ['--no-cache', '--ca-file', temporaryFile('ca.pem', certificate)];
    const { code, err } = scapfeed(['inventory', `${registry.host}/lab/app:1`, ...trusting]);

    expect(err).toContain(`${registry.host} does not use TLS: it answered in plain http [IMAGE_UNREACHABLE]`);
    expect(err).toContain(`--insecure-registry ${registry.host}`);
    expect(code).toBe(2);
  });

  it.each(kinds)('%s', async (name, files, platform, database, least) => {
    await push(name, files());
    const reference = `registry:${registry.host}/lab/${name}:1`;
    const options = ['--no-cache'];

    const inventory = scapfeed(['inventory', reference, ...options]);
    const scan = scapfeed(['scan', reference, ...options, '--feed', feed, '--max-age', '0', '-o', 'json']);

    expect(inventory).toMatchObject({ code: 0, out: expect.stringContaining(`(${database}`) });
    const result = JSON.parse(scan.out) as { platform: { id: string }; judged: number; uncovered: unknown[] };
    expect(result.platform.id).toMatch(new RegExp(`^${platform}`));
    expect(result.judged + result.uncovered.length).toBeGreaterThanOrEqual(least);
    expect([0, 4]).toContain(scan.code);
  });

  it('have the days of fixes as the lists of advisories write them', async () => {
    await push('dated', {
      'etc/os-release': debianRelease('11', 'bullseye'),
      'var/lib/dpkg/status': stanza('libssl1.1', '1.1.1k-1', { Source: 'openssl' }),
    });
    const reference = `registry:${registry.host}/lab/dated:1`;
    const { out } = scapfeed([
      'scan',
      reference,
      '--no-cache',
      '--feed',
      feed,
      '--max-age',
      '0',
      '-o',
      'json',
    ]);
    const lists = ['DSA', 'DLA'].map((name) =>
      readFileSync(dataPath('mirror/salsa.debian.org', trackerData, name, 'list'), 'utf8'),
    );
    const dayOf = (id: string) => {
      const [, text = ''] = new RegExp(`^\\[(.*)\\] ${id} `, 'm').exec(lists.join('\n')) ?? [];
      return new Date(`${text} UTC`).toISOString().slice(0, 10);
    };
    const dated = (JSON.parse(out).verdicts as { advisories: string[]; fixDate?: string }[]).filter(
      ({ fixDate }) => fixDate !== undefined,
    );

    expect(dated.length).toBeGreaterThan(5);
    for (const { advisories, fixDate } of dated) expect(fixDate).toBe(advisories.map(dayOf).sort()[0]);
  });

  it('as zstd:chunked, written by skopeo, are read by their tables of contents, to the same results', async () => {
    const program = Buffer.concat([
      goProgram('go1.22.1', ['dep example.org/left v1.1.0 h1:x=']),
      randomBytes(200_000),
    ]);
    const files = { ...debian(), 'srv/bulk': randomBytes(3_000_000), 'opt/app': program };
    await push('chunked', files, '--dest-compress-format', 'zstd:chunked');
    const reference = `registry:${registry.host}/lab/chunked:1`;
    const run = (...args: string[]) => scapfeed([...args, '--no-cache', '-o', 'json']);
    const withoutNotes = ({ code, out }: { code: number | null; out: string }) => ({
      code,
      ...JSON.parse(out, (key, value: unknown) => (key === 'notes' ? undefined : value)),
    });
    const scan = ['scan', reference, '--feed', feed, '--max-age', '0'];
    const inventory = ['inventory', reference];
    const part = run(...inventory, '--partial-layers');
    const whole = run(...inventory);

    expect(part.out).toContain('layer_read_in_part');
    expect(part.out).toContain('"/opt/app"');
    expect(withoutNotes(part)).toEqual(withoutNotes(whole));
    expect(withoutNotes(run(...scan, '--partial-layers'))).toEqual(withoutNotes(run(...scan)));
  });

  async function push(
    name: string,
    files: Record<string, string | Buffer>,
    ...options: string[]
  ): Promise<void> {
    const layers = [
      Object.entries(files).map(([path, content]) => ({
        ...file(path, content),
        mode: path === 'opt/app' ? 0o755 : 0o644,
      })),
    ];
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers }));
    const to = `docker://${registry.host}/lab/${name}:1`;
    await command('skopeo', 'copy', '--dest-tls-verify=false', ...options, `oci:${folder}:latest`, to);
  }
});

function distroless(): Record<string, Buffer> {
  const root = dataPath('distroless', 'rootfs');
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path)]));
}

function debian(): Record<string, string> {
  const packages = [
    stanza('libssl3', '3.0.9-1', { Source: 'openssl' }),
    stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
  ];
  return { 'etc/os-release': debianRelease('12', 'bookworm'), 'var/lib/dpkg/status': packages.join('') };
}

/** The real package list of a jammy image, written as the status file that dpkg would have. */
function ubuntu(): Record<string, string> {
  const text = readFileSync(dataPath('expected-inventory', 'ubuntu-jammy.tsv'), 'utf8');
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const stanzas = rows.map(([name, arch, version, source, sourceVersion]) =>
    stanza(name!, version!, { Architecture: arch!, Source: `${source} (${sourceVersion})` }),
  );
  const release = 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nPRETTY_NAME="Ubuntu 22.04 LTS"\n';
  return { 'etc/os-release': release, 'var/lib/dpkg/status': stanzas.join('') };
}

/** A real UBI 8 package list as an rpm database. */
function rhel(): Record<string, string | Buffer> {
  const folder = temporaryFolder();
  const tool = dataPath('..', 'tools', 'make-rpmdb.py');
  execFileSync('python3', [tool, dataPath('rpm-lists', 'UBI8s390x.json'), folder, 'sqlite']);
  return {
    'etc/os-release': 'ID="rhel"\nVERSION_ID="8.4"\nPRETTY_NAME="Red Hat Enterprise Linux 8.4"\n',
    'etc/redhat-release': 'Red Hat Enterprise Linux release 8.4 (Ootpa)\n',
    'var/lib/rpm/rpmdb.sqlite': readFileSync(join(folder, 'rpmdb.sqlite')),
  };
}
