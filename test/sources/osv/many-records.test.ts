import { describe, expect, it } from 'vitest';
import type { Platform } from '../../../src/model/feed/index.ts';
import { orderOf } from '../../../src/packaging/orders.ts';
import { parseRange, placeIn } from '../../../src/packaging/range.ts';
import { type OsvVocabulary, readOsvRecords } from '../../../src/sources/osv/read-records.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { bodyOf, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';
import { zipOf } from '../../support/zip.ts';

const platform: Platform = {
  ...{ id: 'made-1', name: 'Made', aliases: [], os: { id: 'made' }, packaging: 'apk', life: [] },
};
const apk = orderOf('apk');

interface MadeEntry {
  introduced: string;
  fixed: string;
  versions?: string[];
  arch?: string;
}

const affected = ({ introduced, fixed, versions = [], arch = 'x86_64' }: MadeEntry) => ({
  package: { ecosystem: 'Made', name: 'curl', purl: `pkg:apk/made/curl?arch=${arch}` },
  ranges: [{ type: 'ECOSYSTEM', events: [{ introduced }, { fixed }] }],
  versions,
});

/** Reads records about one flaw of one package, and counts how often versions are compared. */
async function readAll(entries: readonly MadeEntry[], more: Readonly<Record<string, object>> = {}) {
  let compared = 0;
  const vocabulary: OsvVocabulary = {
    ...{ prefix: 'M-', subject: 'binary', names: /^curl$/, platforms: [platform] },
    platformsOf: () => [platform],
    orderOf: () => ({
      ...apk,
      compare(a, b) {
        compared += 1;
        return apk.compare(a, b);
      },
    }),
  };
  const files = entries.map((entry, at) => [
    `M-${at}.json`,
    { id: `M-${at}`, upstream: ['CVE-2026-1001'], affected: [affected(entry)] },
  ]);
  const records: [string, object][] = Object.entries({ ...Object.fromEntries(files), ...more });
  const zip = zipOf(Object.fromEntries(records.map(([name, record]) => [name, JSON.stringify(record)])));
  const store = openSnapshotStore(temporaryFolder('osv'));
  const origin = { id: 'made-osv', source: 'made', url: 'https://example.test/all.zip' };
  const input = await store.save(origin, bodyOf(zip));
  const sink = collectingSink('made');
  await readOsvRecords(input, store, sink, vocabulary, { malformedShare: 0, malformedFew: 0 });
  return { sink, compared };
}

describe('a record of many flaws in many entries', () => {
  it('is counted where there is no room for it, and its packages are unread', async () => {
    const entry = { introduced: '0', fixed: '8.0-r0' };
    const upstream = Array.from({ length: 500 }, (_, at) => `CVE-2026-${1000 + at}`);
    const large = { upstream, affected: Array.from({ length: 1100 }, () => affected(entry)) };
    const versions = Array.from({ length: 18_000 }, (_, at) => `1.${at}`);
    const long = { upstream, affected: [affected({ ...entry, versions })] };
    const { sink } = await readAll([entry], {
      'M-8.json': { id: 'M-8', ...large },
      'M-9.json': { id: 'M-9', ...long },
    });
    expect(findingCounts(sink.ledger)).toEqual({ '-too_many_flaws': 1101 });
    expect(unreadCounts(sink.ledger, 'made-1')).toEqual([['curl', 1101]]);
    expect(sink.statements.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2026-1001']);
  });
});

describe('many records about one flaw of a package', () => {
  it('are joined with as many comparisons a record as there are digits in their number, not records', async () => {
    const count = 3000;
    const entries = Array.from({ length: count }, (_, at) => ({
      ...{ introduced: `${2 * at + 1}-r0`, fixed: `${2 * at + 2}-r0`, versions: [`${2 * at + 2}-r1`] },
    }));
    const { sink, compared } = await readAll(entries.reverse());
    expect(compared).toBeLessThan(count * 200);
    expect(sink.ledger.used).toBe(count);
    const [statement, ...others] = sink.statements;
    expect(others).toEqual([]);
    expect(statement!.advisories).toHaveLength(count);
    const range = parseRange(statement!.range!);
    expect([range.intervals.length, range.versions.length]).toEqual([count, count]);
    const has = (version: string) => placeIn(range, version, apk.read(version)!, apk) !== undefined;
    expect(['1-r5', '2-r0', '2-r1', '5999-r0', '6000-r0', '6000-r1'].map(has)).toEqual(
      [true, false, true, true, false, true], // every other one
    );
  });

  it('those that say the same of many architectures are one row with each record once', async () => {
    const entries = Array.from({ length: 300 }, (_, at) => ({
      ...{ introduced: '0', fixed: '8.0-r0', arch: `a${at % 100}` },
    }));
    const { sink } = await readAll(entries);
    expect(sink.statements).toHaveLength(1);
    expect(sink.statements[0]!.arch).toHaveLength(100);
    expect(sink.statements[0]!.advisories).toHaveLength(300);
  });

  it('a version in an interval of another record is not named again', async () => {
    const some = Array.from({ length: 90 }, (_, at) => ({
      ...{ introduced: `${3 * at + 1}-r0`, fixed: `${3 * at + 2}-r0` },
    }));
    const { sink } = await readAll([
      { introduced: '0', fixed: '0', versions: ['1-r1', '2-r1', '268-r0', '268-r9', '269-r0', '999-r0'] },
      ...some,
    ]);
    expect(parseRange(sink.statements[0]!.range!).versions).toEqual(['2-r1', '269-r0', '999-r0']);
  });
});
