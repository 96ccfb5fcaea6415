import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/oracle.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { oracle } from '../../../../src/distros/rebuilds.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { readSource } from '../../../support/read-source.ts';
import { bodyOf, type CollectingSink, collectingSink, findingCounts } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { type Elsa, elsaOval, writeOracleMirror } from './world.ts';

async function readMirror(documents: Parameters<typeof writeOracleMirror>[0]): Promise<CollectingSink> {
  return readSource(rebuildSource(oracle, definition), writeOracleMirror(documents));
}

const read = (...advisories: readonly Elsa[]) => readMirror({ 8: advisories });

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ vulnerability, package: name, fixed, module, arch }) =>
    [vulnerability, name, fixed, module, arch?.join('+')].filter(Boolean).join(' '),
  );

function counts({ ledger }: CollectingSink): Record<string, number> {
  const { release_absent: _, ...others } = findingCounts(ledger);
  return others;
}

const both = (...own: readonly string[]) => ({ aarch64: own, x86_64: own });

const bash: Elsa = {
  id: 'ELSA-2024-1000',
  cves: ['CVE-2024-1000', 'CVE-2024-1001'],
  releases: { 8: both('bash < 0:4.4.20-5.el8', 'bash-doc < 0:4.4.20-5.el8') },
};

describe("Oracle's OVAL", () => {
  it('becomes statements about binary packages, and every row is accounted for', async () => {
    const sink = await read(bash);
    // A system of x86_64 has packages for i686 besides.
    expect(rows(sink)).toEqual([
      'CVE-2024-1000 bash 0:4.4.20-5.el8 aarch64+i686+x86_64',
      'CVE-2024-1000 bash-doc 0:4.4.20-5.el8 aarch64+i686+x86_64',
    ]);
    expect(sink.vulnerabilities.map(({ id }) => id)).toEqual(bash.cves);
    expect(sink.statements[0]).toMatchObject({
      platform: 'ol-8',
      status: 'fixed',
      severity: 'high',
      subject: 'binary',
      advisories: ['ELSA-2024-1000'],
      evidence: 'oracle-oval-8#{advisory}',
    });
    expect(sink.advisories[0]).toEqual({
      id: 'ELSA-2024-1000',
      date: '2026-09-22',
      title: 'a security update (IMPORTANT)',
      severity: 'high',
      url: 'https://linux.oracle.com/errata/ELSA-2024-1000.html',
    });
    expect(sink.platforms.map(({ platform, data }) => [platform.id, platform.os, data.marks])).toEqual([
      ['ol-8', { id: 'ol', version: '8' }, ['fixes_only', 'no_package_list']],
    ]);
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([6, 6, {}]);
  });

  it('ELSA-2019-4510: a document has advisories of other releases, whose rows are theirs', async () => {
    const uek: Elsa = {
      id: 'ELSA-2019-4510',
      cves: ['CVE-2018-19824'],
      releases: {
        6: { x86_64: ['kernel-uek < 0:4.1.12-124.24.3.el6uek'] },
        7: { x86_64: ['kernel-uek < 0:4.1.12-124.24.3.el7uek'] },
      },
    };
    const only6 = { ...uek, id: 'ELSA-2019-1', releases: { 6: uek.releases['6']! } };
    const sink = await readMirror({ 6: [uek], 7: [uek, only6] });

    expect(rows(sink)).toEqual([
      'CVE-2018-19824 kernel-uek 0:4.1.12-124.24.3.el6uek i686+x86_64',
      'CVE-2018-19824 kernel-uek 0:4.1.12-124.24.3.el7uek i686+x86_64',
    ]);
    expect(sink.statements.map(({ platform }) => platform)).toEqual(['ol-6', 'ol-7']);
    expect(counts(sink)).toEqual({ '-other_release': 6 });
  });

  it('ELSA-2022-4803: a build for each architecture, as rsyslog was made again for one', async () => {
    const sink = await read({
      id: 'ELSA-2022-4803',
      cves: ['CVE-2022-24903'],
      releases: {
        8: {
          aarch64: ['rsyslog < 0:8.24.0-57.0.4.el7_9.3'],
          x86_64: ['rsyslog < 0:8.24.0-57.0.1.el7_9.3'],
        },
      },
    });
    expect(rows(sink)).toEqual([
      'CVE-2022-24903 rsyslog 0:8.24.0-57.0.4.el7_9.3 aarch64',
      'CVE-2022-24903 rsyslog 0:8.24.0-57.0.1.el7_9.3 i686+x86_64',
    ]);
  });

  it('ELSA-2021-4451: plain, ksplice and FIPS builds of one package in one advisory are a statement each', async () => {
    const sink = await read({
      id: 'ELSA-2021-4451',
      cves: ['CVE-2021-20231'],
      releases: {
        8: {
          x86_64: [
            'gnutls < 10:3.6.16-4.0.1.el8_fips fips',
            'gnutls < 0:3.6.16-5.el8',
            'gnutls < 2:3.6.16-4.ksplice1.el8 ksplice',
          ],
        },
      },
    });
    expect(rows(sink)).toEqual([
      'CVE-2021-20231 gnutls 10:3.6.16-4.0.1.el8_fips i686+x86_64',
      'CVE-2021-20231 gnutls 0:3.6.16-5.el8 i686+x86_64',
      'CVE-2021-20231 gnutls 2:3.6.16-4.ksplice1.el8 i686+x86_64',
    ]);
    expect(counts(sink)).toEqual({});
  });

  it('ELSA-2023-12342: a module of Oracle alone, virt:kvm_utils', async () => {
    const sink = await read({
      id: 'ELSA-2023-12342',
      cves: ['CVE-2022-4144'],
      releases: { 8: { aarch64: ['hivex < 0:1.3.18-21.module+el8.7.0+21037+8ee66348 virt:kvm_utils'] } },
    });
    expect(rows(sink)).toEqual([
      'CVE-2022-4144 hivex 0:1.3.18-21.module+el8.7.0+21037+8ee66348 virt:kvm_utils aarch64',
    ]);
  });

  it('ELSA-2021-9344, ELSA-2025-28032: what the document tests of ksplice and FIPS builds is what their releases say', async () => {
    const sink = await read(
      {
        id: 'ELSA-2021-9344',
        cves: ['CVE-2016-10228'],
        releases: { 8: { x86_64: ['glibc < 2:2.28-151.0.1.ksplice2.el8 ksplice'] } },
      },
      {
        id: 'ELSA-2025-28032',
        cves: ['CVE-2025-9230'],
        releases: { 8: { x86_64: ['openssl-libs < 10:3.5.1-7.0.1.el9_7_fips fips'] } },
      },
    );
    expect(rows(sink)).toEqual([
      'CVE-2016-10228 glibc 2:2.28-151.0.1.ksplice2.el8 i686+x86_64',
      'CVE-2025-9230 openssl-libs 10:3.5.1-7.0.1.el9_7_fips i686+x86_64',
    ]);
    expect(counts(sink)).toEqual({});
  });

  it.each([
    ['of a build that is not of the flavour', 'glibc < 0:2.28-151.0.1.el8 ksplice', 'ksplice'],
    ['of another flavour', 'glibc < 2:2.28-151.0.1.ksplice2.el8 fips', '_fips$'],
  ])(
    'a pattern %s is no row: a finding with the definition, and the package is unread',
    async (_, row, word) => {
      const sink = await read(
        { ...bash, releases: { 8: { x86_64: [row] } } },
        { ...bash, id: 'ELSA-2024-1' },
      );
      expect(counts(sink)).toEqual({ '-oval_not_understood': 1 });
      expect(JSON.stringify(sink.ledger.findings())).toContain(`glibc of builds that match ${word}`);
      expect(JSON.stringify(sink.ledger.findings())).toContain(
        'oracle-oval-8#oval:com.oracle.elsa:def:20241000',
      );
      expect(unreadCounts(sink.ledger, 'ol-8')).toEqual([['glibc', 1]]);
      expect(sink.statements.every(({ package: name }) => name !== 'glibc')).toBe(true);
    },
  );

  it('an advisory without a CVE is a flaw with its own id, as of Trivy', async () => {
    const { cves: _, ...told } = bash;
    const sink = await read({ ...told, id: 'ELSA-2018-0013', severity: 'N/A' });
    expect(sink.statements.map(({ vulnerability, severity }) => [vulnerability, severity])).toEqual([
      ['ELSA-2018-0013', 'unknown'],
      ['ELSA-2018-0013', 'unknown'],
    ]);
    expect(counts(sink)).toEqual({ security_erratum_without_cve: 1, unknown_severity: 1 });
  });

  it('a definition that is not understood is counted, and its packages are not clean', async () => {
    const odd = elsaOval([
      bash,
      { ...bash, id: 'ELSA-2024-2' },
      { ...bash, id: 'ELSA-2024-3', class: 'vulnerability' },
    ])
      // The subject of an advisory, and of a test, in words that are not Oracle's.
      .replace('ref_id="ELSA-2024-2"', 'ref_id="XYZ-2024-2"');
    const sink = await readMirror({ 8: odd });
    expect(counts(sink)).toEqual({ '-oval_without_advisory': 1, '-oval_not_understood': 1 });
    expect(sink.ledger.records).toBe(8);
    expect(unreadCounts(sink.ledger, 'ol-8')).toEqual([
      ['bash', 2],
      ['bash-doc', 2],
    ]);
  });

  it('a document with more than a few definitions in another form is refused', async () => {
    const many = Array.from(
      { length: 20 },
      (_, at): Elsa => ({ ...bash, id: `ELSA-2024-${at}`, class: 'vulnerability' }),
    );
    await expect(read(bash, ...many)).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringContaining('20 of 21'),
    });
  });

  it('a release with no row of its own is no platform: its images are not clean', async () => {
    const sink = await readMirror({ 8: [bash], 9: [bash] });
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual(['ol-8']);
    expect(findingCounts(sink.ledger)).toMatchObject({ release_absent: 4 });
  });
});

const real = ['mirror', 'linux.oracle.com', 'security', 'oval', 'com.oracle.elsa-all.xml.bz2'];

describe.skipIf(!hasData(...real))("Oracle's own document", () => {
  // One package of a module for aarch64, 8 of bind for x86_64 (and i686) and for i386 to i686.
  it.each([
    ['8', ['CVE-2023-0664', 'CVE-2022-4144'], 1],
    ['5', ['CVE-2007-0493', 'CVE-2007-0494'], 8 * (2 + 4)],
  ])('of release %s: every build that it tests is used or a counted finding', async (major, cves, used) => {
    const store = openSnapshotStore(temporaryFolder());
    const id = `oracle-oval-${major}`;
    const body = bodyOf(readFileSync(dataPath(...real)));
    const input = await store.save({ id, source: 'oracle', url: 'https://example.test/oval' }, body);
    const sink = collectingSink('oracle');
    const own = { ...definition, releases: [{ major, life: [], repositories: [] }] };
    await rebuildSource(oracle, own).read([input], store, sink);

    expect([sink.ledger.records, sink.ledger.used]).toEqual([49, used]);
    expect(findingCounts(sink.ledger)).toEqual({ '-other_release': 49 - used });
    expect(sink.vulnerabilities.map((each) => each.id)).toEqual(cves);
  });
});
