import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { recordsSource } from '../../../src/distros/rolling/records.ts';
import { cleanstart } from '../../../src/distros/rolling.ts';
import { tarHeader } from '../../../src/io/tar/write.ts';
import { packageOrders } from '../../../src/packaging/orders.ts';
import { parseRange, rangeText } from '../../../src/packaging/range.ts';
import { flawsOf } from '../../../src/sources/osv/flaws.ts';
import { unionOf } from '../../../src/sources/osv/union.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { readSource } from '../../support/read-source.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';
import { cleanstartDefinition, fixRecord, recordsZip, writeCleanstartMirror } from './records-world.ts';

const source = recordsSource(cleanstart, cleanstartDefinition);

async function readMirror(records: readonly object[] | Buffer): Promise<CollectingSink> {
  return readSource(source, writeCleanstartMirror(records));
}

const rows = ({ statements }: CollectingSink, platform = 'cleanstart-rolling') =>
  statements
    .filter((each) => each.platform === platform)
    .map(({ package: name, vulnerability, status, fixed, range, fixState }) =>
      [name, vulnerability, status, fixed ?? range ?? fixState ?? '-'].join(' '),
    );

const ranged = (id: number, events: object[], more: object = {}) => ({
  id: `CLEANSTART-2026-${id}`,
  upstream: [`CVE-2026-${id}`],
  affected: [
    { package: { ecosystem: 'CleanStart', name: 'curl' }, ranges: [{ type: 'SEMVER', events }], ...more },
  ],
});

describe('OSV records of a vendor', () => {
  it('the feed decides the vendor: a record that names the ecosystem Alpine is CleanStart’s too (anchore/grype#3281)', async () => {
    const alpine = fixRecord(2, 'zlib', '1.3.1-r0', ['CVE-2023-45853'], {
      affected: [
        {
          package: { ecosystem: 'Alpine', name: 'zlib' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.3.1-r0' }] }],
          // The fix itself stands among the affected versions.
          versions: ['1.3.1-r0'],
        },
      ],
    });
    const sink = await readMirror([
      fixRecord(1, 'curl', '8.4.0-r0', ['CVE-2023-38545', 'ghsa-4q5R-h5p7-mx2v']),
      alpine,
    ]);
    const wanted = [
      'curl CVE-2023-38545 fixed 8.4.0-r0',
      'curl GHSA-4q5r-h5p7-mx2v fixed 8.4.0-r0',
      'zlib CVE-2023-45853 fixed 1.3.1-r0',
    ];
    expect([rows(sink), rows(sink, 'clnstrt-rolling')]).toEqual([wanted, wanted]);
    expect(sink.platforms.map(({ platform }) => platform.os)).toEqual([
      { id: 'cleanstart', version: 'rolling' },
      { id: 'clnstrt', version: 'rolling' },
    ]);
    expect(sink.ledger.findings()).toEqual([]);
  });

  it('are joined: a flaw that was fixed again is fixed by the highest fix, one without a fix in any record has none', async () => {
    const sink = await readMirror([
      fixRecord(1, 'curl', '8.10.0-r0', ['CVE-2026-1']),
      fixRecord(2, 'curl', '8.9.0-r0', ['CVE-2026-1', 'CVE-2026-2']),
      { ...ranged(2, [{ introduced: '0' }]), id: 'CLEANSTART-2026-3' },
    ]);
    expect(rows(sink)).toEqual(['curl CVE-2026-1 fixed 8.10.0-r0', 'curl CVE-2026-2 affected none_yet']);
    expect(sink.statements[0]).toMatchObject({
      advisories: ['CLEANSTART-2026-1', 'CLEANSTART-2026-2'],
      evidence: 'cleanstart-osv#CLEANSTART-2026-1.json/{package}/{vulnerability}',
    });
  });

  it('intervals and versions are read in the order of the packages, whatever the type of a range says', async () => {
    const sink = await readMirror([
      ranged(1, [
        { introduced: '8.10.0-r0' },
        { introduced: '0' },
        { fixed: '8.12.0-r0' },
        { fixed: '8.9.0-r2' },
      ]),
      ranged(2, [{ introduced: '0' }, { last_affected: '8.0-r1' }]),
      ranged(3, [{ introduced: '0' }, { fixed: '8.0_rc1-r0' }], { versions: ['8.0-r0', '7.9-r0'] }),
      ranged(4, [{ introduced: '0' }, { fixed: '0' }]),
    ]);
    expect(rows(sink)).toEqual([
      'curl CVE-2026-1 affected <8.9.0-r2|>=8.10.0-r0|<8.12.0-r0',
      'curl CVE-2026-2 affected <=8.0-r1',
      'curl CVE-2026-3 affected <8.0_rc1-r0|8.0-r0',
      'curl CVE-2026-4 not_affected -',
    ]);
  });

  it('every entry is used or counted, and a package with a version that is none is unread', async () => {
    const sink = await readMirror([
      fixRecord(1, 'curl', '8.4.0:r0', ['CVE-2026-1']),
      fixRecord(2, '$pkgname-$CTARGET_ARCH', '8.4.0-r0', ['CVE-2026-2']),
      fixRecord(3, 'zlib', '1.3-r0', ['CVE-2026-3'], { withdrawn: '2026-07-30T08:00:00Z' }),
      fixRecord(4, 'zlib', '1.3-r0', ['CVE-2026-4', 'CVE 2026 9']),
      fixRecord(5, 'zlib', '1.3-r0', []),
      fixRecord(6, 'zlib', '1.3-r0', ['CVE-2026-6'], { affected: [] }),
      fixRecord(7, 'zlib', '1.3-r0', ['CVE-2026-7'], { id: 'OTHER-7' }),
      fixRecord(8, 'zlib', '1.3-r0', ['CVE-2026-8'], { affected: 'zlib' }),
    ]);
    expect(rows(sink)).toEqual([
      'zlib CLEANSTART-2026-4 fixed 1.3-r0',
      'zlib CLEANSTART-2026-5 fixed 1.3-r0',
      'zlib CVE-2026-4 fixed 1.3-r0',
    ]);
    const { records, used } = sink.ledger;
    expect([records, used, findingCounts(sink.ledger)]).toEqual([
      8,
      2,
      {
        ...{ '-absurd_version': 1, '-malformed_record': 2, '-no_affected_entry': 1, '-no_package_name': 1 },
        ...{ '-withdrawn': 1, unknown_vulnerability_id: 1 },
      },
    ]);
    expect(unreadCounts(sink.ledger, 'cleanstart-rolling')).toEqual([['curl', 1]]);
    // Records without a form may be about any package.
    expect(sink.ledger.hasUnreadRecords('cleanstart-rolling')).toBe(true);
  });

  it.each([
    ['without records', recordsZip([])],
    [
      'of another vendor',
      recordsZip(Array.from({ length: 30 }, (_, at) => ({ id: `ECHO-${at}`, affected: [] }))),
    ],
    ['that is no zip', Buffer.from('<html>')],
  ])('an archive %s is refused', async (_, archive) => {
    await expect(readMirror(archive)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it.each<[string, object]>([
    ['no entries', fixRecord(1, 'zlib', '1.3-r0', ['CVE-2026-1'], { affected: [] })],
    ['withdrawn ones', fixRecord(1, 'zlib', '1.3-r0', ['CVE-2026-1'], { withdrawn: '2026-07-30T08:00:00Z' })],
    ['no name of a package', fixRecord(1, '$pkgname', '1.3-r0', ['CVE-2026-1'])],
    ['no versions', fixRecord(1, 'zlib', '1.3:r0', ['CVE-2026-1'])],
  ])('an archive of records with %s alone is refused: every image would look clean', async (_, record) => {
    await expect(readMirror([record])).rejects.toMatchObject({
      ...{ code: 'SOURCE_MALFORMED', message: 'expected records that affect packages, found none among 1' },
    });
  });

  it('a tar says the same as a zip, and evidence is found in both', async () => {
    const record = JSON.stringify(fixRecord(1, 'curl', '8.4.0-r0', ['CVE-2023-38545']));
    const name = 'repo-main/advisories/2026/CLEANSTART-2026-1.json';
    const body = Buffer.from(record);
    const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
    const tar = gzipSync(Buffer.concat([tarHeader(name, body.length), body, padding, Buffer.alloc(1024)]));
    const url = 'https://example.test/records.tar.gz';
    const store = openSnapshotStore(temporaryFolder());
    const packed = (async function* () {
      yield tar;
    })();
    const input = await store.save({ id: 'cleanstart-osv', source: 'cleanstart', url }, packed);
    const sink = collectingSink('cleanstart');
    await source.read([input], store, sink);
    expect(rows(sink)).toEqual(['curl CVE-2023-38545 fixed 8.4.0-r0']);
    const found = await source.evidence(input, 'CLEANSTART-2026-1.json/curl/CVE-2023-38545', [input], store);
    expect([found?.bytes.toString(), found?.pointer]).toEqual([record, '/affected']);
  });
});

describe('the union of two ranges', () => {
  const apk = packageOrders.apk;
  const order = { read: apk.read, compare: (a: string, b: string) => apk.compare(a, b)! };
  const union = (a: string, b: string) => rangeText(unionOf([parseRange(a), parseRange(b)], order));

  it.each([
    ['<2', '<10', '<10'],
    ['<2', '*', '*'],
    ['<2', '>=2|<3', '<3'],
    ['<2', '>=3|<4', '<2|>=3|<4'],
    ['>=1|<=2', '>=1|<2', '>=1|<=2'],
    ['>=1', '>=3|<4', '>=1'],
    ['>=1|<2|>=5|<6', '>=2|<5', '>=1|<6'],
    ['<2|3', '2.5|3', '<2|2.5|3'],
    ['2.5', '<3', '<3'],
  ])('%s and %s are %s', (a, b, wanted) => {
    expect([union(a, b), union(b, a)]).toEqual([wanted, wanted]);
  });
});

describe('flaws of a record', () => {
  const none = { id: 'CGA-2c2h-8fj5-55vx', upstream: [], aliases: [], related: [] };

  it('old records name them beside their own id in `related`', () => {
    const related = ['CGA-2c2h-8fj5-55vx', 'CVE-2024-34156', 'GHSA-crqm-pwhx-j97f'];
    expect(flawsOf({ ...none, related }, false)).toEqual({
      ids: ['CVE-2024-34156'],
      aliases: ['GHSA-crqm-pwhx-j97f'],
      rest: [],
    });
    expect(flawsOf({ ...none, upstream: ['CVE-2024-1000'], related }, false).ids).toEqual(['CVE-2024-1000']);
  });

  it('a record that names none is one itself', () => {
    expect(flawsOf(none, false).ids).toEqual(['CGA-2c2h-8fj5-55vx']);
  });
});

const archive = 'vendors2/cleanstart/advisories.tar.xz';

it.skipIf(!hasData(archive))(
  'of 2,828 real records of CleanStart 2,814 are used and 14 counted',
  async () => {
    const bytes = execFileSync('xz', ['-dc', dataPath(archive)], { maxBuffer: 2 ** 28 });
    const store = openSnapshotStore(temporaryFolder());
    const url = 'https://example.test/advisories.tar';
    const plain = (async function* () {
      yield bytes;
    })();
    const input = await store.save({ id: 'cleanstart-osv', source: 'cleanstart', url }, plain);
    const sink = collectingSink('cleanstart');
    await source.read([input], store, sink);
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      2828,
      2814,
      { '-absurd_version': 3, '-no_package_name': 11 },
    ]);
    expect(new Set(sink.statements.map(({ status }) => status))).toEqual(new Set(['fixed', 'not_affected']));
    // Every flaw of every used record is judged by a fix at or above the record's own.
    const fixes = new Map(
      sink.statements.map((each) => [`${each.package} ${each.vulnerability}`, each.fixed ?? '0']),
    );
    const [first] = [...fixes].filter(([key]) => key === 'step CVE-2026-42505');
    expect(first?.[1]).toBe('0.29.0-r1');
    expect(readFileSync(dataPath('vendors2/cleanstart/INDEX.csv'), 'utf8')).toContain('advisories.tar.xz');
  },
);
