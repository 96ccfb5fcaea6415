import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, ovalNamespace, type Selection, unreadKey } from '../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { type CliResult, rootWith, stanza } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { command } from './command.ts';
import { register } from './distro.ts';
import { testix } from './testix/index.ts';
import { testrix } from './testrix/index.ts';

// Distributions that src has never heard of go the whole way: everything that is known about them stands in two folders
// of fixtures and comes in through the registries.
const home = temporaryFolder();
const env = {
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_CACHE_HOME: join(home, 'cache'),
  SCAPFEED_PASSPHRASE: 'a passphrase of tests',
};
const out = join(home, 'out');
const scapfeed = (...argv: string[]) => command(argv, env);

beforeAll(async () => {
  register(testix);
  register(testrix);
  const mirror = join(home, 'mirror');
  for (const id of ['testix', 'testrix']) {
    cpSync(join(import.meta.dirname, id, 'mirror'), mirror, { recursive: true });
  }
  const sources = ['--source', 'testix', '--source', 'testrix'];
  const built = await scapfeed(
    'build',
    ...sources,
    '--no-ratings',
    '--mirror',
    mirror,
    '--out',
    out,
    '--scap',
  );
  expect(built).toMatchObject({ code: 0, err: '' });
});

const testixRoot = () =>
  rootWith({
    'etc/os-release': 'ID=testix\nVERSION_ID=1\nPRETTY_NAME="Testix 1"\n',
    'var/lib/dpkg/status': [
      stanza('libssl3', '3.0.1-1', { Source: 'openssl' }),
      stanza('bash', '5.2-2'),
      stanza('zlib1g', '1:1.3-2', { Source: 'zlib' }),
      stanza('mystery', '1.0-1'),
    ].join(''),
  });

const rpm = (name: string, epoch: number, version: string, release: string): RpmPackage => ({
  name,
  epoch,
  version,
  release,
  arch: 'x86_64',
  vendor: 'Testrix',
  sourcerpm: `${name}-${version}-${release}.src.rpm`,
});

function testrixRoot(files: Record<string, string> = {}): string {
  const root = rootWith({
    'etc/os-release': 'ID=testrix\nVERSION_ID=7\nPRETTY_NAME="Testrix 7"\n',
    ...files,
  });
  const packages = [
    rpm('openssl-libs', 1, '3.0.2', '3.tx7'),
    rpm('bash', 0, '5.2', '2.tx7'),
    rpm('curl', 0, '7.0', '2.tx7'),
  ];
  const folder = join(root, 'var/lib/rpm');
  mkdirSync(folder, { recursive: true });
  const list = join(temporaryFolder(), 'packages.json');
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [rpmDatabaseMaker, list, folder, 'sqlite'], { stdio: 'ignore' });
  return root;
}

describe('a made-up distribution of dpkg packages', () => {
  it('is built with every record accounted for', () => {
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));

    expect(manifest.platforms).toMatchObject([
      { id: 'testix-1', roster: true, statements: 4, updated: '2026-11-20T12:00:00Z' },
      { id: 'testrix-7', roster: false, statements: 4, updated: '2026-11-21T12:00:00Z' },
    ]);
    expect(manifest.sources).toMatchObject([
      { id: 'testix', records: 5, used: 4, dropped: 1 },
      { id: 'testrix', records: 5, used: 5, findings: [{ reason: 'unparsable_fixed_version', count: 1 }] },
    ]);
  });

  it('is judged by its rule, and what its suite never shipped is told', async () => {
    const { verdicts, uncovered } = resultOf(
      await scapfeed('scan', `dir:${testixRoot()}`, '--feed', out, '--max-age', '0', '-o', 'json'),
    );

    expect(rows(verdicts)).toEqual([
      'CVE-2026-0001 libssl3 available 3.0.2-1',
      'CVE-2026-0003 bash none_yet -',
    ]);
    expect(uncovered).toMatchObject([{ name: 'mystery', reason: 'not_covered' }]);
  });

  it('is recognised by a file of its own where os-release is missing', async () => {
    const root = rootWith({
      'etc/testix_version': '1\n',
      'var/lib/dpkg/status': stanza('bash', '5.2-2'),
    });
    const { inventory, verdicts } = resultOf(
      await scapfeed('scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json'),
    );

    expect(inventory.os).toMatchObject({ id: 'testix', versionId: '1', found: '/etc/testix_version' });
    expect(rows(verdicts)).toEqual(['CVE-2026-0003 bash none_yet -']);
  });

  it('has package URLs of its own', async () => {
    const { out: bom } = await scapfeed('inventory', `dir:${testixRoot()}`, '-o', 'cyclonedx');

    expect(bom).toContain('pkg:deb/testix/libssl3@3.0.1-1?arch=amd64&distro=testix-1&upstream=openssl');
  });

  it("explain tells the threshold and the vendor's record", async () => {
    const place = [`dir:${testixRoot()}`, 'CVE-2026-0001', 'openssl'];
    const { code, out: text } = await scapfeed('explain', ...place, '--feed', out, '--max-age', '0');

    expect(code, text).toBe(0);
    expect(text).toContain('3.0.2-1');
    expect(text).toContain('TXA-2026:1');
    expect(text).toContain('testix.example/security/advisories.json');
  });
});

describe.skipIf(!existsSync(rpmDatabaseMaker) || !hasOracle('python3', 'rpm'))(
  'a made-up distribution of rpm packages',
  () => {
    it('is judged by its rule', async () => {
      const result = await scapfeed(
        'scan',
        `dir:${testrixRoot()}`,
        '--feed',
        out,
        '--max-age',
        '0',
        '-o',
        'json',
      );

      expect(rows(resultOf(result).verdicts)).toEqual([
        'CVE-2026-0001 openssl-libs available 1:3.0.2-4.tx7',
        'CVE-2026-0003 bash none_yet -',
      ]);
    });

    it("rows of a channel hold where the image's context says so, by a table of the source", async () => {
      const root = testrixRoot({ 'etc/testrix/repository': 'testrix-7-extras\n' });
      const { verdicts } = resultOf(
        await scapfeed('scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json'),
      );

      expect(rows(verdicts)).toContain('CVE-2026-0008 bash available 0:5.2-9.tx7');
    });
  },
);

describe('feed and documents of made-up distributions', () => {
  it('are valid, tables by the schemas of their sources', async () => {
    expect(await scapfeed('validate', out)).toMatchObject({ code: 0 });
    const documents = [
      'oval/testix-1.oval',
      'oval/testrix-7.unfixed.oval',
      'scap/testix-1.ds',
      'scap/testrix-7.ds',
    ];
    const { code, out: text } = await scapfeed(
      'validate',
      ...documents.map((name) => join(out, `${name}.xml`)),
    );
    expect(code, text).toBe(0);
  });

  it('are built again from their snapshots, byte for byte', async () => {
    expect(await scapfeed('validate', '--rebuild', out)).toMatchObject({ code: 0, err: '' });
  });

  it('are published, pulled, and judge as before', async () => {
    const site = join(home, 'public');
    expect(await scapfeed('keys', 'make')).toMatchObject({ code: 0 });
    expect(await scapfeed('publish', '--feed', out, '--to', site)).toMatchObject({ code: 0, err: '' });
    const root = join(site, 'metadata/1.root.json');
    const pulled = await scapfeed('pull', '--from', site, '--trust-root', root);
    expect(pulled.code, pulled.err).toBe(0);
    for (const platform of ['testix-1', 'testrix-7']) expect(pulled.out).toContain(platform);

    const { verdicts } = resultOf(
      await scapfeed('scan', `dir:${testixRoot()}`, '--max-age', '0', '-o', 'json'),
    );
    expect(rows(verdicts)).toEqual([
      'CVE-2026-0001 libssl3 available 3.0.2-1',
      'CVE-2026-0003 bash none_yet -',
    ]);
    // No platform is layered on another one: none is marked as pulled without its layers.
    const installed = readFileSync(join(env.XDG_DATA_HOME, 'scapfeed/feed/manifest.json'), 'utf8');
    expect(installed).not.toContain('layered_products_not_pulled');
    expect(installed).toContain('index/testrix-repositories.jsonl');
  });
});

describe.skipIf(!existsSync(rpmDatabaseMaker) || !hasOracle('oscap', 'python3', 'rpm'))(
  'oscap on the OVAL of made-up distributions',
  () => {
    it.each([
      { platform: 'testix-1', rootOf: testixRoot, unread: [] },
      { platform: 'testrix-7', rootOf: () => testrixRoot(), unread: ['curl'] },
    ])('agrees with the scan of $platform', async ({ platform, rootOf, unread }) => {
      const root = rootOf();
      const { verdicts, uncovered } = resultOf(
        await scapfeed('scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json'),
      );
      const undecidable = uncovered.filter(({ reason }) => reason === 'undecidable');
      expect(undecidable.map(({ name }) => name)).toEqual(unread);

      for (const selection of ['fixed', 'unfixed'] as const) {
        const file = join(out, 'oval', `${platform}.${selection === 'fixed' ? 'oval' : 'unfixed.oval'}.xml`);
        const results = oscapVerdicts(file, { root });
        const told = flaws(platform).filter(([vulnerability, name]) => {
          const key = flawKey(selection, vulnerability, name);
          return results.get(definitionId(ovalNamespace(platform), key)) === 'true';
        });

        expect(told, selection).toEqual(
          flaws(platform).filter(([vulnerability, name]) => isTold(verdicts, vulnerability, name, selection)),
        );
        expect(told).toHaveLength(1);
        const kinds = selection === 'fixed' ? (['flaw', 'update'] as const) : (['flaw'] as const);
        const keys = unread.flatMap((name) => kinds.map((kind) => unreadKey(kind, name)));
        const others = [...results].filter(([, result]) => !/^(?:true|false)$/.test(result));
        expect(others.sort()).toEqual(
          keys.map((key) => [definitionId(ovalNamespace(platform), key), 'unknown']).sort(),
        );
      }
    });
  },
);

/** The members of a scan's JSON that are read here (schemas/scan-result.schema.json). */
interface Scanned {
  verdicts: {
    vulnerability: string;
    package: { name: string; source: { name: string } };
    fixState?: string;
    fixedVersion?: string;
  }[];
  uncovered: { name: string; reason: string }[];
  inventory: { os: object };
}

type Verdicts = Scanned['verdicts'];

function resultOf({ out: text, err }: CliResult): Scanned {
  if (text === '') throw new Error(err);
  return JSON.parse(text) as Scanned;
}

function rows(verdicts: Verdicts): string[] {
  return verdicts
    .map(
      ({ vulnerability, package: { name }, fixState, fixedVersion = '-' }) =>
        `${vulnerability} ${name} ${fixState} ${fixedVersion}`,
    )
    .sort();
}

/** Flaws and packages of the vendor's rows, by the names that definitions have. */
function flaws(platform: string): [string, string][] {
  const id = platform.split('-')[0]!;
  const path = join(import.meta.dirname, id, 'mirror', `${id}.example/security/advisories.json`);
  const document = JSON.parse(readFileSync(path, 'utf8')) as {
    rows: { cve: string; package: string; channel?: string }[];
  };
  return document.rows.flatMap((row) => (row.channel ? [] : [[row.cve, row.package] as [string, string]]));
}

function isTold(verdicts: Verdicts, vulnerability: string, name: string, selection: Selection): boolean {
  return verdicts.some(
    (verdict) =>
      verdict.vulnerability === vulnerability &&
      (verdict.package.name === name || verdict.package.source.name === name) &&
      (verdict.fixState === 'available') === (selection === 'fixed'),
  );
}
