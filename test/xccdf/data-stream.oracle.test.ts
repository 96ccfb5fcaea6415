import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ovalContent, writeOval } from '../../src/feed/oval/index.ts';
import { validateFile } from '../../src/validate/index.ts';
import { writeDataStream } from '../../src/xccdf/index.ts';
import { affected, fixed, indexOf } from '../oval/support/indexes.ts';
import { bookwormRelease, rootOf, xsdErrors } from '../oval/support/roots.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const index = indexOf({
  packages: {
    curl: [
      fixed('7.88.1-10+deb12u4', ['CVE-2023-38545'], { severity: 'critical', advisories: ['DSA-5523-1'] }),
    ],
    openssl: [
      fixed('3.0.8-1~deb12u1', ['CVE-2023-0286'], { severity: 'high', advisories: ['DSA-5343-1'] }),
      fixed('3.0.9-1', ['CVE-2023-2650']),
      affected('will_not_fix', ['CVE-2024-5535'], { severity: 'low' }),
    ],
  },
});
const stanza = (name: string, version: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`;
const system = {
  'etc/os-release': bookwormRelease,
  'var/lib/dpkg/status': [stanza('openssl', '3.0.8-1'), stanza('curl', '7.88.1-10+deb12u1')].join('\n'),
};

describe.skipIf(!hasOracle('oscap'))('oscap on our data stream', () => {
  let path: string;
  beforeAll(async () => {
    const directory = temporaryFolder();
    path = join(
      directory,
      (await writeDataStream(index, directory, { toolVersion: '0.1.0', oval: ovalContent(index) })).name,
    );
  });

  test('sds-validate finds nothing, with the full set of rules too', () => {
    for (const full of ['', '1']) {
      const run = spawnSync('oscap', ['ds', 'sds-validate', path], {
        env: { ...process.env, OSCAP_FULL_VALIDATION: full },
      });
      expect([full, run.status]).toEqual([full, 0]);
    }
  });

  test('info lists the stream and its profiles', () => {
    const { stdout, status } = spawnSync('oscap', ['info', path], { encoding: 'utf8' });

    expect(status).toBe(0);
    expect(stdout).toContain('Stream: scap_org.scapfeed_datastream_debian-12');
    expect(stdout).toContain('Id: xccdf_org.scapfeed_profile_important-and-up');
  });

  test('the benchmark by itself gives the same results from the OVAL of the feed', async () => {
    const root = rootOf(system);
    const feed = temporaryFolder();
    for (const folder of ['oval', 'scap']) mkdirSync(join(feed, folder));
    await writeOval(index, join(feed, 'oval'), { toolVersion: '0.1.0' });
    const { name, benchmark } = await writeDataStream(index, join(feed, 'scap'), {
      toolVersion: '0.1.0',
      oval: ovalContent(index),
    });
    const results = [name, benchmark].map((file) => {
      const args = ['xccdf', 'eval', '--profile', 'xccdf_org.scapfeed_profile_all', join(feed, 'scap', file)];
      const { status, stdout } = spawnSync('oscap', args, {
        env: { ...process.env, OSCAP_PROBE_ROOT: root },
        encoding: 'utf8',
      });
      return {
        status,
        rules: [...stdout.matchAll(/^Rule\s+(\S+)[\s\S]*?^Result\s+(\S+)/gm)].map((m) => m.slice(1, 3)),
      };
    });

    expect(results[0]!.rules.length).toBeGreaterThan(4);
    expect(results[1]).toEqual(results[0]);
    expect(spawnSync('oscap', ['xccdf', 'validate', join(feed, 'scap', benchmark)]).status).toBe(0);
    expect(await validateFile(join(feed, 'scap', benchmark))).toMatchObject({ valid: true, problems: [] });
  });

  test.each([
    [
      'fixable-only',
      2,
      { coverage: 'pass', 'DSA-5343-1': 'pass', 'DSA-5523-1': 'fail', update_openssl: 'fail' },
    ],
    ['critical', 2, { coverage: 'pass', 'DSA-5523-1': 'fail' }],
    ['important-and-up', 2, { coverage: 'pass', 'DSA-5343-1': 'pass', 'DSA-5523-1': 'fail' }],
    [
      'all',
      2,
      {
        coverage: 'pass',
        'CVE-2024-5535_openssl': 'fail',
        'DSA-5343-1': 'pass',
        'DSA-5523-1': 'fail',
        update_openssl: 'fail',
      },
    ],
  ])('profile %s', (profile, code, want) => {
    const { status, results } = evaluate(path, profile, rootOf(system));

    expect(status).toBe(code);
    expect(results).toEqual(want);
  });

  test.each(['fixable-only', 'critical', 'important-and-up', 'all'])(
    'of a package about which statements could not be read, profile %s is unknown',
    async (profile) => {
      const directory = temporaryFolder();
      const tainted = indexOf({ packages: {}, unread: { openssl: 2, nano: 1 } });
      const { name } = await writeDataStream(tainted, directory, {
        toolVersion: '0.1.0',
        oval: ovalContent(tainted),
      });
      const { results } = evaluate(join(directory, name), profile, rootOf(system));

      const kinds = profile === 'fixable-only' ? ['update_'] : ['', 'update_'];
      const rules = (of: string, result: string) => kinds.map((kind) => [`unread_${kind}${of}`, result]);
      expect(results).toEqual({
        coverage: 'pass',
        ...Object.fromEntries([...rules('openssl', 'unknown'), ...rules('nano', 'pass')]),
      });
    },
  );

  test('the HTML report names our rules', () => {
    const report = join(temporaryFolder(), 'report.html');
    evaluate(path, 'all', rootOf(system), ['--report', report]);

    const html = readFileSync(report, 'utf8');
    expect(html).toContain('DSA-5523-1');
    expect(html).toContain('https://security-tracker.debian.org/tracker/CVE-2023-38545');
  });

  test.each([
    ['no package database', { 'etc/os-release': bookwormRelease }, 'pass'],
    [
      'another release',
      { ...system, 'etc/os-release': bookwormRelease.replace('"12"', '"11"') },
      'notapplicable',
    ],
  ])('%s: the coverage rule fails, the others are silent', (_, files, silent) => {
    const { status, results } = evaluate(path, 'fixable-only', rootOf(files));

    expect(status).toBe(2);
    expect(results).toEqual({
      coverage: 'fail',
      'DSA-5343-1': silent,
      'DSA-5523-1': silent,
      update_openssl: silent,
    });
  });
});

describe.skipIf(!hasOracle('xmllint') || !hasOfficialSchemas())('the official schema', () => {
  test.each([
    ['the data stream', index],
    ['of statements that could not be read', indexOf({ packages: {}, unread: { nano: 1 } })],
    [
      'without flaws that have no fix',
      indexOf({ packages: { curl: [fixed('7.88.1-10', ['CVE-2023-38545'])] } }),
    ],
  ])('accepts %s', async (_, content) => {
    const directory = temporaryFolder();
    const { name } = await writeDataStream(content, directory, {
      toolVersion: '0.1.0',
      oval: ovalContent(content),
    });
    const schema = join(officialSchemas, 'sds/1.3/scap-source-data-stream_1.3.xsd');

    expect(xsdErrors(join(directory, name), schema)).toBe('');
  });
});

function evaluate(
  path: string,
  profile: string,
  root: string,
  more: string[] = [],
): { status: number | null; results: Record<string, string> } {
  const run = spawnSync('oscap', ['xccdf', 'eval', '--profile', profile, ...more, path], {
    env: { ...process.env, OSCAP_PROBE_ROOT: root },
    encoding: 'utf8',
  });
  const results: Record<string, string> = {};
  for (const [, rule, result] of run.stdout.matchAll(
    /Rule\s+xccdf_org\.scapfeed_rule_(\S+)(?:\nIdent\s.*)*\nResult\s+(\w+)/g,
  )) {
    results[rule!] = result!;
  }
  return { status: run.status, results };
}
