import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import azureDefinition from '../../../../feeds/azurelinux.json' with { type: 'json' };
import marinerDefinition from '../../../../feeds/mariner.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { azureLinux, mariner } from '../../../../src/distros/rebuilds.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { readSource } from '../../../support/read-source.ts';
import { bodyOf, type CollectingSink, collectingSink, findingCounts } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { type Flaw, flawOval, writeAzureMirror } from './world.ts';

async function readMirror(of: readonly Flaw[] | string): Promise<CollectingSink> {
  return readSource(rebuildSource(azureLinux, azureDefinition), writeAzureMirror({ 'azurelinux-3.0': of }));
}

const words = ({ statements }: CollectingSink) =>
  statements.map(({ vulnerability, package: name, status, fixed, fixState, marks = [] }) =>
    [vulnerability, name, status, fixed ?? fixState, ...marks].join(' '),
  );

const freeglut: Flaw = { id: 39708, cve: 'CVE-2024-24258', name: 'freeglut', builds: ['< 0:3.4.0-1.azl3'] };

describe("Azure Linux's OVAL", () => {
  it('becomes statements about source packages, and every row is accounted for', async () => {
    const sink = await readMirror([freeglut, { ...freeglut, id: 39694, cve: 'CVE-2024-24259' }]);
    expect(words(sink)).toEqual([
      'CVE-2024-24258 freeglut fixed 0:3.4.0-1.azl3',
      'CVE-2024-24259 freeglut fixed 0:3.4.0-1.azl3',
    ]);
    expect(sink.statements[0]).toEqual({
      vulnerability: 'CVE-2024-24258',
      platform: 'azurelinux-3.0',
      package: 'freeglut',
      status: 'fixed',
      fixed: '0:3.4.0-1.azl3',
      severity: 'high',
      evidence: 'azurelinux-oval-3.0#{package}/{vulnerability}',
    });
    expect(sink.platforms.map(({ platform, data }) => [platform.id, platform.os, data.marks])).toEqual([
      ['azurelinux-3.0', { id: 'azurelinux', version: '3.0' }, ['fixes_only', 'no_package_list']],
    ]);
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([2, 2, {}]);
  });

  it('`less than or equal` is a flaw without a fix, whatever newer build there is; the platform says more than fixes', async () => {
    const sink = await readMirror([
      { ...freeglut, builds: ['<= 0:3.4.0-1.azl3'] },
      { ...freeglut, cve: 'CVE-2024-1001', id: 2 },
    ]);
    expect(words(sink)).toEqual([
      'CVE-2024-24258 freeglut affected none_yet',
      'CVE-2024-1001 freeglut fixed 0:3.4.0-1.azl3',
    ]);
    expect(sink.platforms.map(({ data }) => data.marks)).toEqual([['no_package_list']]);
  });

  it('a definition of too many flaws and rows is counted, and its package is unread', async () => {
    const numbers = Array.from({ length: 800 }, (_, at) => at);
    const reference = (cve: string) => `<reference ref_id="${cve}" ref_url="" source="CVE"/>`;
    const large = flawOval([
      { ...freeglut, cve: 'CVE-2024-1', builds: numbers.map((at) => `< 0:${at}-1.azl3`) },
      { ...freeglut, id: 2, name: 'zlib' },
    ])
      .replace('<criteria operator="AND">', '<criteria operator="OR">')
      .replace(
        /<reference ref_id="CVE-2024-1".*\/>/,
        numbers.map((at) => reference(`CVE-2024-${1000 + at}`)).join(''),
      );
    const sink = await readMirror(large);
    expect(words(sink)).toEqual(['CVE-2024-24258 zlib fixed 0:3.4.0-1.azl3']);
    expect(findingCounts(sink.ledger)).toEqual({ '-too_many_flaws': 800 });
    expect(unreadCounts(sink.ledger, 'azurelinux-3.0')).toEqual([['freeglut', 1]]);
  });

  it('what is not applicable is counted and no statement, whatever its build', async () => {
    const sink = await readMirror([
      freeglut,
      { ...freeglut, id: 2, cve: 'CVE-2024-1001', patchable: 'Not Applicable' },
      { ...freeglut, id: 3, cve: 'CVE-2024-1002', patchable: 'Not Applicable', builds: ['<= 0:3.4-1.azl3'] },
    ]);
    expect(words(sink)).toHaveLength(1);
    expect(findingCounts(sink.ledger)).toEqual({ '-not_applicable': 2 });
    expect(unreadCounts(sink.ledger, 'azurelinux-3.0')).toEqual([]);
  });

  it('a lower bound is told and marked, and not compared', async () => {
    const sink = await readMirror([
      { ...freeglut, name: 'golang', builds: ['< 0:1.20.7-1.azl3', '> 0:1.19.0.azl3'] },
    ]);
    expect(words(sink)).toEqual(['CVE-2024-24258 golang fixed 0:1.20.7-1.azl3 lower_bound']);
    expect(findingCounts(sink.ledger)).toEqual({ lower_bound: 1 });
    expect(JSON.stringify(sink.ledger.findings())).toContain('golang above 0:1.19.0.azl3');
  });

  it('of several definitions one counts: that without a fix, else that of the highest', async () => {
    const builds = (...all: string[]) => all.map((build, at) => ({ ...freeglut, id: at, builds: [build] }));
    const highest = await readMirror(builds('< 0:3.4.0-2.azl3', '< 0:3.4.0-10.azl3', '< 0:3.4.0-1.azl3'));
    expect(words(highest)).toEqual(['CVE-2024-24258 freeglut fixed 0:3.4.0-10.azl3']);
    expect(findingCounts(highest.ledger)).toEqual({ '-several_definitions': 2 });
    const open = await readMirror(builds('< 0:3.4.0-2.azl3', '<= 0:3.5.0-1.azl3', '< 0:3.6.0-1.azl3'));
    expect(words(open)).toEqual(['CVE-2024-24258 freeglut affected none_yet']);
    expect([open.ledger.records, open.ledger.used]).toEqual([3, 1]);
  });

  it.each([
    ['a build without a release', { name: 'emacs', builds: ['< 0:29.3.azl3'] }],
    ['a list of builds', { name: 'emacs', builds: ['< 0:1.17.13-2,1.18.8-2.azl3'] }],
    ['a lower bound alone', { name: 'emacs', builds: ['> 0:1.17-2.azl3'] }],
    ['an operation of another kind', { name: 'emacs', builds: ['> 0:1.17-2.azl3', '> 0:1.18-2.azl3'] }],
  ])('%s is no row: a finding with the definition, and the source is unread', async (_, odd) => {
    const sink = await readMirror([freeglut, { ...freeglut, id: 7, ...odd }]);
    expect(words(sink)).toHaveLength(1);
    expect(findingCounts(sink.ledger)).toEqual({ '-oval_not_understood': 1 });
    expect(JSON.stringify(sink.ledger.findings())).toContain('oval:com.microsoft.azurelinux:def:7');
    expect(unreadCounts(sink.ledger, 'azurelinux-3.0')).toEqual([['emacs', 1]]);
  });

  it('a definition of another class or without a CVE leaves its source unread', async () => {
    const sink = await readMirror([
      freeglut,
      { ...freeglut, id: 2, name: 'curl', class: 'patch' },
      { ...freeglut, id: 3, name: 'emacs', cve: 'GHSA-xxxx' },
    ]);
    expect(findingCounts(sink.ledger)).toEqual({
      '-oval_not_understood': 1,
      '-oval_without_vulnerability': 1,
    });
    expect(unreadCounts(sink.ledger, 'azurelinux-3.0')).toEqual([
      ['curl', 1],
      ['emacs', 1],
    ]);
    expect(sink.ledger.records).toBe(3);
  });

  it('a document with more than a few definitions in another form is refused', async () => {
    const many = Array.from({ length: 20 }, (_, id): Flaw => ({ ...freeglut, id, class: 'patch' }));
    await expect(readMirror(flawOval([freeglut, ...many]))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringContaining('20 of 21'),
    });
  });
});

const real = ['mirror', 'raw.githubusercontent.com', 'microsoft', 'AzureLinuxVulnerabilityData', 'main'];

describe.skipIf(!hasData(...real))("Microsoft's own documents", () => {
  it.each([
    [
      ...(['azurelinux-3.0', azureLinux, azureDefinition, '3.0'] as const),
      { records: 1222, used: 1217, unfixed: 0 },
      { '-not_applicable': 1, '-oval_not_understood': 3, '-several_definitions': 1 },
    ],
    [
      ...(['cbl-mariner-1.0', mariner, marinerDefinition, '1.0'] as const),
      { records: 2252, used: 2156, unfixed: 125 },
      { '-not_applicable': 78, '-several_definitions': 18 },
    ],
  ])(
    '%s: every definition is used or a counted finding',
    async (name, vendor, from, major, told, findings) => {
      const store = openSnapshotStore(temporaryFolder());
      const body = bodyOf(readFileSync(dataPath(...real, `${name}-oval.xml`)), 1 << 16);
      const place = { id: `${vendor.id}-oval-${major}`, source: vendor.id, url: 'https://example.test/oval' };
      const input = await store.save(place, body);
      const sink = collectingSink(vendor.id);
      const own = { ...from, releases: [{ major, life: [], repositories: [] }] };
      await rebuildSource(vendor, own).read([input], store, sink);

      const unfixed = sink.statements.filter(({ status }) => status === 'affected').length;
      expect({ records: sink.ledger.records, used: sink.ledger.used, unfixed }).toEqual(told);
      expect(findingCounts(sink.ledger)).toEqual(findings);
    },
  );
});
