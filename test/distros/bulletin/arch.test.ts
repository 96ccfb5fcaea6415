import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import definition from '../../../feeds/arch.json' with { type: 'json' };
import { archReader } from '../../../src/distros/bulletin/arch.ts';
import type { BulletinDefinition } from '../../../src/distros/bulletin/definition.ts';
import { bulletinSource } from '../../../src/distros/bulletin/source.ts';
import { arch } from '../../../src/distros/bulletins.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { misbehaviours, send, webPage } from '../../support/misbehaviour.ts';
import { expectLastKept, readSource } from '../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';
import { avg, writeArchMirror } from '../arch/world.ts';

const sourceAt = (document: string) =>
  bulletinSource(arch, archReader, { ...(definition as BulletinDefinition), document });
const source = sourceAt(definition.document);

async function readMirror(world: Parameters<typeof writeArchMirror>[0]): Promise<CollectingSink> {
  return readSource(source, writeArchMirror(world));
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ package: name, vulnerability, status, severity, ...more }) =>
    [name, vulnerability, status, more.fixed ?? more.range ?? more.channelFix ?? '-', severity].join(' '),
  );

describe("Arch's vulnerability groups", () => {
  it('have the status first, whatever fix they name (arch-security-tracker#237)', async () => {
    const sink = await readMirror([
      avg(1001, 'linux linux-headers', {
        severity: 'Critical',
        advisories: ['ASA-202401-2', 'ASA-202401-10'],
      }),
      avg(1002, 'zlib', { status: 'Vulnerable', fixed: null, affected: '1:1.3-1', severity: 'Medium' }),
      avg(1003, 'curl', { status: 'Vulnerable', severity: 'Low' }),
      avg(1004, 'gcc', { status: 'Testing' }),
      avg(1005, 'vim', { status: 'Unknown', severity: 'Unknown' }),
      avg(1006, 'runc', { status: 'Not affected', severity: 'awful' }),
      avg(1007, 'test-pkg', { issues: [] }),
    ]);
    expect(rows(sink)).toEqual([
      'linux CVE-2024-1001 fixed 1.0-2 critical',
      'linux-headers CVE-2024-1001 fixed 1.0-2 critical',
      'zlib CVE-2024-1002 affected <=1%3A1.3-1 medium',
      'curl CVE-2024-1003 affected <=1.0-1 low',
      'gcc CVE-2024-1004 affected 1.0-2 high',
      'vim CVE-2024-1005 under_investigation - unknown',
      'runc CVE-2024-1006 not_affected - unknown',
    ]);
    expect(sink.statements[0]).toMatchObject({
      ...{
        platform: 'arch-rolling',
        subject: 'binary',
        evidence: 'arch-groups#/AVG-1001/{package}/{vulnerability}',
      },
      advisories: ['ASA-202401-10', 'ASA-202401-2'],
    });
    expect(sink.statements[4]).toMatchObject({ fixState: 'other_channel', reason: 'testing' });
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      7,
      6,
      { '-no_cve': 1, fix_not_confirmed: 1, unknown_severity: 1 },
    ]);
  });

  it('of several about a flaw of a package the most cautious decides, of fixes the highest', async () => {
    const same = { issues: ['CVE-2024-1'.padEnd(13, '0')] };
    const sink = await readMirror([
      avg(1, 'a', { ...same, fixed: '1.0-10' }),
      avg(2, 'a', { ...same, fixed: '1.0-9' }),
      avg(3, 'b', { ...same, status: 'Not affected', fixed: null }),
      avg(4, 'b', { ...same, status: 'Vulnerable', fixed: null }),
      avg(5, 'b', same),
    ]);
    expect(rows(sink)).toEqual(['a CVE-2024-1000 fixed 1.0-10 high', 'b CVE-2024-1000 affected <1.0-2 high']);
    expect(findingCounts(sink.ledger)).toEqual({ several_records: 3 });
  });

  it('a status that is named twice is refused: readers differ in which of the two counts', async () => {
    const twice = JSON.stringify([avg(1000, 'a')]).replace(
      '"severity"',
      '"status":"Not affected","severity"',
    );
    await expect(readMirror(twice)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it('an open group and a fix above it: every build below the fix is affected', async () => {
    const same = { issues: ['CVE-2024-1000'] };
    const open = (affected: string) => ({ ...same, status: 'Vulnerable', fixed: null, affected });
    const sink = await readMirror([
      ...[avg(1, 'a', open('1.0-1')), avg(2, 'a', { ...same, fixed: '2.0-1' })],
      ...[avg(3, 'b', { ...same, fixed: '2.0-1' }), avg(4, 'b', open('3.0-1'))],
      avg(5, 'c', { ...same, status: 'Testing', fixed: '1.5-1' }),
      avg(6, 'c', { ...same, fixed: '2.0-1' }),
      avg(7, 'd', { ...same, status: 'Testing', fixed: '3.0-1' }),
      avg(8, 'd', { ...same, fixed: '2.0-1' }),
    ]);
    expect(rows(sink)).toEqual([
      'a CVE-2024-1000 affected <2.0-1 high',
      'b CVE-2024-1000 affected <=3.0-1 high',
      'c CVE-2024-1000 fixed 2.0-1 high',
      'd CVE-2024-1000 affected 3.0-1 high',
    ]);
  });

  it('an id a second time leaves the packages of the second group unread', async () => {
    const sink = await readMirror([avg(1000, 'zlib'), avg(1000, 'curl', { issues: ['CVE-2024-2000'] })]);
    expect(rows(sink)).toEqual(['zlib CVE-2024-1000 fixed 1.0-2 high']);
    expect(unreadCounts(sink.ledger, 'arch-rolling')).toEqual([['curl', 1]]);
  });

  it('a short document of millions of pairs is refused', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => at);
    const issues = many.map((at) => `CVE-2024-${10_000 + at}`);
    await expect(
      readMirror([avg(1000, many.map((at) => `p${at}`).join(' '), { issues })]),
    ).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });

  it.each([
    ['a status of another word', { status: 'Wontfix' }],
    ['a version that pacman has no place for', { affected: 'not a version' }],
    ['a version without a release', { fixed: '1.0' }],
    ['a fixed group without a fix', { fixed: null }],
    ['a fix that is not above what it fixes', { fixed: '1.0-1' }],
    ['a version that is no text', { fixed: 7 }],
    ['an id that is no CVE', { issues: ['CVE-2024-1000', 'GHSA-x'] }],
    ['ids that are no list', { issues: 'CVE-2024-1000' }],
    ['no list of ids', { issues: undefined }],
    ['nothing in place of a list of ids', { issues: null }],
    ['an advisory of another form', { advisories: ['../x'] }],
    ['a rating that is no text', { severity: {} }],
    ['another id', { name: 'AVG-x' }],
  ])('%s leaves its packages unread', async (_, more) => {
    const sink = await readMirror([avg(1000, 'curl lib32-curl', more), avg(1001, 'zlib')]);
    expect(rows(sink)).toEqual(['zlib CVE-2024-1001 fixed 1.0-2 high']);
    expect(findingCounts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    expect(unreadCounts(sink.ledger, 'arch-rolling')).toEqual([
      ['curl', 1],
      ['lib32-curl', 1],
    ]);
  });

  it.each([[null], ['text'], [[[]]], [{ packages: ['curl', 7] }]])(
    'a group that is %j is counted',
    async (group) => {
      const sink = await readMirror([group, avg(1001, 'zlib')]);
      expect([sink.ledger.records, sink.ledger.used]).toEqual([2, 1]);
    },
  );

  it.each([[[]], [[avg(1000, 'curl', { issues: [] }), avg(1001, 'zlib', { issues: [] })]]])(
    'a document without a flaw is refused: every image would look clean',
    async (groups) => {
      await expect(readMirror(groups)).rejects.toMatchObject({
        message: `expected records with flaws, found none among ${groups.length}`,
      });
    },
  );

  const real = ['vendors2', 'arch', 'rebuilt', 'all.json.xz'];

  it.skipIf(!hasData(...real))('its own of 2025-02-19: every one is used', async () => {
    const text = execFileSync('xz', ['-dc', dataPath(...real)], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const sink = await readMirror(text);
    expect([sink.ledger.records, sink.ledger.used]).toEqual([1771, 1771]);
    expect(findingCounts(sink.ledger)).toEqual({ fix_not_confirmed: 1 });
    const counts = Object.groupBy(sink.statements, ({ status }) => status);
    expect(Object.entries(counts).map(([status, each]) => [status, each!.length])).toEqual([
      ['fixed', 5601],
      ['not_affected', 216],
      ['affected', 196],
      ['under_investigation', 110],
    ]);
  });
});

describe('a fetch that fails leaves the last good snapshot', () => {
  const good = JSON.stringify([avg(1000, 'zlib')]);

  it.each([
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_NOT_JSON' },
    { name: 'no groups', behaviour: send('[]'), code: 'SOURCE_MALFORMED' },
    { name: 'another document', behaviour: send('{"a":1}'), code: 'SOURCE_MALFORMED' },
    { name: 'depth', behaviour: send('['.repeat(1e6)), code: 'SOURCE_NOT_JSON' },
    { name: 'an end in the middle', behaviour: send(good.slice(0, -2)), code: 'SOURCE_NOT_JSON' },
  ])('$name', (bad) => expectLastKept(sourceAt, ['/all.json', good], bad));
});
