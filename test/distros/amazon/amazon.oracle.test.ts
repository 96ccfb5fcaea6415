import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, inventoryKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { xsdErrors } from '../../oval/support/roots.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { scapfeed } from '../../support/cli.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../../support/oracles.ts';
import { scanned } from '../../support/scanned.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import type { MadeUpdate } from '../../support/updateinfo.ts';
import { amazonRoot, keys, rpm } from './system.ts';
import { writeAmazonMirror } from './world.ts';

const out = join(temporaryFolder('feed'), 'out');
const snapshots = join(out, '../snapshots');

const update = (id: string, cves: readonly string[], ...packages: string[]): MadeUpdate => ({
  id,
  cves,
  packages,
});

beforeAll(() => {
  const mirror = writeAmazonMirror({
    '2018.03 updates': [update('ALAS-2018-1093', ['CVE-2018-14622'], 'libtirpc-0.2.4-0.8.14.amzn1.x86_64')],
    '2 core': [
      update('ALAS2-2018-939', ['CVE-2017-5754'], 'kernel-4.9.76-38.79.amzn2.x86_64'),
      update('ALAS2-2023-2100', ['CVE-2023-3609'], 'kernel-4.14.320-243.544.amzn2.x86_64'),
      update('ALAS2-2019-1221', ['CVE-2019-9740'], 'php-5.4.16-46.amzn2.0.2.x86_64'),
      update('ALAS2-2021-1640', ['CVE-2021-3393'], 'postgresql-9.2.24-6.amzn2.0.1.x86_64'),
      update(
        'ALAS2-2020-1400',
        ['CVE-2020-1000'],
        'bash-4.2.46-34.amzn2.x86_64',
        'bash-4.2.46-35.amzn2.aarch64',
      ),
    ],
    '2 extras kernel-5.4': [
      update('ALAS2KERNEL-5.4-2023-050', ['CVE-2023-3609'], 'kernel-5.4.250-166.369.amzn2.x86_64'),
    ],
    '2 extras kernel-5.10': [
      update(
        'ALAS2KERNEL-5.10-2023-039',
        ['CVE-2023-3609', 'CVE-2023-4000'],
        'kernel-5.10.186-179.751.amzn2.x86_64',
      ),
    ],
    '2 extras php8.0': [update('ALAS2PHP8.0-2023-005', ['CVE-2023-3823'], 'php-8.0.30-1.amzn2.x86_64')],
    '2 extras php8.1': [update('ALAS2PHP8.1-2023-003', ['CVE-2023-3823'], 'php-8.1.22-1.amzn2.x86_64')],
    '2 extras postgresql12': [
      update('ALAS2POSTGRESQL12-2023-003', ['CVE-2023-5869'], 'postgresql-12.17-1.amzn2.0.1.x86_64'),
    ],
    '2 extras docker': [
      update('ALAS2DOCKER-2024-037', ['CVE-2024-24557'], 'docker-25.0.3-1.amzn2.0.1.x86_64'),
    ],
    '2 extras ecs': [update('ALAS2ECS-2024-036', ['CVE-2024-24557'], 'docker-25.0.3-1.amzn2.0.1.x86_64')],
    '2 extras livepatch': [
      update(
        'ALAS2LIVEPATCH-2023-125',
        ['CVE-2023-3609'],
        'kernel-livepatch-5.10.184-175.731-1.0-1.amzn2.x86_64',
      ),
    ],
    '2023 core': [
      update(
        'ALAS2023-2025-935',
        ['CVE-2025-21756'],
        'kernel6.12-6.12.22-27.96.amzn2023.x86_64',
        'bpftool-6.12.22-27.96.amzn2023.x86_64',
      ),
      update(
        'ALAS2023-2025-900',
        ['CVE-2025-21756'],
        'kernel-6.1.131-143.221.amzn2023.x86_64',
        'bpftool-6.1.131-143.221.amzn2023.x86_64',
      ),
      update('ALAS2023-2023-126', ['CVE-2023-0215'], 'openssl-1:3.0.8-1.amzn2023.0.1.x86_64'),
    ],
  });
  const built = scapfeed([
    ...['build', '--source', 'amazon', '--mirror', mirror],
    ...['--snapshots', snapshots, '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scan {
  platform: { id: string; marks: string[]; life?: string } | null;
  verdicts: { vulnerability: string; package: { name: string }; fixedVersion: string; marks: string[] }[];
  uncovered: { name: string; reason: string; detail?: string }[];
}

const scan = (root: string, ...more: string[]) => scanned<Scan>(`dir:${root}`, out, ...more);

const rows = ({ verdicts }: Scan) =>
  verdicts
    .map(({ vulnerability, package: { name }, fixedVersion }) => `${vulnerability} ${name} ${fixedVersion}`)
    .sort();
const two = (nevra: string) => scan(amazonRoot('2', [rpm(nevra)]));

const canMakeDatabases = existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

describe.skipIf(!canMakeDatabases)('a system of Amazon Linux', () => {
  it('is judged by its release', () => {
    const result = scan(
      amazonRoot('2023', [rpm('openssl-1:3.0.7-1.amzn2023.x86_64', { keyid: keys.amazon2023 })]),
    );
    expect(result.platform).toMatchObject({
      id: 'amzn-2023',
      marks: ['channel_absent', 'fixes_only', 'no_package_list'],
    });
    expect(rows(result)).toEqual(['CVE-2023-0215 openssl 1:3.0.8-1.amzn2023.0.1']);
  });

  it.each(['2018.03', '2017.09', '2014.03'])(
    '%s of the first Amazon Linux is judged by the updates of its last',
    (version) => {
      const old = rpm('libtirpc-0.2.4-0.7.amzn1.x86_64', { keyid: keys.amazon1, vendor: 'Amazon.com' });
      const result = scan(amazonRoot(version, [old]));
      expect(result.platform).toMatchObject({ id: 'amzn-2018.03' });
      expect(rows(result)).toEqual(['CVE-2018-14622 libtirpc 0:0.2.4-0.8.14.amzn1']);
    },
  );

  it('past its end of life is said', () => {
    const { platform } = two('bash-4.2.46-34.amzn2.x86_64');
    expect(platform).toMatchObject({ id: 'amzn-2', phase: 'end_of_life' });
  });

  it.each([
    ['4.14.300-223.520', 'CVE-2023-3609 kernel 0:4.14.320-243.544.amzn2'],
    ['5.4.249-163.359', 'CVE-2023-3609 kernel 0:5.4.250-166.369.amzn2'],
    [
      '5.10.185-176.730',
      'CVE-2023-3609 kernel 0:5.10.186-179.751.amzn2',
      'CVE-2023-4000 kernel 0:5.10.186-179.751.amzn2',
    ],
    ['4.14.320-243.544'],
    ['5.4.250-166.369'],
    ['5.10.186-179.751'],
  ])('kernel %s is compared within its line (CVE-2023-3609, anchore/grype-db#149)', (build, ...expected) => {
    const result = two(`kernel-${build}.amzn2.x86_64`);
    expect([rows(result), result.uncovered]).toEqual([expected, []]);
  });

  it('a fix of core clears no kernel of the extras (CVE-2017-5754, ALAS2-2018-939)', () => {
    const result = scan(amazonRoot('2', [rpm('kernel-5.4.250-166.369.amzn2.x86_64')]), '--all');
    expect(rows(result).filter((row) => row.startsWith('CVE-2017-5754'))).toEqual([]);
  });

  it.each([
    ['php-5.4.16-46.amzn2.0.1', 'CVE-2019-9740 php 0:5.4.16-46.amzn2.0.2'],
    ['php-8.0.29-1.amzn2', 'CVE-2023-3823 php 0:8.0.30-1.amzn2'],
    ['php-8.1.21-1.amzn2', 'CVE-2023-3823 php 0:8.1.22-1.amzn2'],
    ['php-5.4.16-46.amzn2.0.2'],
    ['postgresql-9.2.24-6.amzn2.0.1'],
    ['postgresql-12.16-1.amzn2.0.1', 'CVE-2023-5869 postgresql 0:12.17-1.amzn2.0.1'],
    ['docker-20.10.25-1.amzn2.0.4', 'CVE-2024-24557 docker 0:25.0.3-1.amzn2.0.1'],
  ])('%s is of its topic, or of core', (build, ...expected) => {
    const result = two(`${build}.x86_64`);
    expect([rows(result), result.uncovered]).toEqual([expected, []]);
  });

  it('a build that is of no line is undecidable, not clean: php 7.4, whose topic has no updates', () => {
    const result = scan(amazonRoot('2', [rpm('php-7.4.33-1.amzn2.x86_64')]), '--fail-on', 'low');
    expect(result.code).toBe(4);
    expect(result.uncovered).toMatchObject([
      { name: 'php', reason: 'undecidable', detail: expect.stringContaining('5.4, 8.0, 8.1') },
    ]);
  });

  it('bpftool of kernel 6.1 is not measured by that of kernel6.12 (ALAS2023-2025-935)', () => {
    const of = (build: string) =>
      rows(scan(amazonRoot('2023', [rpm(`bpftool-${build}.amzn2023.x86_64`, { keyid: keys.amazon2023 })])));
    expect(of('6.1.131-143.221')).toEqual([]);
    expect(of('6.1.130-140.220')).toEqual(['CVE-2025-21756 bpftool 0:6.1.131-143.221.amzn2023']);
    expect(of('6.12.20-1.96')).toEqual(['CVE-2025-21756 bpftool 0:6.12.22-27.96.amzn2023']);
    expect(of('6.12.22-27.96')).toEqual([]);
  });

  it('the absence of a live patch is no finding; an old one is (ALAS2LIVEPATCH-2023-125)', () => {
    expect(rows(two('kernel-livepatch-5.10.184-175.731-1.0-0.amzn2.x86_64'))).toEqual([
      'CVE-2023-3609 kernel-livepatch-5.10.184-175.731 0:1.0-1.amzn2',
    ]);
    expect(rows(two('kernel-livepatch-5.10.100-1.1-1.0-0.amzn2.x86_64'))).toEqual([]);
  });

  it('packages of others are not covered', () => {
    const epel = rpm('bash-4.2.46-30.el7.x86_64', { keyid: keys.epel7, vendor: 'Fedora Project' });
    expect(scan(amazonRoot('2', [epel]))).toMatchObject({
      verdicts: [],
      uncovered: [{ reason: 'not_covered' }],
    });
  });

  it('Amazon Linux 2022, which the feed has not, is judged by nothing', () => {
    const result = scapfeed([
      'scan',
      `dir:${amazonRoot('2022', [rpm('bash-5.0-1.amzn2022.x86_64')])}`,
      '--feed',
      out,
      '--max-age',
      '0',
    ]);
    expect(result.code).toBe(4);
  });
});

describe.skipIf(!canMakeDatabases)('explain', () => {
  it('gives the threshold of the line, and the update as Amazon wrote it', () => {
    const root = amazonRoot('2', [rpm('php-8.0.29-1.amzn2.x86_64')]);
    const {
      code,
      out: text,
      err,
    } = scapfeed([
      ...[
        'explain',
        `dir:${root}`,
        'CVE-2023-3823',
        'php',
        '--feed',
        out,
        '--max-age',
        '0',
        '--snapshots',
        snapshots,
      ],
    ]);
    // The release is past its end of life, whatever is known of the package.
    expect([code, err]).toEqual([4, expect.stringContaining('past its end of life')]);
    expect(text).toContain('0:8.0.30-1.amzn2');
    expect(text).not.toContain('8.1.22');
    expect(text).toContain('<id>ALAS2PHP8.0-2023-005</id>');
  });
});

describe.skipIf(!canMakeDatabases || !hasOracle('oscap', 'xmllint'))(
  'oscap on the OVAL of Amazon Linux',
  () => {
    const document = (platform: string) => join(out, `oval/${platform}.oval.xml`);
    const idOf = (key: string, platform = 'amzn-2') => definitionId(ovalNamespace(platform), key);

    it('makes a feed that is valid, as a publish checks it', () => {
      const forms = ['amzn-2018.03', 'amzn-2', 'amzn-2023'].flatMap((platform) =>
        ['oval', 'manifest.oval'].map((form) => join(out, `oval/${platform}.${form}.xml`)),
      );
      for (const path of [out, ...forms]) expect(scapfeed(['validate', path]).code, path).toBe(0);
    });

    it.skipIf(!hasOfficialSchemas())('is valid by the official schema', () => {
      expect(
        xsdErrors(document('amzn-2'), join(officialSchemas, 'oval/5.11.1/oval-definitions-schema.xsd')),
      ).toBe('');
    });

    it.each([
      ['2018.03', 'amzn-2018.03'],
      ['2017.09', 'amzn-2018.03'],
      ['2', 'amzn-2'],
      ['2023', 'amzn-2023'],
    ])('a system of %s is of %s alone', (version, platform) => {
      const root = amazonRoot(version, [rpm('bash-4.2.46-30.amzn2.x86_64')]);
      for (const each of ['amzn-2018.03', 'amzn-2', 'amzn-2023'])
        expect(oscapVerdicts(document(each), { root }).get(idOf(inventoryKey, each))).toBe(
          String(each === platform),
        );
    });

    it.each([
      ['kernel-4.14.300-223.520.amzn2', 'CVE-2023-3609', 'true'],
      ['kernel-5.10.186-179.751.amzn2', 'CVE-2023-3609', 'false'],
      ['kernel-5.4.249-163.359.amzn2', 'CVE-2023-3609', 'true'],
      ['kernel-5.4.249-163.359.amzn2', 'CVE-2023-4000', 'false'],
      ['php-8.0.30-1.amzn2', 'CVE-2023-3823', 'false'],
      ['php-8.1.21-1.amzn2', 'CVE-2023-3823', 'true'],
      ['php-5.4.16-1.amzn2', 'CVE-2023-3823', 'false'],
      // Undecidable by the index: of no line.
      ['php-7.4.33-1.amzn2', 'CVE-2023-3823', 'false'],
    ])('%s: %s is %s', (build, vulnerability, expected) => {
      const root = amazonRoot('2', [rpm(`${build}.x86_64`)]);
      const name = build.slice(0, build.indexOf('-'));
      expect(
        oscapVerdicts(document('amzn-2'), { root }).get(idOf(flawKey('fixed', vulnerability, name))),
      ).toBe(expected);
    });
  },
);
