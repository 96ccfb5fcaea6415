import { describe, expect, it } from 'vitest';
import { findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';
import { claimsOf, feedOf, platformIds, read, tar, words } from './support.ts';

function osv(cve: string, rows: readonly string[], fields: object = {}): [string, string] {
  const affected = rows.map((row) => {
    const [source, distro, fixed] = row.split(' ');
    return {
      package: {
        ecosystem: 'Ubuntu',
        name: source,
        purl: `pkg:deb/ubuntu/${source}@9?arch=source&distro=${distro}`,
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed ? [{ fixed }] : [])] }],
      versions: Array.from({ length: 300 }, (_, n) => `0.${n}-${n}ubuntu${n}`),
    };
  });
  const record = { id: `UBUNTU-${cve}`, details: `What ${cve} is.`, upstream: [cve], affected, ...fields };
  return [`osv/cve/${cve.slice(4, 8)}/UBUNTU-${cve}.json`, JSON.stringify(record, undefined, 2)];
}

const tracker = {
  'uct/active/CVE-2024-0002': `Candidate: CVE-2024-0002
PublicDate: 2024-02-02 10:00:00 UTC
Description:
 Another one.
Priority: low
 Rarely used
bionic_demo: needed
bionic_other: DNE
bionic_linux-flo: DNE
precise_demo: needed
`,
  'uct/retired/CVE-2024-0003': 'Candidate: CVE-2024-0003\nbionic_other: released (3.0)\n',
  'uct/active/00boilerplate': 'Candidate:\n',
  'uct/README': 'bionic_demo: needed\n',
};

const files = Object.fromEntries([
  osv('CVE-2024-0001', ['demo jammy 1.0', 'demo esm-infra/bionic 1.0+esm1', 'demo noble']),
  osv('CVE-2024-0004', ['demo jammy'], { withdrawn: '2025-06-23T15:56:53Z' }),
  [
    'osv/usn/USN-9000-1.json',
    JSON.stringify({ id: 'USN-9000-1', summary: 'demo', published: '2024-01-02T03:04:05Z' }),
  ],
  ['osv/lsn/LSN-0001-1.json', JSON.stringify({ id: 'LSN-0001-1' })],
  ['osv/README.md', 'not a record'],
]);

interface OsvJson {
  severity?: unknown;
  affected: { ranges: unknown }[];
}

describe('reading', () => {
  it('keeps the scores that it can make of vectors, the highest version first, and counts the others', async () => {
    const v4 = 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N';
    const v31 = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N';
    const severity = [
      { type: 'CVSS_V4', score: v4 },
      { type: 'CVSS_V3', score: v31 },
      { type: 'Ubuntu', score: 'medium' },
    ];
    const scored = Object.fromEntries([osv('CVE-2024-0001', ['demo jammy 1.0'], { severity })]);
    const collector = await read({ 'ubuntu-osv': tar(scored) });
    expect(collector.vulnerabilities.get('CVE-2024-0001')?.cvss).toEqual([
      { version: '3.1', score: 7.5, vector: v31, source: 'ubuntu' },
    ]);
    expect(findingCounts(collector.ledger)).toMatchObject({ cvss_not_scored: 1 });
  });

  it('joins the inputs, CVE by CVE', async () => {
    const collector = await read({ 'ubuntu-osv': tar(files), 'ubuntu-tracker': tar(tracker) });
    expect(platformIds(collector)).toEqual(['ubuntu-12.04', 'ubuntu-18.04', 'ubuntu-22.04', 'ubuntu-24.04']);
    const bionic = claimsOf(collector, 'ubuntu-18.04');
    expect(Object.fromEntries([...bionic].map(([name, claims]) => [name, words(claims)]))).toEqual({
      'CVE-2024-0001 demo': ['affected other_channel (esm-infra) at 1.0+esm1', 'esm-infra: fixed 1.0+esm1'],
      'CVE-2024-0002 demo': ['affected none_yet'],
      // The release ships this source (CVE-2024-0003), so that it is not flawed tells something.
      'CVE-2024-0002 other': ['not_affected (component_not_present)'],
      'CVE-2024-0003 other': ['fixed 3.0'],
    });
    expect(collector.vulnerabilities.get('CVE-2024-0002')).toEqual({
      id: 'CVE-2024-0002',
      description: 'Another one.',
      published: '2024-02-02T10:00:00Z',
      severityReason: 'Rarely used',
    });
    expect(collector.vulnerabilities.get('CVE-2024-0001')?.description).toBe('What CVE-2024-0001 is.');
    expect([...collector.advisories.keys()]).toEqual(['USN-9000-1']);
    expect(findingCounts(collector.ledger)).toEqual({
      input_absent: 3,
      '-livepatch': 1,
      '-not_shipped': 1,
      '-withdrawn': 1,
    });
  });

  it('points at the record, by evidence that is the same for every record', async () => {
    const collector = await read({ 'ubuntu-osv': tar(files), 'ubuntu-tracker': tar(tracker) });
    const evidence = new Set(
      [...claimsOf(collector, 'ubuntu-18.04').values()].flat().map((claim) => claim.evidence),
    );
    expect([...evidence].sort()).toEqual([
      'ubuntu-osv#osv/cve/{year}/UBUNTU-{vulnerability}.json',
      'ubuntu-tracker#active/{vulnerability}',
      'ubuntu-tracker#retired/{vulnerability}',
    ]);
  });

  it('declares each platform with its life, names and the inputs that speak of it', async () => {
    const collector = await read({
      'ubuntu-osv': tar(files),
      'ubuntu-tracker': tar(tracker),
      'ubuntu-vex': tar({}),
    });
    const [, bionic, jammy] = collector.platforms.sort((a, b) => (a.platform.id < b.platform.id ? -1 : 1));
    expect(bionic?.data.inputs).toEqual(['ubuntu-osv', 'ubuntu-tracker', 'ubuntu-vex']);
    expect(jammy?.data.inputs).toEqual(['ubuntu-osv', 'ubuntu-vex']);
    expect(jammy?.platform).toEqual({
      id: 'ubuntu-22.04',
      name: 'Ubuntu 22.04 LTS (jammy)',
      aliases: ['jammy'],
      os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
      packaging: 'deb',
      life: [
        { phase: 'standard', until: '2027-06-01' },
        { phase: 'pro', until: '2032-04-21' },
        { phase: 'legacy', until: '2034-04-25' },
      ],
    });
  });

  it('goes on after a document that cannot be read, and after a record that stands twice', async () => {
    const husks = Array.from({ length: 100 }, (_, n) => osv(`CVE-2023-${1000 + n}`, ['demo jammy 1.0']));
    const collector = await read({
      'ubuntu-osv': tar({
        ...files,
        ...Object.fromEntries(husks),
        'osv/cve/2024/broken.json': '{"id": ',
        'osv/cve/2024/again.json': files['osv/cve/2024/UBUNTU-CVE-2024-0001.json']!,
        'osv/cve/2024/UBUNTU-nothing.json': '{"id":"UBUNTU-nothing"}',
        'osv/cve/2024/UBUNTU-CVE-2024-12.json': osv('CVE-2024-12', ['demo jammy 1.0'])[1],
      }),
    });
    expect(findingCounts(collector.ledger)).toMatchObject({
      '-malformed_record': 1,
      '-duplicate_record': 3,
      '-no_cve': 2,
    });
    expect(collector.ledger.records).toBe(collector.ledger.used + collector.ledger.dropped);
    // Of broken.json nobody knows what it is about.
    expect(unreadCounts(collector.ledger, 'ubuntu-22.04')).toEqual([['demo', 1]]);
  });

  it('tells of which packages a record, an entry or a range could not be read', async () => {
    const husks = Array.from({ length: 100 }, (_, n) => osv(`CVE-2023-${1000 + n}`, ['demo jammy 1.0']));
    const changed = (cve: string, rows: readonly string[], change: (record: OsvJson) => void) => {
      const [name, text] = osv(cve, rows);
      const record = JSON.parse(text) as OsvJson;
      change(record);
      return [name, JSON.stringify(record)];
    };
    const { ledger } = await read({
      'ubuntu-osv': tar(
        Object.fromEntries([
          ...husks,
          changed('CVE-2024-0001', ['of-record jammy 1.0', 'of-record noble 1.0'], (record) => {
            record.severity = 'medium';
          }),
          changed('CVE-2024-0002', ['of-entry jammy 1.0', 'whole noble 1.0'], ({ affected }) => {
            affected[0]!.ranges = 'none';
          }),
          changed('CVE-2024-0003', ['whole jammy 1.0', 'of-range noble 1.0'], ({ affected }) => {
            affected[1]!.ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0.5' }, { fixed: '1.0' }] }];
          }),
        ]),
      ),
    });
    expect(unreadCounts(ledger, 'ubuntu-22.04').sort()).toEqual([
      ['of-entry', 1],
      ['of-record', 1],
    ]);
    expect(unreadCounts(ledger, 'ubuntu-24.04').sort()).toEqual([
      ['of-range', 1],
      ['of-record', 1],
    ]);
    expect(unreadCounts(ledger, 'ubuntu-20.04')).toEqual([]);
    expect(findingCounts(ledger)).toMatchObject({ '-malformed_record': 3, '-range_not_understood': 1 });
  });

  it.each([
    ['no record at all', { 'osv/README.md': '' }],
    ['too many that cannot be read', { ...files, 'osv/cve/2024/broken.json': '[]' }],
  ])('refuses an archive with %s', async (_, archive) => {
    await expect(read({ 'ubuntu-osv': tar(archive) })).rejects.toMatchObject({ code: 'SOURCE_OVER_BUDGET' });
  });

  it('takes notices from the database when there is one, and else from the archive itself', async () => {
    const notice = {
      id: 'USN-9001-1',
      summary: 'demo vulnerability',
      published: '2024-05-06T07:08:09Z',
      upstream: ['UBUNTU-CVE-2024-0001'],
      affected: JSON.parse(osv('CVE-2024-0001', ['demo jammy 1.0'])[1]).affected,
    };
    const database = {
      '9001-1': {
        timestamp: 1714979289,
        title: 'demo vulnerability',
        cves: ['CVE-2024-0001'],
        releases: { jammy: { sources: { demo: { version: '1.0' } } } },
      },
    };
    const fromArchive = await read({
      'ubuntu-osv': tar({ ...files, 'osv/usn/USN-9001-1.json': JSON.stringify(notice) }),
    });
    const fromDatabase = await read({
      'ubuntu-osv': tar(files),
      'ubuntu-usn': Buffer.from(JSON.stringify(database)),
    });
    for (const collector of [fromArchive, fromDatabase]) {
      const [claim] = claimsOf(collector, 'ubuntu-22.04').get('CVE-2024-0001 demo') ?? [];
      expect(claim?.advisories).toEqual(['USN-9001-1']);
      expect(collector.advisories.get('USN-9001-1')).toMatchObject({
        date: '2024-05-06',
        title: 'demo vulnerability',
      });
    }
  });
});

it('the order of the archives leaves no trace in the feed', async () => {
  const reversed = (archive: Record<string, string>) =>
    tar(Object.fromEntries(Object.entries(archive).reverse()));
  const one = await feedOf({ 'ubuntu-osv': tar(files), 'ubuntu-tracker': tar(tracker) });
  const other = await feedOf({ 'ubuntu-osv': reversed(files), 'ubuntu-tracker': reversed(tracker) });
  const digests = (feed: typeof one) => feed.manifest.outputs.map(({ path, sha256 }) => `${sha256} ${path}`);
  expect(digests(one)).toEqual(digests(other));
});
