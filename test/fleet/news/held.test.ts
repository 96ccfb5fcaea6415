import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNews } from '../../../src/fleet/news/read-news.ts';
import { fleetStatus } from '../../../src/fleet/store/status.ts';
import type { FeedInput, Manifest } from '../../../src/model/feed/index.ts';
import type { NewsDocument } from '../../../src/model/fleet/index.ts';
import { newsAtom } from '../../../src/report/fleet/news-atom.ts';
import { newsMarkdown } from '../../../src/report/fleet/news-markdown.ts';
import { slackText } from '../../../src/report/fleet/news-slack.ts';
import { newsTable } from '../../../src/report/fleet/news-table.ts';
import { statusText } from '../../../src/report/fleet/status-text.ts';
import { newsMessages } from '../../../src/tasks/fleet/news-messages.ts';
import { addImages, heldStore, night } from '../../support/fleet.ts';
import { imagesOfVersions } from '../../support/fleet-feeds.ts';
import { openFleetServer } from '../../support/fleet-server.ts';
import { bookworm, trixie, writeSmallFeed } from '../../support/small-feed.ts';

/** A feed as it is published after a gate held a platform back, or made after a document was refused. */
function feedWith(change: (manifest: Manifest) => void): string {
  const feed = writeSmallFeed([bookworm, trixie].map((platform) => ({ platform, statements: [] })));
  const file = join(feed, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
  return feed;
}

const marked = (mark: string, manifest: Manifest) => {
  for (const platform of manifest.platforms) platform.marks = [mark];
};

it('data that a gate held back is told once, shown everywhere, and told once when it is over', async () => {
  await using store = await heldStore();
  await addImages(store, imagesOfVersions(1));
  const good = feedWith(() => undefined);
  const held = feedWith((manifest) => marked('held_back_since_2026-11-20', manifest));
  const why = 'a gate of the publisher holds newer data back since 2026-11-20';
  const told = async (feed: string) =>
    (await night(store, feed)).news
      .filter(({ kind }) => kind.startsWith('feed_'))
      .map(({ kind, platform, detail }) => `${kind} ${platform} ${detail}`);

  expect(await told(good)).toEqual([]);
  // Nobody uses debian-13.
  expect(await told(held)).toEqual([`feed_held debian-12 ${why}`]);
  expect(await told(held)).toEqual([]);

  {
    await using server = await openFleetServer(store);
    const text = async (path: string, accept = 'text/html') =>
      (await server.ask(path, { headers: { accept } })).text();
    expect(await text('/feed')).toContain(why);
    expect(await text('/feed?format=csv')).toContain(why);
    expect(await text('/api/v1/feed')).toContain(why);
    expect(await text('/api/v1/status')).toContain(why);
    expect(await text('/metrics')).toContain('\nscapfeed_feed_platform_held{platform="debian-12"} 1\n');
    const status = await fleetStatus(server.context.database, new Date());
    expect(statusText(status)).toContain(`debian-12 is judged by its last good data: ${why}\n`);
  }

  expect(await told(good)).toEqual(['feed_resumed debian-12 newer data came']);
  expect(await told(good)).toEqual([]);
}, 120_000);

it('a source that has had nothing new for longer than usual is told by its platform', async () => {
  await using store = await heldStore();
  await addImages(store, imagesOfVersions(1));
  await night(
    store,
    feedWith((manifest) => marked('source_frozen_over_14_days', manifest)),
  );
  await using server = await openFleetServer(store);
  const text = async (path: string) => (await server.ask(path, { headers: { accept: 'text/html' } })).text();
  expect(await text('/feed')).toContain('its source has had nothing new for longer than the usual 14 days');
  expect(await text('/feed?format=csv')).toContain('source_frozen_over_14_days');
}, 120_000);

it('the gate is named where its publisher names it', async () => {
  await using store = await heldStore();
  await addImages(store, imagesOfVersions(1));
  const found = '12 % of the statements are gone';
  const { summary } = await night(
    store,
    feedWith((manifest) => {
      marked('held_back_since_2026-11-20', manifest);
      for (const platform of manifest.platforms) platform.held = [{ gate: 'shrink', found }];
    }),
  );
  const why = `the publisher's gate shrink holds newer data back since 2026-11-20: ${found}`;
  expect(summary.held).toEqual([{ platform: 'debian-12', reasons: [why] }]);
  await using server = await openFleetServer(store);
  const { rows } = (await (
    await server.ask('/feed', { headers: { accept: 'application/json' } })
  ).json()) as {
    rows: { held: string }[];
  };
  expect(rows[0]!.held).toBe(why);
}, 120_000);

it("a gate's words that are hostile are words, in each form of the news", async () => {
  await using store = await heldStore();
  await addImages(store, imagesOfVersions(1));
  const hostile = `=cmd</a><script>alert(1)</script><img src=x>\u202e\x1b[2J\r\nsubject: x\n::error::${'x'.repeat(5_000)}`;
  const feed = feedWith((manifest) => {
    marked('held_back_since_2026-11-20', manifest);
    for (const platform of manifest.platforms) platform.held = [{ gate: hostile, found: hostile }];
  });
  const document = await (async () => {
    let read: NewsDocument | undefined;
    await night(store, feed, [], async ({ database }) => {
      read = await readNews(database, { run: 1 }, 'all');
    });
    return read!;
  })();
  expect(document.runs[0]!.items.map(({ kind }) => kind)).toContain('feed_held');
  const controls = /[\x00-\x09\x0b-\x1f\u202e]/;
  for (const text of [newsTable(document), newsMarkdown(document), newsAtom(document), slackText(document)]) {
    expect(controls.exec(text)).toBeNull();
    expect(text).not.toMatch(/^(?:subject: x|::error::)/m);
  }
  for (const text of [newsMarkdown(document), newsAtom(document), slackText(document)])
    expect(text).not.toMatch(/<script|<img/);
  const message = newsMessages({ allowPrivate: false });
  const { subject } = message({ kind: 'mail', place: 'ops@example.org' }, document).headers;
  expect(subject).toMatch(/^scapfeed: \d+ changes? in run 1$/);

  await using server = await openFleetServer(store);
  for (const path of ['/', '/feed', '/news', '/images']) {
    const page = await (await server.ask(path, { headers: { accept: 'text/html' } })).text();
    expect(page.match(/<script/g), path).toHaveLength(1);
    expect(/<img|[\x00-\x09\x0b-\x1f\u202e]/.exec(page)?.[0], path).toBeUndefined();
    const csv = await (await server.ask(path, { headers: { accept: 'text/csv' } })).text();
    expect(/(?:^|,)"?=|[\x00-\x09\x0b\x0c\x0e-\x1f\u202e]/m.exec(csv)?.[0], path).toBeUndefined();
  }
  expect(await (await server.ask('/metrics')).text()).not.toContain('alert(1)');
}, 120_000);

it('data of a document that was refused, or of a source that could not be updated, is held back too', async () => {
  await using store = await heldStore();
  await addImages(store, imagesOfVersions(1));
  const source = (manifest: Manifest) => manifest.platforms[0]!.source;
  const refused = feedWith((manifest) => {
    marked('last_good_input', manifest);
    manifest.inputs = [
      {
        id: 'tracker',
        source: source(manifest),
        url: 'https://example.org/',
        sha256: 'a'.repeat(64),
        size: 1,
      },
    ].map((input): FeedInput => ({ ...input, refused: 'INPUT_SHRUNK' }));
    manifest.sources = [
      {
        ...{ id: source(manifest), name: 'Test', licence: '-', attribution: '-', findings: [] },
        ...{ records: 0, used: 0, dropped: 0, failed: 'NETWORK_FAILED' },
      },
    ];
  });
  const { summary } = await night(store, refused);
  expect(summary.held).toEqual([
    {
      platform: 'debian-12',
      reasons: [
        expect.stringContaining('could not be updated: NETWORK_FAILED'),
        'the newest tracker was refused: INPUT_SHRUNK',
      ],
    },
  ]);
}, 120_000);
