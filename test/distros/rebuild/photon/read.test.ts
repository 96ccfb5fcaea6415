import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/photon.json' with { type: 'json' };
import { rebuildJudge } from '../../../../src/distros/rebuild/rule.ts';
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { photon } from '../../../../src/distros/rebuilds.ts';
import type { InstalledPackage } from '../../../../src/model/inventory/index.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { readSource } from '../../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../../support/sources.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { type Phsa, writePhotonMirror } from './world.ts';

async function readMirror(documents: Parameters<typeof writePhotonMirror>[0]): Promise<CollectingSink> {
  return readSource(rebuildSource(photon, definition), writePhotonMirror(documents));
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ vulnerability, package: name, fixed, advisories = ['-'] }) =>
    [vulnerability, name, fixed, ...advisories].join(' '),
  );

function counts({ ledger }: CollectingSink): Record<string, number> {
  const { release_absent: _, ...others } = findingCounts(ledger);
  return others;
}

const curl: Phsa = {
  page: '5.0-0184',
  cves: ['CVE-2024-1000', 'CVE-2024-1001'],
  rows: ['curl < 0:8.1.2-9.ph5', 'curl-libs < 0:8.1.2-9.ph5'],
};

describe("Photon's OVAL", () => {
  it('becomes statements about binary packages, with the id of the advisory in the address of its page', async () => {
    const sink = await readMirror({ 5: [curl] });
    expect(rows(sink)).toEqual([
      'CVE-2024-1000 curl 0:8.1.2-9.ph5 PHSA-5.0-0184',
      'CVE-2024-1000 curl-libs 0:8.1.2-9.ph5 PHSA-5.0-0184',
    ]);
    expect(sink.vulnerabilities.map(({ id }) => id)).toEqual(curl.cves);
    expect(sink.statements[0]).toMatchObject({
      platform: 'photon-5.0',
      status: 'fixed',
      severity: 'high',
      evidence: 'photon-oval-5.0#{advisory}/{package}/{vulnerability}',
    });
    expect(sink.advisories[0]).toMatchObject({
      id: 'PHSA-5.0-0184',
      date: '2026-09-22',
      url: 'https://github.com/vmware/photon/wiki/Security-Updates-5.0-0184',
    });
    expect(sink.platforms.map(({ platform, data }) => [platform.id, platform.os, data.marks])).toEqual([
      ['photon-5.0', { id: 'photon', version: '5.0' }, ['fixes_only', 'no_package_list']],
    ]);
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([2, 2, {}]);
  });

  it('an advisory has several definitions; the build of one without an advisory counts too', async () => {
    const { page: _, ...without } = { ...curl, rows: ['nghttp2 < 0:1.57.0-1.ph5'], issued: '' };
    const sink = await readMirror({ 5: [curl, { ...curl, rows: ['zlib < 0:1.2.13-2.ph5'] }, without] });
    expect(rows(sink).slice(2)).toEqual([
      'CVE-2024-1000 zlib 0:1.2.13-2.ph5 PHSA-5.0-0184',
      'CVE-2024-1000 nghttp2 0:1.57.0-1.ph5 -',
    ]);
    expect(sink.advisories.map(({ id }) => id)).toEqual(['PHSA-5.0-0184', 'PHSA-5.0-0184']);
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([4, 4, {}]);
  });

  it('a CVE in another form is a flaw under the id of the advisory; without one, its packages are unread', async () => {
    const cves = ['CVE-2024-10'];
    const { page: _, ...without } = { ...curl, cves, rows: ['zlib < 0:1.2.13-2.ph5'] };
    const sink = await readMirror({ 5: [{ ...curl, cves }, without] });
    expect(rows(sink)).toEqual([
      'PHSA-5.0-0184 curl 0:8.1.2-9.ph5 PHSA-5.0-0184',
      'PHSA-5.0-0184 curl-libs 0:8.1.2-9.ph5 PHSA-5.0-0184',
    ]);
    expect(counts(sink)).toEqual({
      '-no_vulnerability': 1,
      security_erratum_without_cve: 1,
      unknown_vulnerability_id: 2,
    });
    expect(unreadCounts(sink.ledger, 'photon-5.0')).toEqual([['zlib', 1]]);
  });

  it('definitions of 4.0 in the document of 5.0 judge no 5.0, by their test of the release or by their page', async () => {
    const of4 = { page: '4.0-0500', cves: ['CVE-2024-2000'], rows: ['curl < 0:8.6.0-1.ph4'] };
    const sink = await readMirror({
      5: [curl, { ...of4, major: '4' }, { ...of4, major: '' }, { ...curl, major: '' }],
    });
    expect(rows(sink)).toEqual([
      ...rows(await readMirror({ 5: [curl] })),
      ...rows(await readMirror({ 5: [curl] })),
    ]);
    expect(counts(sink)).toEqual({ '-other_release': 2 });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([6, 4]);
  });

  it('a definition that no row can say leaves no clean result for its packages', async () => {
    const rowsOf = (name: string, below: string) => ({ ...curl, rows: [`${name} < ${below}`] });
    const sink = await readMirror({
      5: [
        curl,
        rowsOf('httpd', 'NA'),
        { ...curl, class: 'inventory', rows: ['bash < 0:5-1'] },
        rowsOf('bind-utils', '0:utils-9.18-1.ph5'),
      ],
    });
    expect(sink.statements).toHaveLength(2);
    expect(counts(sink)).toEqual({ '-oval_not_understood': 3 });
    expect(unreadCounts(sink.ledger, 'photon-5.0')).toEqual([
      ['httpd', 1],
      ['bash', 1],
      ['bind-utils', 1],
    ]);
    expect([sink.ledger.records, sink.ledger.used]).toEqual([5, 2]);
  });

  it('another document than OVAL is refused, as where the address has moved (photon#1638)', async () => {
    await expect(readMirror({ 5: '<html><body>moved</body></html>' })).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
    await expect(readMirror({ 2: [curl] })).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
  });
});

it('the kernels of Photon OS are `linux` and its flavours, not the headers of the C library', () => {
  const { kernel } = rebuildJudge(photon);
  const isKernel = (name: string) => kernel?.({ name, version: '1' } as InstalledPackage);
  expect(['linux', 'linux-esx', 'linux-aws-drivers-gpu', 'linux-secure-lkcm'].map(isKernel)).not.toContain(
    false,
  );
  expect(
    ['linux-api-headers', 'linux-firmware', 'linux-tools', 'kernel', 'Linux-PAM'].map(isKernel),
  ).not.toContain(true);
});

const real = 'oval/photon/quay+claircore/photon/testdata/com.vmware.phsa-photon3.xml';

describe.skipIf(!hasData(real))("Photon's own document of 3.0", () => {
  it('is used row by row, with its 216 definitions of 51 advisories and the 6 without', async () => {
    const text = readFileSync(dataPath(real), 'utf8');
    const sink = await readMirror({ 3: text });
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([778, 778, {}]);
    expect(new Set(sink.advisories.map(({ id }) => id)).size).toBe(51);
    const without = sink.statements.filter(({ advisories }) => advisories === undefined);
    expect(new Set(without.map(({ package: name }) => name)).size).toBeGreaterThan(5);
    const { statements } = sink;
    const [one] = statements;
    expect([one!.vulnerability, one!.package, one!.fixed, one!.advisories]).toEqual([
      'CVE-2019-16168',
      'sqlite',
      '0:3.27.2-5.ph3',
      ['PHSA-3.0-0036'],
    ]);
  });
});
