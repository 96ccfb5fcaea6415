import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../../src/model/index.ts';
import { openFeed } from '../../../src/runtime/index.ts';
import { checkFeed } from '../../../src/validate/feed-files.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';

const rated: Assessment = {
  id: 'CVE-2024-12345',
  ratings: [
    { source: 'nvd', version: '3.1', score: 7.8, vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' },
    { source: 'nvd', version: '2.0', score: 10, vector: 'AV:N/AC:L/Au:N/C:C/I:C/A:C', date: '2024-03-02' },
    { source: 'cna', version: '3.0', score: 5, vector: 'CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L' },
  ],
  cwe: ['CWE-416', 'CWE-787'],
  ssvc: { exploitation: 'poc', automatable: 'no', impact: 'total', date: '2024-04-01' },
  exploited: { added: '2024-03-10', due: '2024-03-31', ransomware: true },
  epss: { probability: 0.94579, percentile: 0.999 },
};

const statements = [
  { vulnerability: rated.id, package: 'a', status: 'affected' as const, fixState: 'none_yet' as const },
];

function feedOf(assessments: readonly Assessment[]) {
  return openFeed(writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments));
}

describe('assessments of a feed', () => {
  it('are read as they were written', async () => {
    const feed = feedOf([
      rated,
      { id: 'CVE-2020-0001', rejected: true, ratings: [] },
      { id: 'CVE-2020-0002', ratings: [], exploited: { added: '2022-01-01' } },
      { id: 'CVE-2020-0999', ratings: [], epss: { probability: 0.00002, percentile: 0 } },
    ]);

    expect(feed.assessment(rated.id)).toEqual(rated);
    expect(feed.assessment('CVE-2020-0001')).toEqual({ id: 'CVE-2020-0001', rejected: true, ratings: [] });
    expect(feed.assessment('CVE-2020-0002')?.exploited).toEqual({ added: '2022-01-01' });
    expect(feed.assessment('CVE-2020-0999')?.epss).toEqual({ probability: 0.00002, percentile: 0 });
    for (const id of ['CVE-2020-0003', 'CVE-2024-12344', 'TEMP-0000000-ABCDEF', ''])
      expect(feed.assessment(id)).toBeUndefined();
    await expect(checkFeed(feed.directory)).resolves.toMatchObject({ files: 12 });
  });

  it('are none in a feed that was built without these sources', () => {
    expect(feedOf([]).assessment(rated.id)).toBeUndefined();
  });
});
