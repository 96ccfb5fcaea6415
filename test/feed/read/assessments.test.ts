import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Assessment,
  cvssVersions,
  type Manifest,
  ratingSources,
} from '../../../src/model/feed/index.ts';
import { openFeed } from '../../../src/runtime/node.ts';
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
    await expect(checkFeed(feed.directory)).resolves.toMatchObject({ files: 14 });
  });

  it('are none in a feed that was built without these sources', () => {
    expect(feedOf([]).assessment(rated.id)).toBeUndefined();
  });
});

describe('what every verdict needs of an assessment', () => {
  const ids = ['CVE-2024-0012', 'CVE-2024-1120', 'CVE-2024-12011', 'CVE-2024-12201', 'CVE-2024-112012'];
  // Digits of neighbours that look like a number between them: 011 201.
  const neighbours = ['CVE-2024-12012', 'CVE-2024-12112', 'CVE-2024-12120'];
  const vector = 'AV:N/AC:L/Au:N/C:C/I:C/A:C';
  const scored = ids.map(
    (id, at): Assessment => ({
      id,
      ratings: [
        { source: 'nvd' as const, version: cvssVersions[at % 4]!, score: at === 1 ? 10 : at / 10, vector },
        { source: 'cna' as const, version: '4.0' as const, score: 9.8, vector: `CVSS:4.0/E:${'ABCDE'[at]}` },
      ].slice(at === 4 ? 1 : 0),
    }),
  );
  const newest = ({ ratings }: Assessment, source: string) => {
    const { version, score, vector: of } = ratings.find((rating) => rating.source === source) ?? {};
    return version === undefined ? undefined : { version, score, vector: of };
  };

  it('is the same as in the whole of it, for each source, vectors included', () => {
    const feed = feedOf([rated, ...scored, { id: 'CVE-2020-0001', rejected: true, ratings: [] }]);

    for (const id of [rated.id, ...ids]) {
      const whole = feed.assessment(id)!;
      for (const source of ratingSources)
        expect(feed.urgency(id)?.score(source), `${id} ${source}`).toEqual(newest(whole, source));
    }
    expect(feed.urgency(rated.id)).toMatchObject({
      rejected: false,
      exploited: rated.exploited,
      epss: rated.epss,
    });
    expect(feed.urgency('CVE-2020-0001')).toMatchObject({ rejected: true });
    expect(feed.urgency('CVE-2020-0001')?.score('nvd')).toBeUndefined();
    for (const id of [...neighbours, 'TEMP-0000000-ABCDEF', '']) expect(feed.urgency(id), id).toBeUndefined();
  });

  it('is read of a feed that has no file of scores, as older versions wrote them', () => {
    const feed = feedOf(scored);
    const path = join(feed.directory, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    const outputs = manifest.outputs.filter((output) => !output.path.includes('.scores.'));
    writeFileSync(path, JSON.stringify({ ...manifest, outputs }));

    const older = openFeed(feed.directory);

    expect(older.urgency(ids[0]!)?.score('nvd')).toEqual(newest(older.assessment(ids[0]!)!, 'nvd'));
    expect(older.urgency(neighbours[0]!)).toBeUndefined();
  });

  it('gives a vector also after the feed was closed', () => {
    const feed = feedOf(scored);
    const score = feed.urgency(ids[0]!)?.score('cna');
    feed.close();

    expect(score?.vector).toBe('CVSS:4.0/E:A');
  });
});
