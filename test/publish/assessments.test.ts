import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Assessment } from '../../src/model/feed/index.ts';
import { changesPage } from '../../src/publish/changes/page.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { assertSchema } from '../../src/validate/json-schema.ts';
import { bookworm, trixie, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { daysLater, makePublisher, type Publisher, pullInto } from './support/publisher.ts';

const count = 600;
const id = (at: number) => `CVE-2024-${1000 + at * 3}`;
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

function writeNight(
  night: number,
  more: (at: number) => Partial<Assessment> = () => ({}),
  exploited: readonly number[] = [1],
): string {
  const statements = Array.from({ length: count }, (_, at) => ({
    vulnerability: id(at),
    package: `package-${at % 50}`,
    status: 'affected' as const,
    fixState: 'none_yet' as const,
  }));
  const assessments = statements.map(
    ({ vulnerability }, at): Assessment => ({
      id: vulnerability,
      ratings: [{ source: 'nvd', version: '3.1', score: 7.5, vector }],
      ...(exploited.includes(at) && { exploited: { added: '2024-03-10' } }),
      epss: { probability: ((at * 7919 + night * 104_729) % 100_000) / 100_000, percentile: at / count },
      ...more(at),
    }),
  );
  return writeSmallFeed(
    [
      { platform: bookworm, statements },
      { platform: trixie, statements },
    ],
    temporaryFolder(),
    assessments,
  );
}

let publisher: Publisher;
let first: string;

beforeAll(async () => {
  publisher = await makePublisher();
  first = writeNight(1);
  await publisher.publish([first]);
});

const place = () => join(temporaryFolder(), 'feed');

describe('ratings, known exploitation and EPSS of a published feed', () => {
  it('come with a pull of any platform, and are sound', async () => {
    const out = place();
    const outcome = await pullInto(out, publisher.site, { pinned: publisher.root, platforms: ['debian-12'] });

    expect(outcome.platforms.map(({ id: name }) => name)).toEqual(['debian-12']);
    expect(outcome.assessments.map(({ id: name, how }) => `${name} ${how}`)).toEqual([
      'epss whole',
      'exploited whole',
      'ratings whole',
    ]);
    const feed = openFeed(out);
    for (const at of [0, 1, count - 1])
      expect(feed.assessment(id(at))).toEqual(openFeed(first).assessment(id(at)));
    await expect(checkFeed(out)).resolves.toMatchObject({ lines: expect.any(Number) as number });
  });

  it('may be left out, and come again when they are wanted again', async () => {
    const out = place();
    await pullInto(out, publisher.site, { pinned: publisher.root, without: ['epss'] });
    expect(openFeed(out).assessment(id(1))).toMatchObject({ exploited: { added: '2024-03-10' } });
    expect(openFeed(out).assessment(id(1))?.epss).toBeUndefined();

    const again = await pullInto(out, publisher.site, {});

    expect(openFeed(out).assessment(id(1))?.epss).toBeDefined();
    expect(again.assessments.map(({ how }) => how)).toEqual(['whole', 'unchanged', 'unchanged']);
  });

  it('a night on which every score moved costs the scores, and no platform changes', async () => {
    const own = await makePublisher();
    await own.publish([first]);
    const out = place();
    await pullInto(out, own.site, { pinned: own.root });
    await own.publish([writeNight(2)], { date: daysLater(1) });

    const outcome = await pullInto(out, own.site, { now: daysLater(1) });

    expect(outcome.platforms.map(({ how }) => how)).toEqual(['unchanged', 'unchanged']);
    expect(outcome.assessments.map(({ how }) => how)).toEqual(['whole', 'unchanged', 'unchanged']);
    expect(openFeed(out).assessment(id(5))).toEqual(openFeed(writeNight(2)).assessment(id(5)));
  });

  it('a changed rating comes as a delta, and changes tell severities and what is now known exploited, first', async () => {
    const own = await makePublisher();
    await own.publish([first]);
    const out = place();
    await pullInto(out, own.site, { pinned: own.root });
    const night = writeNight(1, (at) => ({
      ...(at === 7 && { ratings: [{ source: 'nvd', version: '3.1', score: 9.8, vector }] }),
      ...(at === 8 && { ratings: [], rejected: true }),
      ...(at === 9 && { exploited: { added: '2026-11-20', due: '2026-12-11', ransomware: true } }),
    }));

    const { changes } = await own.publish([night], { date: daysLater(1) });
    const outcome = await pullInto(out, own.site, { now: daysLater(1) });

    expect(outcome.assessments.map(({ id: name, how }) => `${name} ${how}`)).toContain('ratings delta');
    expect(openFeed(out).assessment(id(8))).toMatchObject({ rejected: true, ratings: [] });
    expect(changes.platforms.map(({ platform }) => platform)).toEqual(['debian-12', 'debian-13']);
    expect(changes.assessments).toEqual({
      exploited: [
        {
          kind: 'now_exploited',
          vulnerability: id(9),
          added: '2026-11-20',
          due: '2026-12-11',
          ransomware: true,
        },
      ],
      ratings: [
        {
          vulnerability: id(7),
          before: { severity: 'high', source: 'nvd' },
          after: { severity: 'critical', source: 'nvd' },
        },
        {
          vulnerability: id(8),
          before: { severity: 'high', source: 'nvd' },
          after: { severity: 'unknown', rejected: true },
        },
      ],
    });
    assertSchema('changes', changes, 'changes.json');
    const page = changesPage(changes);
    // The page loads, sends and runs nothing, whatever a vendor's text holds.
    expect(page).toMatch(
      /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'"/,
    );
    const lines = page
      .replace(/<[^>]*>/g, '')
      .split('\n')
      .filter((line) => line !== '');
    const heading = lines.findLastIndex((line) => line.startsWith('Feed changes of'));
    expect(lines[heading + 1]).toBe(
      `${id(9)} is now known exploited: added 2026-11-20, due 2026-12-11, used in ransomware campaigns`,
    );
  });

  it('a catalog that is there for the first time is no news of each flaw in it', async () => {
    const own = await makePublisher();
    await own.publish([writeNight(1, undefined, [])]);

    const { changes } = await own.publish([first], { date: daysLater(1) });

    expect(changes.assessments).toEqual({ exploited: [], ratings: [] });
  });

  it('that lost half of a file are held back, and the last good ones stay', async () => {
    const own = await makePublisher();
    await own.publish([first]);
    const emptied = writeNight(2, (at) => (at % 3 === 0 ? {} : { ratings: [] }));

    const { report } = await own.publish([emptied], { date: daysLater(1) });

    expect(Object.keys(report.held)).toEqual(['ratings']);
    expect(report.held['ratings']).toMatchObject([{ gate: 'shrink' }]);
    const out = place();
    await pullInto(out, own.site, { pinned: own.root, now: daysLater(1) });
    expect(openFeed(out).assessment(id(1))?.ratings).toHaveLength(1);
  });

  it('that no feed has any more are missed', async () => {
    const own = await makePublisher();
    await own.publish([first]);
    const bare = writeSmallFeed([
      { platform: bookworm, statements: [] },
      { platform: trixie, statements: [] },
    ]);

    const { report } = await own.publish([bare], { date: daysLater(1) });

    expect(Object.keys(report.held)).toEqual(expect.arrayContaining(['epss', 'exploited', 'ratings']));
  });
});
