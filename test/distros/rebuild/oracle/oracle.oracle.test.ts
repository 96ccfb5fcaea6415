import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { scanned } from '../../../support/scanned.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { keys, moduleRecords, oracleRoot, rpm, writeOracleMirror } from './world.ts';

const out = join(temporaryFolder('feed'), 'out');
const kvm = 'virt:kvm_utils';
const modular = 'module+el8.7.0+21037+8ee66348';

beforeAll(() => {
  const mirror = writeOracleMirror({
    8: [
      {
        id: 'ELSA-2021-9280',
        cves: ['CVE-2016-10228'],
        releases: { 8: { x86_64: ['glibc < 2:2.28-151.0.1.ksplice1.el8 ksplice'] } },
      },
      {
        id: 'ELSA-2021-9344',
        cves: ['CVE-2016-10228', 'CVE-2021-3326'],
        releases: { 8: { x86_64: ['glibc < 2:2.28-151.0.1.ksplice2.el8 ksplice'] } },
      },
      {
        id: 'ELSA-2021-1585',
        cves: ['CVE-2016-10228'],
        releases: { 8: { x86_64: ['glibc < 0:2.28-151.0.1.el8'], aarch64: ['glibc < 0:2.28-151.0.1.el8'] } },
      },
      {
        id: 'ELSA-2021-4451',
        cves: ['CVE-2021-20231'],
        releases: {
          8: {
            aarch64: ['gnutls < 0:3.6.16-4.el8'],
            x86_64: ['gnutls < 0:3.6.16-5.el8', 'gnutls < 10:3.6.16-4.0.1.el8_fips fips'],
          },
        },
      },
      {
        id: 'ELSA-2024-1',
        cves: ['CVE-2024-1000', 'CVE-2024-2000'],
        releases: { 8: { x86_64: ['nettle < 0:3.4.1-7.el8', 'zlib < 0:1.2.11-1.el8'] } },
      },
      {
        id: 'ELSA-2024-2',
        cves: ['CVE-2024-2000'],
        releases: { 8: { x86_64: ['nettle < 0:3.4.1-8.el8'] } },
      },
      {
        id: 'ELSA-2023-12342',
        cves: ['CVE-2022-4144'],
        releases: { 8: { x86_64: [`hivex < 0:1.3.18-21.${modular} ${kvm}`] } },
      },
    ],
  });
  const built = scapfeed([
    ...['build', '--source', 'oracle', '--mirror', mirror],
    ...['--snapshots', join(out, '../snapshots'), '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scanned {
  verdicts: {
    vulnerability: string;
    package: { name: string };
    fixedVersion: string;
    advisories: (string | { id: string })[];
    marks: string[];
  }[];
  uncovered: { name: string; reason: string; detail?: string }[];
  inventory: { os: { id: string; versionId: string } };
}

function scan(packages: readonly RpmPackage[], files: Readonly<Record<string, string>> = {}) {
  const root = oracleRoot('8.10', packages, files);
  const result = scanned<Scanned>(`dir:${root}`, out);
  const oval = oscapVerdicts(join(out, 'oval/ol-8.oval.xml'), { root });
  const idOf = (key: string) => definitionId(ovalNamespace('ol-8'), key);
  const found = flaws.filter(({ key }) => oval.get(idOf(key)) === 'true').map(({ name }) => name);
  const told = result.verdicts.map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`);
  expect(found).toEqual([...told].sort());
  expect([inventoryKey, coverageKey].map((key) => oval.get(idOf(key)))).toEqual(['true', 'true']);
  return { ...result, root };
}

/** Every definition that the OVAL may have of a flaw in a package. */
const flaws = [
  'CVE-2016-10228',
  'CVE-2021-3326',
  'CVE-2021-20231',
  'CVE-2024-1000',
  'CVE-2024-2000',
  'CVE-2022-4144',
]
  .flatMap((id) =>
    ['glibc', 'gnutls', 'hivex', 'nettle', 'zlib'].map((name) => ({
      name: `${id} ${name}`,
      key: flawKey('fixed', id, name),
    })),
  )
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const words = ({ verdicts }: Scanned) =>
  verdicts.map(
    ({ vulnerability, package: { name }, fixedVersion, advisories, marks }) =>
      `${vulnerability} ${name} < ${fixedVersion} ${advisories.map((each) => (typeof each === 'string' ? each : each.id)).join('+')}${marks.length ? ` (${marks.join()})` : ''}`,
  );

const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.skipIf(!able)('a system of Oracle Linux, by scan and by oscap on its OVAL', () => {
  it('is known by os-release and oracle-release, whatever redhat-release says', () => {
    expect(scan([]).inventory.os).toMatchObject({ id: 'ol', versionId: '8.10' });
    const files = { 'etc/os-release': '' };
    expect(scan([], files).inventory.os).toMatchObject({ id: 'ol', versionId: '8.10' });
  });

  it('ELSA-2021-9344: a ksplice build is measured by those alone, by the highest of two advisories (trivy#1967, trivy-db#221)', () => {
    expect(words(scan([rpm('glibc-2:2.28-151.0.1.ksplice1.el8.x86_64')]))).toEqual([
      'CVE-2016-10228 glibc < 2:2.28-151.0.1.ksplice2.el8 ELSA-2021-9344',
      'CVE-2021-3326 glibc < 2:2.28-151.0.1.ksplice2.el8 ELSA-2021-9344',
    ]);
    expect(words(scan([rpm('glibc-2:2.28-151.0.1.ksplice2.el8.x86_64')]))).toEqual([]);
  });

  it('ELSA-2021-9344: a plain build is not measured by the ksplice build, whose epoch is above any of its own', () => {
    expect(words(scan([rpm('glibc-2.28-151.0.1.el8.x86_64')]))).toEqual([]);
    expect(words(scan([rpm('glibc-2.28-150.el8.x86_64')]))).toEqual([
      'CVE-2016-10228 glibc < 0:2.28-151.0.1.el8 ELSA-2021-1585',
    ]);
  });

  it('ELSA-2021-4451: plain builds by architecture, and FIPS builds for themselves', () => {
    expect(words(scan([rpm('gnutls-3.6.16-4.el8.x86_64')]))).toEqual([
      'CVE-2021-20231 gnutls < 0:3.6.16-5.el8 ELSA-2021-4451',
    ]);
    expect(words(scan([rpm('gnutls-3.6.16-4.el8.i686')]))).toEqual([
      'CVE-2021-20231 gnutls < 0:3.6.16-5.el8 ELSA-2021-4451',
    ]);
    expect(words(scan([rpm('gnutls-3.6.16-4.el8.aarch64')]))).toEqual([]);
    expect(words(scan([rpm('gnutls-10:3.6.16-4.0.1.el8_fips.x86_64')]))).toEqual([]);
    expect(words(scan([rpm('gnutls-10:3.6.16-3.0.1.el8_fips.x86_64')]))).toEqual([
      'CVE-2021-20231 gnutls < 10:3.6.16-4.0.1.el8_fips ELSA-2021-4451',
    ]);
  });

  it('a build of a flavour that no advisory is about is not clean: not covered', () => {
    const { uncovered, verdicts } = scan([rpm('nettle-10:3.4.1-1.el8_fips.x86_64')]);
    expect(verdicts).toEqual([]);
    expect(uncovered).toMatchObject([
      { name: 'nettle', reason: 'not_covered', detail: 'no statement is about fips builds of nettle' },
    ]);
  });

  it('of several advisories about one flaw the highest counts, and the verdict names all that the build lacks', () => {
    expect(words(scan([rpm('nettle-3.4.1-6.el8.x86_64')]))).toEqual([
      'CVE-2024-1000 nettle < 0:3.4.1-7.el8 ELSA-2024-1',
      'CVE-2024-2000 nettle < 0:3.4.1-8.el8 ELSA-2024-1+ELSA-2024-2',
    ]);
    expect(words(scan([rpm('nettle-3.4.1-7.el8.x86_64')]))).toEqual([
      'CVE-2024-2000 nettle < 0:3.4.1-8.el8 ELSA-2024-2',
    ]);
  });

  it('ELSA-2023-12342: a build of a module, by its label', () => {
    const hivex = (version: string) =>
      rpm(`hivex-${version}.${modular}.x86_64`, { modularitylabel: `${kvm}:8070020230515000000:abcdef01` });
    expect(words(scan([hivex('1.3.18-20')], moduleRecords([kvm])))).toEqual([
      `CVE-2022-4144 hivex < 0:1.3.18-21.${modular} ELSA-2023-12342`,
    ]);
    expect(words(scan([hivex('1.3.18-21')], moduleRecords([kvm])))).toEqual([]);
  });

  it('packages of Red Hat are not covered, unsigned ones of Oracle are judged and marked', () => {
    const foreign = { keyid: keys.redHat, vendor: 'Red Hat, Inc.' };
    const { verdicts, uncovered } = scan([rpm('zlib-1.2.10-1.el8.x86_64', foreign)]);
    expect(verdicts).toEqual([]);
    expect(uncovered).toMatchObject([{ name: 'zlib', detail: "not Oracle's: key of Red Hat" }]);
    const { keyid: _, ...unsigned } = rpm('zlib-1.2.10-1.el8.x86_64');
    expect(words(scan([unsigned]))).toEqual([
      'CVE-2024-1000 zlib < 0:1.2.11-1.el8 ELSA-2024-1 (unsigned)',
      'CVE-2024-2000 zlib < 0:1.2.11-1.el8 ELSA-2024-1 (unsigned)',
    ]);
  });

  it('a verdict is explained by the definition of the advisory, as Oracle wrote it', () => {
    const { root } = scan([rpm('glibc-2.28-150.el8.x86_64')]);
    const { code, out: text } = scapfeed([
      ...['explain', `dir:${root}`, 'CVE-2016-10228', 'glibc', '--feed', out, '--max-age', '0'],
      ...['--snapshots', join(out, '../snapshots')],
    ]);
    expect(code, text).toBe(0);
    expect(text).toContain('com.oracle.elsa-ol8.xml.bz2');
    expect(text).toContain('ELSA-2021-1585:  a security update');
  });
});

it('exports: Grype has plain builds alone, Trivy those of flavours too but none of modules', () => {
  const folder = join(temporaryFolder('exports'), 'exports');
  const exported = scapfeed(['export', '--feed', out, '--to', 'grype,trivy', '--out', folder]);
  expect(exported, exported.err).toMatchObject({ code: 0 });
  const leftOut = (target: string) => {
    const { platforms } = JSON.parse(readFileSync(join(folder, `${target}.inexact.json`), 'utf8')) as {
      platforms: { platform: string; left_out: number; entries: { cause: string; examples?: string[] }[] }[];
    };
    return platforms.map(({ platform, left_out: count, entries }) => [
      platform,
      count,
      entries
        .filter(({ cause }) => cause === 'flavour' || cause === 'module')
        .map(({ cause, examples = [] }) => [cause, ...examples].join(' ')),
    ]);
  };
  expect(leftOut('grype')).toEqual([
    ['ol-8', 3, ['flavour CVE-2016-10228 glibc CVE-2021-3326 glibc CVE-2021-20231 gnutls']],
  ]);
  expect(leftOut('trivy')).toEqual([['ol-8', 1, ['module CVE-2022-4144 hivex']]]);
});
