import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../feeds/echo.json' with { type: 'json' };
import type { BulletinDefinition } from '../../../src/distros/bulletin/definition.ts';
import { echoReader } from '../../../src/distros/bulletin/echo.ts';
import { bulletinSource } from '../../../src/distros/bulletin/source.ts';
import { echo } from '../../../src/distros/bulletins.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { misbehaviours, send, webPage } from '../../support/misbehaviour.ts';
import { expectLastKept, readSource } from '../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';
import { writeEchoMirror } from '../echo/world.ts';

const sourceAt = (document: string) =>
  bulletinSource(echo, echoReader, { ...(definition as BulletinDefinition), document });
const source = sourceAt(definition.document);

async function readMirror(world: Parameters<typeof writeEchoMirror>[0]): Promise<CollectingSink> {
  return readSource(source, writeEchoMirror(world));
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ package: name, vulnerability, status, fixed, severity }) =>
    [name, vulnerability, status, fixed ?? '-', severity].join(' '),
  );

describe("Echo's advisories", () => {
  it('a fix, none yet, and never affected; ratings where there are some', async () => {
    const sink = await readMirror({
      curl: {
        'CVE-2024-11053': { fixed_version: '7.88.1-10+deb12u8', severity: 'HIGH' },
        'CVE-2024-1': {},
        'CVE-2024-1000': {},
        'CVE-2024-1001': { fixed_version: '0', severity: 'LOW' },
        'TEMP-0000000-A2EB44': { severity: 'very bad' },
      },
    });
    expect(rows(sink)).toEqual([
      'curl CVE-2024-11053 fixed 7.88.1-10+deb12u8 high',
      'curl CVE-2024-1000 affected - unknown',
      'curl CVE-2024-1001 not_affected - unknown',
      'curl TEMP-0000000-A2EB44 affected - unknown',
    ]);
    expect(sink.statements[0]).toMatchObject({
      platform: 'echo-1',
      evidence: 'echo-advisories#/{package}/{vulnerability}',
    });
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      5,
      4,
      { '-wrong_type': 1, unknown_severity: 1 },
    ]);
  });

  it.each([
    ['a version that dpkg has no place for', { 'CVE-2024-1000': { fixed_version: 'not a version' } }],
    ['a version of 300 digits', { 'CVE-2024-1000': { fixed_version: '1'.repeat(300) } }],
    ['a version that is no text', { 'CVE-2024-1000': { fixed_version: 7 } }],
    ['a flaw that is no object', { 'CVE-2024-1000': null }],
    ['flaws that are no object', 'none'],
  ])('%s leaves its package unread', async (_, flaws) => {
    const world = { curl: flaws, zlib: { 'CVE-2024-1000': {} } };
    const sink = await readMirror(JSON.stringify(world));
    expect(rows(sink)).toEqual(['zlib CVE-2024-1000 affected - unknown']);
    expect(findingCounts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    expect(unreadCounts(sink.ledger, 'echo-1')).toEqual([['curl', 1]]);
  });

  it('a fix that is named twice is refused: readers differ in which of the two counts', async () => {
    const twice = '{"curl":{"CVE-2024-1000":{"fixed_version":"9-1","fixed_version":"0"}}}';
    await expect(readMirror(twice)).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringContaining('"fixed_version" twice'),
    });
  });

  const real =
    'vendors2/echo/anchore+vunnel/tests/unit/providers/echo/test-fixtures/input/echo-advisories/data.json';

  it.skipIf(!hasData(real))('its own document: every record is used', async () => {
    const sink = await readMirror(readFileSync(dataPath(real), 'utf8'));
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([25, 25, {}]);
    expect(sink.statements.filter(({ status }) => status === 'affected')).toHaveLength(4);
  });
});

describe('a fetch that fails leaves the last good snapshot', () => {
  const good = JSON.stringify({ zlib: { 'CVE-2024-1000': {} } });

  it.each([
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_NOT_JSON' },
    { name: 'no records', behaviour: send('{}'), code: 'SOURCE_MALFORMED' },
    { name: 'another document', behaviour: send('{"a":1,"b":2}'), code: 'SOURCE_MALFORMED' },
    { name: 'an end in the middle', behaviour: send(good.slice(0, -2)), code: 'SOURCE_NOT_JSON' },
  ])('$name', (bad) => expectLastKept(sourceAt, ['/data.json', good], bad));
});
