import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Assessment } from '../../src/model/feed/index.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { daysLater, makePublisher, type Publisher, pullInto } from './support/publisher.ts';

/** About what Debian's tracker says about one release. */
const statementCount = 40_000;
const packages = 4000;

/** Even numbers that follow from a number and the night. */
function spread(at: number, night: number): number {
  let mixed = Math.imul(at ^ (night * 0x9e3779b9), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const idOf = (at: number) => `CVE-${2002 + (spread(at, 7) % 25)}-${1000 + at}`;

/** On a night one statement of two hundred got its fix, and every EPSS score moved. */
function writeNight(night: number): string {
  const changed = (at: number) => night > 1 && spread(at, 3) % 200 === 0;
  const statements = Array.from({ length: statementCount }, (_, at) => ({
    vulnerability: idOf(at % 24_000),
    package: `package-${spread(at, 5) % packages}`,
    ...(changed(at) || spread(at, 4) % 2 === 0
      ? { status: 'fixed' as const, fixed: `1.${spread(at, 6) % 40}-${changed(at) ? '2+deb12u1' : '1'}` }
      : { status: 'affected' as const, fixState: 'none_yet' as const }),
  }));
  const assessments = Array.from({ length: 24_000 }, (_, at): Assessment => {
    const even = (spread(at, 10 + night) % 1_000_003) / 1_000_003;
    const probability = Math.min(0.99999, 0.00002 + 0.9 * even ** 6 + 0.006 * even);
    return {
      id: idOf(at),
      ratings: [
        { source: 'nvd', version: '3.1', score: (spread(at, 8) % 100) / 10, vector: 'CVSS:3.1/AV:N/AC:L' },
      ],
      epss: { probability, percentile: 0 },
    };
  });
  return writeSmallFeed([{ platform: bookworm, statements }], temporaryFolder(), assessments);
}

describe('a night in which one statement of two hundred changed and every EPSS score moved', {
  timeout: 120_000,
}, () => {
  let publisher: Publisher;
  let sizes: Record<string, number>;
  const out = join(temporaryFolder(), 'feed');
  const bare = join(temporaryFolder(), 'bare');
  const without = ['epss'] as const;

  beforeAll(async () => {
    publisher = await makePublisher();
    await publisher.publish([writeNight(1)]);
    await pullInto(out, publisher.site, { pinned: publisher.root });
    await pullInto(bare, publisher.site, { pinned: publisher.root, without });
    ({ sizes } = await publisher.publish([writeNight(2)], { date: daysLater(1) }));
  }, 120_000);

  it('is a delta of at most 5 kB for the platform, and of 200 kB of scores', async () => {
    expect(deltaBytes(publisher.site)).toBeLessThan(5000);
    expect(sizes['epss']).toBeLessThan(200_000);

    const night = await pullInto(out, publisher.site, { now: daysLater(1) });

    expect(night.platforms.map(({ how }) => how)).toEqual(['delta']);
    expect(night.assessments.map(({ id, how }) => `${id} ${how}`)).toEqual([
      'epss whole',
      'exploited unchanged',
      'ratings unchanged',
    ]);
    expect(openFeed(out).assessment(idOf(7))?.epss).toBeDefined();
  });

  it('costs a client without EPSS the platform alone, and the metadata that is signed each night', async () => {
    const night = await pullInto(bare, publisher.site, { now: daysLater(1), without });

    expect(night.bytes).toBeLessThan(5000 + 8000);
  });
});

/** Of the smallest form of the platform's delta, by the signed metadata. */
function deltaBytes(site: string): number {
  const role = JSON.parse(readFileSync(join(site, 'metadata/2.debian-12.json'), 'utf8')) as {
    signed: { targets: Record<string, { length: number }> };
  };
  const deltas = Object.entries(role.signed.targets).filter(([name]) => name.includes('delta'));
  return Math.min(...deltas.map(([, { length }]) => length));
}
