import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { source } from '../../src/enrichment/eukev.ts';
import { requireFloor, standingOf } from '../../src/feed/floor.ts';
import { joinExploited } from '../../src/model/feed/index.ts';
import { usualSourceIds } from '../../src/tasks/build/options.ts';
import { dataPath, hasData } from '../support/data.ts';
import { findingCounts } from '../support/sources.ts';
import { fetchFrom, openMirror, openStore, readFrom, type TestMirror } from './support/reading.ts';

const url = 'https://raw.githubusercontent.com/enisaeu/CNW/main/eukev/eukev.json';
const older = 'https://raw.githubusercontent.com/enisaeu/CNW/main/advisories/eukev/eukev.json';

/** By the list's schema of 2026. */
const entry = (number: string, more: object = {}) => ({
  cveID: `CVE-${number}`,
  euvdID: `EUVD-${number}`,
  vendorProject: 'A vendor',
  product: 'A product',
  dateReported: '2026/09/22',
  patchedSince: '2026/09/09',
  originSource: 'ENISA',
  shortDescription: 'What it is.',
  exploitationType: ['unknown'],
  cwes: ['CWE-22'],
  ...more,
});

const fetchList = (mirror: TestMirror, store = openStore()) =>
  fetchFrom(source, mirror, store, new Date('2026-10-01T12:00:00Z'));

const read = async (entries: readonly unknown[], ids: string[], at = url) =>
  readFrom(source, await fetchList(openMirror({ [at]: JSON.stringify(entries) })), ids);

describe("the EU's list of exploited vulnerabilities", () => {
  it('gives EUVD ids, days and ransomware use, in both of its forms', async () => {
    const { byId, collector } = await read(
      [
        entry('2026-0001', { exploitationType: ['APT', 'ransomware'] }),
        // The form of 2025: one text, `-` for none.
        entry('2025-0002', {
          dateReported: '2025/01/23',
          exploitationType: 'ransomware',
          cwes: '-',
          patchedSince: 'tbc',
        }),
        entry('2025-0003', { dateReported: '2025-02-13', exploitationType: '-' }),
        entry('2026-0004'),
        entry('2026-0005', { cveID: '-' }),
      ],
      ['CVE-2026-0001', 'CVE-2025-0002', 'CVE-2025-0003'],
    );

    expect([...byId.values()].map(({ exploited }) => exploited)).toEqual([
      {
        added: '2026-09-22',
        only: 'eu',
        eu: { id: 'EUVD-2026-0001', reported: '2026-09-22', ransomware: true },
      },
      {
        added: '2025-01-23',
        only: 'eu',
        eu: { id: 'EUVD-2025-0002', reported: '2025-01-23', ransomware: true },
      },
      { added: '2025-02-13', only: 'eu', eu: { id: 'EUVD-2025-0003', reported: '2025-02-13' } },
    ]);
    const { records, used, dropped } = collector.ledger;
    expect({ records, used, dropped }).toEqual({ records: 5, used: 3, dropped: 2 });
    expect(findingCounts(collector.ledger)).toEqual({ '-no_cve': 1, '-not_in_feed': 1 });
    expect(collector.notes.dateOf('eukev')).toMatch(/^2026-09-22/);
  });

  it('counts entries that cannot be read, with their place', async () => {
    const { collector } = await read(
      [
        entry('2026-0001'),
        entry('2026-0001'),
        entry('2026-0002', { cveID: 'CVE-26-1' }),
        entry('2026-0003', { euvdID: undefined }),
        entry('2026-0004', { dateReported: 'tbc' }),
        7,
        entry('2026-0005', { dateReported: '2024/02/31' }),
      ],
      ['CVE-2026-0001'],
    );

    expect(findingCounts(collector.ledger)).toEqual({ '-malformed_record': 6 });
    const examples = collector.ledger.findings()[0]?.examples ?? [];
    expect(examples.map(({ where }) => where)).toEqual([
      'eukev#/1',
      'eukev#/2/cveID',
      'eukev#/3/euvdID',
      'eukev#/4/dateReported',
      'eukev#/5',
      'eukev#/6/dateReported',
    ]);
  });

  it('is read from its older place where the newer one has none', async () => {
    const { byId } = await read([entry('2026-0001')], ['CVE-2026-0001'], older);
    expect(byId.get('CVE-2026-0001')?.exploited?.eu?.id).toBe('EUVD-2026-0001');
  });

  it.each([
    ['without an entry', '[]', 'SOURCE_MALFORMED'],
    ['that is an object', '{"vulnerabilities":[]}', 'SOURCE_MALFORMED'],
    ['of entries of another form', JSON.stringify([{ cve: 'CVE-2026-0001' }, 7]), 'SOURCE_MALFORMED'],
    ['that is HTML', '<!doctype html>', 'SOURCE_NOT_JSON'],
    ['that is cut', JSON.stringify([entry('2026-0001')]).slice(0, -9), 'SOURCE_NOT_JSON'],
  ])('refuses a list %s', async (_, bad, code) => {
    await expect(fetchList(openMirror({ [url]: bad }))).rejects.toMatchObject({ code });
  });

  it.runIf(hasData('enrichment/euvd'))('is not a page of the whole database', async () => {
    const page =
      'enrichment/euvd/MaineK00n+vuls-data-update/pkg/fetch/enisa/euvd/list/testdata/fixtures/happy/0_100.json';
    const text = readFileSync(dataPath(page), 'utf8');
    await expect(fetchList(openMirror({ [url]: text }))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  });

  it.each(['9999-12-31', '2026/10/03'])(
    'refuses a list dated ahead, %s, and the last good one stays',
    async (ahead) => {
      const mirror = openMirror({ [url]: JSON.stringify([entry('2026-0001')]) });
      const { store, snapshots } = await fetchList(mirror);
      mirror.put(url, JSON.stringify([entry('2026-0001'), entry('2026-0002', { dateReported: ahead })]));

      await expect(fetchList(mirror, store)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });

      expect(await store.list('eukev')).toEqual(snapshots);
    },
  );

  it('has the floor of sources for which only a server vouches', async () => {
    const standing = async (count: number) => {
      const entries = Array.from({ length: count }, (_, at) => entry(`2026-${1000 + at}`));
      const { collector } = await read(entries, []);
      return standingOf(source, collector, [{ id: 'eukev' }], 'test')!;
    };
    const last = await standing(300);

    const floor = { last: new Map([['eukev', last]]), tool: 'test', now: new Date() };
    expect(() => requireFloor(last, source, floor)).not.toThrow();
    const fewer = await standing(269);
    expect(() => requireFloor(fewer, source, floor)).toThrow('eukev has 269 rows, and had 300');
  });

  it('is read by name only', () => {
    expect(usualSourceIds()).not.toContain('eukev');
  });
});

describe('both lists', () => {
  const cisa = { added: '2026-09-01', due: '2026-09-22' } as const;
  const listed = { id: 'EUVD-2026-1', reported: '2026-08-30' } as const;
  const eu = { added: '2026-08-30', eu: listed, only: 'eu' } as const;
  const both = { ...cisa, eu: listed };

  it('join to one entry, whichever of them is joined already', () => {
    expect(joinExploited(cisa, eu)).toEqual(both);
    expect(joinExploited(both, both)).toEqual(both);
    expect(joinExploited(both, undefined)).toEqual(cisa);
    expect(joinExploited(eu, both)).toEqual(eu);
    expect(joinExploited(undefined, both)).toEqual(eu);
    expect(joinExploited(cisa, undefined)).toEqual(cisa);
    expect(joinExploited(undefined, undefined)).toBeUndefined();
  });
});
