import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Manifest, Platform, Vulnerability } from '../../src/model/feed/index.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { bookworm, trixie, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { makePublisher, pullInto } from './support/publisher.ts';

const flaw = 'CVE-2024-2001';
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

/** A feed of one flaw with details of its own and 200 more, built on a day. */
function feedOf(platform: Platform, day: string, detail: Omit<Vulnerability, 'id'>, source = 'test'): string {
  const ids = [flaw, ...Array.from({ length: 200 }, (_, at) => `CVE-2024-${3000 + at * 7}`)];
  const statements = ids.map((vulnerability) => ({
    vulnerability,
    package: 'a',
    status: 'fixed' as const,
    fixed: '2.0-1',
    advisories: ['DSA-1-1'],
  }));
  const small = {
    platform,
    statements,
    vulnerabilities: [
      { id: flaw, ...detail },
      ...ids.slice(1).map((id) => ({ id, title: `all say so of ${id}` })),
    ],
    advisories: [{ id: 'DSA-1-1', title: `of ${platform.id}` }],
  };
  const feed = writeSmallFeed([small], temporaryFolder(), [], source);
  const path = join(feed, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  writeFileSync(path, JSON.stringify({ ...manifest, created: `${day}T00:00:00Z` }));
  return feed;
}

const score = (value: number) => ({ version: '3.1', score: value, vector });

it('keeps what the older of two feeds states of a flaw, and fetches nothing again', async () => {
  const older = feedOf(bookworm, '2026-11-18', {
    title: 'as before',
    description: 'what the newer feed has no word for',
    exploited: true,
    cvss: [score(9.8)],
  });
  const later = feedOf(trixie, '2026-11-19', { title: 'as of late', cvss: [score(4)] }, 'other');
  const publisher = await makePublisher();
  await publisher.publish([older, later]);
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, publisher.site, { pinned: publisher.root });
  await checkFeed(out);
  const feed = openFeed(out);
  expect(feed.vulnerability(flaw)).toEqual({
    id: flaw,
    title: 'as of late',
    description: 'what the newer feed has no word for',
    exploited: true,
    cvss: [
      { ...score(4), source: 'other' },
      { ...score(9.8), source: 'test' },
    ],
  });
  expect(feed.advisory('DSA-1-1')?.title).toBe('of debian-13');

  const again = await pullInto(out, publisher.site);
  expect(again.platforms.map(({ how }) => how)).toEqual(['unchanged', 'unchanged']);
  expect(again.requests).toBeLessThanOrEqual(2);
});

it('uses the newer of two scores of one source', async () => {
  const publisher = await makePublisher();
  const days = ['2026-11-19', '2026-11-18'];
  await publisher.publish(
    [bookworm, trixie].map((platform, at) => feedOf(platform, days[at]!, { cvss: [score(5 + at)] })),
  );
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, publisher.site, { pinned: publisher.root });
  expect(openFeed(out).vulnerability(flaw)?.cvss).toEqual([{ ...score(5), source: 'test' }]);
});

it('makes a delta from details that are others in the joined feed', async () => {
  const older = feedOf(bookworm, '2026-11-18', { title: 'as before' });
  const publisher = await makePublisher();
  await publisher.publish([older, feedOf(trixie, '2026-11-19', { title: 'as of late' })]);
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, publisher.site, { pinned: publisher.root });
  await publisher.publish([
    feedOf(bookworm, '2026-11-20', { title: 'newest' }),
    feedOf(trixie, '2026-11-19', { title: 'as of late' }),
  ]);
  const { platforms } = await pullInto(out, publisher.site);
  expect(platforms).toMatchObject([
    { id: 'debian-12', how: 'delta' },
    { id: 'debian-13', how: 'unchanged' },
  ]);
  await checkFeed(out);
  expect(openFeed(out).vulnerability(flaw)?.title).toBe('newest');
});

it.each([
  ['pulled/debian-12.vulnerabilities.jsonl', 'no key'],
  ['index/vulnerabilities.jsonl', 'no key'],
  ['index/debian-12.jsonl', 'no key'],
  ['pulled/debian-12.vulnerabilities.jsonl', 'another title'],
])('fetches again what is damaged in the feed in use: %s, %s', async (path, damage) => {
  const publisher = await makePublisher();
  await publisher.publish([
    feedOf(bookworm, '2026-11-18', { title: 'as before' }),
    feedOf(trixie, '2026-11-19', { title: 'as of late' }),
  ]);
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, publisher.site, { pinned: publisher.root });
  const before = readFileSync(join(out, path), 'utf8');
  const text = damage === 'no key' ? '{"id":"\\x"\n' : before.replace('as before', 'forged');
  writeFileSync(join(out, path), text);
  await pullInto(out, publisher.site);
  await checkFeed(out);
  expect(readFileSync(join(out, path), 'utf8')).toBe(before);
});
