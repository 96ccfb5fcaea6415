import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Assessment,
  type FeedInput,
  joinExploited,
  type Manifest,
} from '../../../src/model/feed/index.ts';
import { openFeed } from '../../../src/runtime/node.ts';
import { checkFeed } from '../../../src/validate/feed-files.ts';
import { bookworm, trixie, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { makePublisher, pullInto } from '../support/publisher.ts';

const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const ids = { left: 'CVE-2024-1001', both: 'CVE-2024-1002', right: 'CVE-2024-1003' };

/** A flaw's assessment in one day's documents. */
function assessed(id: string, score: number): Assessment {
  return {
    id,
    ratings: [
      { source: 'nvd', version: '3.1', score, vector },
      { source: 'cna', version: '3.1', score: score / 2, vector },
    ],
    exploited: { added: `2024-03-0${score}` },
    epss: { probability: score / 10, percentile: 0 },
  };
}

function feedOf(platform: typeof bookworm, assessments: readonly Assessment[], named = assessments): string {
  const statements = named.map(({ id }) => ({
    vulnerability: id,
    package: 'a',
    status: 'affected' as const,
    fixState: 'none_yet' as const,
  }));
  return writeSmallFeed([{ platform, statements }], temporaryFolder(), assessments);
}

function change(feed: string, edit: (manifest: Manifest) => void): void {
  const path = join(feed, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

const dated = (feed: string, date: string, sources: readonly string[]) =>
  change(feed, ({ inputs }) => {
    const own = (input: FeedInput) => sources.includes(input.source);
    for (const input of inputs.filter(own))
      Object.assign(input, { date, sha256: date.replace(/\D/g, '').padEnd(64, '1') });
  });

async function pulled(...feeds: string[]): Promise<string> {
  const publisher = await makePublisher();
  await publisher.publish(feeds);
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, publisher.site, { pinned: publisher.root });
  await checkFeed(out);
  return out;
}

const all = ['cve-records', 'nvd', 'kev', 'epss'];
const files = ['ratings', 'ratings.scores', 'exploited', 'epss'].map((name) => `index/${name}.jsonl`);
/** Without the percentiles, which a small feed makes of its own scores. */
const textOf = (feed: string, path: string) =>
  readFileSync(join(feed, path), 'utf8').replace(/^\{"table".*\n/, '');
const findingsOf = (feed: string) =>
  openFeed(feed).manifest.sources.flatMap(({ id, findings }) =>
    findings.map(({ reason, count }) => `${id} ${reason} ${count}`),
  );

describe('feeds that are published together', () => {
  const left = () => feedOf(bookworm, [assessed(ids.left, 4), assessed(ids.both, 6)]);

  it('from the same documents: the bytes of one feed of all, in any order', async () => {
    const right = () => feedOf(trixie, [assessed(ids.both, 6), assessed(ids.right, 8)]);
    const whole = feedOf(
      bookworm,
      [ids.left, ids.both, ids.right].map((id, at) => assessed(id, 4 + 2 * at)),
    );

    for (const out of [await pulled(left(), right()), await pulled(right(), left())]) {
      for (const path of files) expect(textOf(out, path), path).toBe(textOf(whole, path));
      expect(findingsOf(out).every((finding) => / from_another_feed 1$/.test(finding))).toBe(true);
    }
  });

  it('from different documents: of each source the newest decides where its feed speaks of the flaw, and the rest is told', async () => {
    const right = feedOf(trixie, [assessed(ids.both, 8), assessed(ids.right, 8)]);
    // NVD is newer in the second feed, all other sources in the first.
    const first = left();
    dated(first, '2026-11-25T00:00:00Z', ['cve-records', 'kev', 'epss']);
    dated(right, '2026-11-26T00:00:00Z', ['nvd']);

    const out = await pulled(first, right);

    const both = openFeed(out).assessment(ids.both)!;
    expect(both.ratings.map(({ source, score }) => `${source} ${score}`)).toEqual(['nvd 8', 'cna 3']);
    expect(both).toMatchObject({ exploited: { added: '2024-03-06' }, epss: { probability: 0.6 } });
    expect(openFeed(out).assessment(ids.left)?.ratings[0]?.score).toBe(4);
    expect(openFeed(out).assessment(ids.right)).toMatchObject({ exploited: { added: '2024-03-08' } });
    expect(findingsOf(out).sort()).toEqual([
      'cve-records from_another_feed_with_older_data 1',
      'epss from_another_feed_with_older_data 1',
      'kev from_another_feed_with_older_data 1',
      'nvd from_another_feed_with_older_data 1',
    ]);
    expect(openFeed(out).manifest.inputs.filter(({ source }) => source === 'nvd')).toHaveLength(2);
  });

  it("from different documents of CISA's and of the EU's list: each from the feed that has it newest", async () => {
    const listed = (id: string, added: string, reported?: string): Assessment => ({
      id,
      ratings: [],
      exploited: joinExploited(
        { added },
        reported === undefined
          ? undefined
          : { added: reported, only: 'eu', eu: { id: 'EUVD-2024-1', reported } },
      )!,
    });
    const euOnly = {
      added: '2024-05-01',
      only: 'eu',
      eu: { id: 'EUVD-2024-3', reported: '2024-05-01' },
    } as const;
    const first = feedOf(bookworm, [listed(ids.both, '2024-03-06', '2024-04-06')]);
    const second = feedOf(trixie, [
      listed(ids.both, '2024-03-08', '2024-04-08'),
      { id: ids.right, ratings: [], exploited: euOnly },
    ]);
    dated(first, '2026-11-26T00:00:00Z', ['kev']);
    dated(second, '2026-11-26T00:00:00Z', ['eukev']);

    const out = await pulled(first, second);

    expect(openFeed(out).assessment(ids.both)?.exploited).toEqual({
      added: '2024-03-06',
      eu: { id: 'EUVD-2024-1', reported: '2024-04-08' },
    });
    expect(openFeed(out).assessment(ids.right)?.exploited).toEqual(euOnly);
  });

  it('a list whose terms are unclear is published only if they are accepted, and the platforms are', async () => {
    const feed = feedOf(bookworm, [
      {
        ...assessed(ids.left, 4),
        exploited: { added: '2024-05-01', only: 'eu', eu: { id: 'EUVD-2024-3', reported: '2024-05-01' } },
      },
    ]);
    change(feed, ({ sources }) => {
      Object.assign(sources.find(({ id }) => id === 'eukev')!, { terms: 'unclear' });
    });

    const left = openFeed(await pulled(feed));
    expect(left.assessment(ids.left)).toMatchObject({ id: ids.left, epss: { probability: 0.4 } });
    expect(left.assessment(ids.left)?.exploited).toBeUndefined();
  });

  it('a deferred record stays one where NVD is of another feed than the CVE records', async () => {
    const deferred = (score: number): Assessment => ({ ...assessed(ids.both, score), deferred: true });
    const [first, second] = [feedOf(bookworm, [deferred(6)]), feedOf(trixie, [deferred(8)])];
    dated(first, '2026-11-25T00:00:00Z', ['cve-records', 'kev', 'epss']);
    dated(second, '2026-11-26T00:00:00Z', ['nvd']);
    expect(openFeed(await pulled(first, second)).assessment(ids.both)?.deferred).toBe(true);
  });

  it('a rating that the newest documents no longer have is gone, although an older feed has it', async () => {
    const newer = feedOf(trixie, [assessed(ids.right, 8)], [assessed(ids.both, 1), assessed(ids.right, 8)]);
    dated(newer, '2026-11-26T00:00:00Z', all);

    const out = await pulled(left(), newer);

    expect(openFeed(out).assessment(ids.both)).toBeUndefined();
    expect(openFeed(out).assessment(ids.left)?.ratings).toHaveLength(2);
  });

  it('one of them without these sources takes nothing away', async () => {
    const bare = writeSmallFeed([{ platform: trixie, statements: [] }]);

    expect(openFeed(await pulled(bare, left())).assessment(ids.both)).toMatchObject({ id: ids.both });
  });
});
