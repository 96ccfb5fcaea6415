import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseScores, source } from '../../src/enrichment/epss.ts';
import { findingCounts } from '../support/sources.ts';
import { fetchFrom, openMirror, readFrom } from './support/reading.ts';

const first = 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz';
const second = 'https://epss.cyentia.com/epss_scores-current.csv.gz';
const comment = '#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z\n';
const header = 'cve,epss,percentile\n';
const rows = 'CVE-1999-0001,0.01151,0.78086\nCVE-1999-1170,2e-05,0.00039\nCVE-2020-0001,0.94579,0.99999\n';

describe('EPSS', () => {
  it('keeps the probabilities of ids that the feed speaks of, and names model and date', async () => {
    const fetched = await fetchFrom(source, openMirror({ [first]: gzipSync(comment + header + rows) }));

    const { byId, collector } = await readFrom(source, fetched, ['CVE-1999-0001', 'CVE-1999-1170']);

    expect(byId.get('CVE-1999-0001')?.epss).toEqual({ probability: 0.01151, percentile: 0.78086 });
    expect(collector.notes.dateOf('epss')).toBe('2026-01-30T12:55:00Z');
    expect(collector.notes.versionOf('epss')).toBe('v2025.03.14');
    expect(findingCounts(collector.ledger)).toEqual({ '-not_in_feed': 1 });
    expect(collector.ledger.records).toBe(3);
  });

  it('reads the file from its second host when the first has none', async () => {
    const fetched = await fetchFrom(source, openMirror({ [second]: gzipSync(comment + header + rows) }));

    expect(fetched.snapshots.map(({ url }) => url)).toEqual([first]);
  });

  it('reads a probability in exponent notation: 1e-05 is no malformed row', () => {
    expect(parseScores(header + rows, 'epss').scores[1]).toEqual({
      id: 'CVE-1999-1170',
      probability: 2,
      percentile: 0.00039,
    });
  });

  it.each([
    ['2021-04', 'cve,epss\n', 'CVE-2020-5902,0.65117\n', undefined],
    ['2021-09', header, 'CVE-2020-5902,0.65117,1.0\n', undefined],
    [
      '2022-02, with the zone +0000',
      `#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000\n${header}`,
      'CVE-2020-5902,0.65117,0.99999\n',
      '2022-02-04T00:00:00+00:00',
    ],
    ['2025-03', comment + header, 'CVE-2020-5902,0.65117,0.99999\n', '2026-01-30T12:55:00Z'],
  ])('reads the header of %s', (_, head, row, date) => {
    const { scores, ...rest } = parseScores(head + row, 'epss');

    expect(scores).toMatchObject([{ id: 'CVE-2020-5902', probability: 65_117 }]);
    expect(rest.date).toBe(date);
    expect(scores[0]!.percentile).toBeGreaterThan(0.99);
  });

  it('counts rows that cannot be read: NaN, empty, out of range, twice, no CVE', () => {
    const bad = [
      'CVE-2020-0002,NaN,0.1',
      'CVE-2020-0003,,0.1',
      'CVE-2020-0004,1.5,0.1',
      'CVE-2020-0001,0.1,0.1',
    ];
    const { scores, refused } = parseScores(
      `${header}${rows}${[...bad, 'GHSA-x,0.1,0.1', ''].join('\n')}`,
      'epss',
    );

    expect(scores).toHaveLength(3);
    expect(refused.map(({ where }) => where)).toEqual([5, 6, 7, 8, 9].map((at) => `epss#line:${at}`));
  });

  it.each([
    ['a header only', comment + header],
    ['NaN in every row', `${comment}${header}CVE-2020-0001,NaN,NaN\n`],
    ['another header', `${comment}cve,score,percentile\n${rows}`],
    ['a comment without its date', `#model_version:v2025.03.14\n${header}${rows}`],
    ['many broken rows', `${header}${rows}${'CVE-2020-0009,x,y\n'.repeat(50)}`],
  ])('refuses a file with %s, and the last good one stays', async (_, bad) => {
    const mirror = openMirror({ [first]: gzipSync(comment + header + rows) });
    const { store, snapshots } = await fetchFrom(source, mirror);
    mirror.put(first, gzipSync(bad));

    await expect(fetchFrom(source, mirror, store)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });

    expect(await store.list('epss')).toEqual(snapshots);
  });

  it('refuses HTML that is served with status 200', async () => {
    await expect(fetchFrom(source, openMirror({ [first]: '<html>moved</html>' }))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  });
});
