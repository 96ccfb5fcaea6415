import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSource } from '../../src/enrichment/nvd/index.ts';
import { findingCounts } from '../support/sources.ts';
import { fetchFrom, openMirror, readFrom, type TestMirror } from './support/reading.ts';

const feeds = 'https://nvd.example/feeds';
const source = createSource({ feeds, firstYear: 2025, updates: ['modified'], fullDays: 7 });

const vector31 = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const primary = (score: number, vector = vector31) => ({
  source: 'nvd@nist.gov',
  type: 'Primary',
  cvssData: { baseScore: score, vectorString: vector },
});

function cve(id: string, more: object = {}, lastModified = '2026-01-10T10:00:00.000'): object {
  return { cve: { id, lastModified, vulnStatus: 'Analyzed', metrics: {}, ...more } };
}

function feed(vulnerabilities: readonly object[], timestamp = '2026-01-29T03:00:00.000'): string {
  const totalResults = vulnerabilities.length;
  return JSON.stringify({ totalResults, format: 'NVD_CVE', version: '2.0', timestamp, vulnerabilities });
}

function metaOf(text: string, modified: string): string {
  const digest = createHash('sha256').update(text).digest('hex').toUpperCase();
  return `lastModifiedDate:${modified}\r\nsize:${text.length}\r\nzipSize:1\r\ngzSize:1\r\nsha256:${digest}\r\n`;
}

function put(mirror: TestMirror, name: string, text: string, modified = '2026-01-29T03:00:00-05:00'): void {
  mirror.put(`${feeds}/nvdcve-2.0-${name}.json.gz`, gzipSync(text));
  mirror.put(`${feeds}/nvdcve-2.0-${name}.meta`, metaOf(text, modified));
}

function mirrorOf(years: Readonly<Record<string, string>>): TestMirror {
  const mirror = openMirror();
  for (const [name, text] of Object.entries(years)) put(mirror, name, text);
  return mirror;
}

const rated = cve('CVE-2025-0001', {
  metrics: {
    cvssMetricV31: [{ ...primary(5), source: 'cna@vendor.example', type: 'Secondary' }, primary(9.8)],
    cvssMetricV2: [primary(10, 'AV:N/AC:L/Au:N/C:C/I:C/A:C')],
  },
  weaknesses: [
    { source: 'nvd@nist.gov', description: [{ value: 'CWE-79' }, { value: 'NVD-CWE-noinfo' }] },
    { source: 'cna@vendor.example', description: [{ value: 'CWE-1' }] },
  ],
});

describe('NVD', () => {
  it("gives NVD's own judgement only, each version once", async () => {
    const fetched = await fetchFrom(
      source,
      mirrorOf({ 2025: feed([rated]), 2026: feed([]), modified: feed([]) }),
    );

    const { byId, collector } = await readFrom(source, fetched, ['CVE-2025-0001']);

    expect(byId.get('CVE-2025-0001')).toEqual({
      id: 'CVE-2025-0001',
      ratings: [
        { source: 'nvd', version: '3.1', score: 9.8, vector: vector31, date: '2026-01-10' },
        {
          source: 'nvd',
          version: '2.0',
          score: 10,
          vector: 'AV:N/AC:L/Au:N/C:C/I:C/A:C',
          date: '2026-01-10',
        },
      ],
      cwe: ['CWE-79'],
    });
    expect(collector.notes.dateOf('nvd-2025')).toBe('2026-01-29T03:00:00Z');
  });

  it('takes the later record of two documents, marks rejected ids and counts the rest', async () => {
    const later = cve('CVE-2025-0001', { vulnStatus: 'Rejected' }, '2026-01-28T00:00:00.000');
    const mirror = mirrorOf({
      2025: feed([rated, cve('CVE-2025-0002')]),
      2026: feed([]),
      modified: feed([later]),
    });

    const { byId, collector } = await readFrom(source, await fetchFrom(source, mirror), ['CVE-2025-0001']);

    expect(byId.get('CVE-2025-0001')).toEqual({ id: 'CVE-2025-0001', rejected: true, ratings: [] });
    expect(findingCounts(collector.ledger)).toEqual({
      '-not_in_feed': 1,
      '-other_version_used': 1,
      rejected: 1,
    });
    expect(collector.ledger.records).toBe(3);
  });

  it('marks deferred records that it has not rated; one with an own score is rated', async () => {
    const status = { vulnStatus: 'Deferred' };
    const copied = [{ ...primary(5), source: 'cna@vendor.example' }];
    const records = [
      cve('CVE-2025-0001', { ...status, metrics: { cvssMetricV31: copied } }),
      cve('CVE-2025-0002', { ...status, metrics: { cvssMetricV31: [primary(9.8)] } }),
      cve('CVE-2025-0003', { vulnStatus: 'Awaiting Analysis' }),
    ];
    const mirror = mirrorOf({ 2025: feed(records), 2026: feed([]), modified: feed([]) });
    const ids = ['CVE-2025-0001', 'CVE-2025-0002', 'CVE-2025-0003'];

    const { byId } = await readFrom(source, await fetchFrom(source, mirror), ids);

    expect(byId.get('CVE-2025-0001')).toEqual({ id: 'CVE-2025-0001', deferred: true, ratings: [] });
    expect(byId.get('CVE-2025-0002')).toMatchObject({ ratings: [{ score: 9.8 }] });
    expect(byId.get('CVE-2025-0002')).not.toHaveProperty('deferred');
    expect(byId.get('CVE-2025-0003')).not.toHaveProperty('deferred');
  });

  it('fetches only the changes within seven days, then the year again', async () => {
    const mirror = mirrorOf({ 2025: feed([rated]), 2026: feed([]), modified: feed([]) });
    const { store } = await fetchFrom(source, mirror);
    const changed = feed([cve('CVE-2025-0001'), cve('CVE-2025-0003')]);
    put(mirror, '2025', changed, '2026-02-03T03:00:00-05:00');
    put(mirror, 'modified', feed([cve('CVE-2025-0003')]), '2026-02-03T03:00:00-05:00');

    const night = await fetchFrom(source, mirror, store);
    expect(
      (await store.read(night.snapshots.find(({ id }) => id === 'nvd-2025')!)).equals(
        gzipSync(feed([rated])),
      ),
    ).toBe(true);

    put(mirror, 'modified', feed([]), '2026-02-09T03:00:00-05:00');
    const week = await fetchFrom(source, mirror, store);
    expect(
      (await store.read(week.snapshots.find(({ id }) => id === 'nvd-2025')!)).equals(gzipSync(changed)),
    ).toBe(true);
  });

  it('accepts the sha256 of a .meta in upper case, and refuses a feed that it disagrees with; the last good one stays', async () => {
    const mirror = mirrorOf({ 2025: feed([rated]), 2026: feed([]), modified: feed([]) });
    const { store, snapshots } = await fetchFrom(source, mirror);
    const text = feed([cve('CVE-2025-0009')]);
    mirror.put(`${feeds}/nvdcve-2.0-modified.json.gz`, gzipSync(text));
    mirror.put(`${feeds}/nvdcve-2.0-modified.meta`, metaOf(`${text} `, '2026-01-30T03:00:00Z'));

    const after = await fetchFrom(source, mirror, store);

    const modified = after.snapshots.find(({ id }) => id === 'nvd-modified')!;
    expect(modified.refused).toBe('SOURCE_MALFORMED');
    expect(modified.sha256).toBe(snapshots.find(({ id }) => id === 'nvd-modified')!.sha256);
  });

  it('says which years and digests a mirror lacks', async () => {
    const old = createSource({ feeds, firstYear: 2002, updates: ['modified'], fullDays: 7 });
    const mirror = openMirror({
      [`${feeds}/nvdcve-2.0-2002.json.gz`]: gzipSync(feed([rated])),
      [`${feeds}/nvdcve-2.0-2005.json.gz`]: gzipSync(feed([])),
    });

    const { collector } = await readFrom(old, await fetchFrom(old, mirror), ['CVE-2025-0001']);

    expect(findingCounts(collector.ledger)).toEqual({
      year_missing: 2,
      digest_missing: 2,
      changes_missing: 1,
    });
  });

  it.each([
    ['that was cut and closed again', feed([rated]).replace('"totalResults":1', '"totalResults":2')],
    ['of another version', feed([rated]).replace('"version":"2.0"', '"version":"1.1"')],
    ['that is no JSON to its end', feed([rated]).slice(0, -2)],
    ['in which nothing is a record', feed([{ cve: 1 }])],
  ])('refuses a feed %s', async (_, text) => {
    const mirror = mirrorOf({ 2025: text, modified: feed([]) });

    await expect(fetchFrom(source, mirror)).rejects.toMatchObject({
      code: expect.stringMatching(/^SOURCE_/) as string,
    });
  });

  it('counts a record of a million CVSS entries and one without an id, with their places', {
    timeout: 60_000,
  }, async () => {
    const million = (id: string, entry: object) =>
      JSON.stringify(cve(id, { metrics: { cvssMetricV31: ['ENTRIES'] } })).replace(
        '"ENTRIES"',
        Array.from({ length: 1_000_000 }, () => JSON.stringify(entry)).join(),
      );
    const records = [
      JSON.stringify(rated),
      million('CVE-2025-0004', { source: 'nvd@nist.gov' }),
      JSON.stringify(cve('CVE-25-1')),
      // Short enough for a record.
      million('CVE-2025-0005', {}),
    ];
    const mirror = mirrorOf({
      2025: feed([]).replace('"totalResults":0', '"totalResults":4').replace('[]', `[${records.join()}]`),
      modified: feed([]),
    });

    const { collector } = await readFrom(source, await fetchFrom(source, mirror), ['CVE-2025-0001']);

    expect(findingCounts(collector.ledger)).toEqual({ '-malformed_record': 3 });
    const examples = collector.ledger.findings()[0]?.examples ?? [];
    expect(
      examples.map(({ where, detail = '' }) => [
        where,
        /at most \d+ entries|more than \d+ bytes/.test(detail),
      ]),
    ).toEqual([
      ['nvd-2025#/vulnerabilities/1', true],
      ['nvd-2025#/vulnerabilities/2', false],
      ['nvd-2025#/vulnerabilities/3', true],
    ]);
    expect(collector.ledger).toMatchObject({ records: 4, used: 1 });
  });
});
