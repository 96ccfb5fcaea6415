import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../src/model/feed/index.ts';
import type { NewsItem } from '../../src/model/fleet/index.ts';
import { toolVersion } from '../../src/tasks/tool-version.ts';
import { debianRelease, rootWith, stanza } from './cli.ts';
import { addImages, heldStore, night } from './fleet.ts';
import { expectScans } from './fleet-equals-scan.ts';
import { openMailServer, openReceiver } from './receivers.ts';
import { bookworm, deb, type SmallPlatform, trixie, writeSmallFeed } from './small-feed.ts';
import { smallStream } from './small-stream.ts';
import { temporaryFolder } from './temporary.ts';

type Statements = SmallPlatform['statements'];

const feedOf = (...statements: Statements) => writeSmallFeed([{ platform: bookworm, statements }]);

const affected = (vulnerability: string, name: string, severity: 'low' | 'high' = 'high') =>
  ({ vulnerability, package: name, status: 'affected', fixState: 'none_yet', severity }) as const;

const fixed = (vulnerability: string, name: string, version: string) =>
  ({ vulnerability, package: name, status: 'fixed', fixed: version, severity: 'high' }) as const;

const statusFile = 'var/lib/dpkg/status';

function imageOf(...packages: string[]): string {
  return rootWith({ 'etc/os-release': debianRelease('12', 'bookworm'), [statusFile]: packages.join('') });
}

const exploited = (id: string): Assessment => ({ id, ratings: [], exploited: { added: '2024-02-01' } });

const told = (news: readonly NewsItem[]) =>
  news.map(({ kind, cause, vulnerability, package: name, images }) =>
    [kind, cause, vulnerability, name, images.length].filter((word) => word !== undefined).join(' '),
  );

/** Cases of a fleet, for both stores. `newPlace`: a new, empty database. */
export function fleetCases(newPlace: () => Promise<string>): void {
  describe('nights', { timeout: 120_000 }, () => {
    it('judge only what changed, and tell each change once with its cause', async () => {
      await using store = await heldStore(await newPlace());
      const [a, b] = [
        imageOf(stanza('a', '1'), stanza('both', '1')),
        imageOf(stanza('b', '1'), stanza('both', '1')),
      ];
      await addImages(store, [`dir:${a}`, `dir:${b}`, 'dir:/nowhere']);

      const first = await night(
        store,
        feedOf(affected('CVE-2024-0001', 'both'), affected('CVE-2024-0002', 'b')),
      );
      expect(first.summary).toMatchObject({ names: 3, unread: 1, read: 2, judged: 3, packages: 3 });
      expect(told(first.news)).toEqual(['unread image 1', 'added image 1', 'added image 1']);

      const same = await night(
        store,
        feedOf(affected('CVE-2024-0001', 'both'), affected('CVE-2024-0002', 'b')),
      );
      expect(same.summary).toMatchObject({ read: 0, judged: 0, events: 0 });

      const changed = await night(
        store,
        feedOf(
          fixed('CVE-2024-0001', 'both', '1'),
          affected('CVE-2024-0002', 'b', 'low'),
          affected('CVE-2024-0003', 'both'),
          affected('CVE-2024-0004', 'nowhere'),
        ),
      );
      expect(changed.summary.judged).toBe(2);
      expect(told(changed.news)).toEqual([
        'new feed CVE-2024-0003 both 2',
        'severity feed CVE-2024-0002 b 1',
        'fixed feed CVE-2024-0001 both 2',
      ]);

      writeFileSync(join(a, statusFile), stanza('b', '1'));
      const rebuilt = await night(
        store,
        feedOf(affected('CVE-2024-0002', 'b', 'low'), affected('CVE-2024-0003', 'both')),
      );
      expect(told(rebuilt.news)).toEqual(['new image CVE-2024-0002 b 1', 'fixed image CVE-2024-0003 both 1']);
    });

    it('judge everything again after an upgrade whose rules are others, and name scapfeed as the cause', async () => {
      await using store = await heldStore(await newPlace());
      await addImages(store, [`dir:${imageOf(stanza('a', '1'), stanza('b', '1'))}`]);
      const feed = feedOf(affected('CVE-2024-0001', 'a'), affected('CVE-2024-0002', 'b'));
      // Stored by a scapfeed of the same version, but older rules, which did not know the flaw of `a`.
      await night(store, feed, [], async ({ database }) => {
        await database.query(`DELETE FROM fleet.verdicts WHERE vulnerability = 'CVE-2024-0001'`);
        await database.query(
          `UPDATE fleet.settings SET value = jsonb_set(value, '{own}', to_jsonb($1::text)) WHERE key = 'judging'`,
          [JSON.stringify([`scapfeed ${toolVersion}`, { platformMap: [] }])],
        );
      });

      const upgraded = await night(store, feed);
      expect(upgraded.summary).toMatchObject({ read: 0, judged: 2 });
      expect(told(upgraded.news)).toEqual(['new scapfeed CVE-2024-0001 a 1']);
      expect((await night(store, feed)).summary.judged).toBe(0);
    });

    it('say that an image whose platform leaves the feed is not judged any more, and keep what was known', async () => {
      await using store = await heldStore(await newPlace());
      await addImages(store, [`dir:${imageOf(stanza('a', '1'))}`]);
      await night(store, feedOf(affected('CVE-2024-0001', 'a')));

      const gone = await night(store, writeSmallFeed([{ platform: trixie, statements: [] }]));
      expect(gone.summary).toMatchObject({ uncoveredSystems: 1, judged: 0 });
      expect(told(gone.news)).toEqual(['uncovered feed 1']);

      const back = await night(store, feedOf(affected('CVE-2024-0001', 'a')));
      expect(back.summary).toMatchObject({ uncoveredSystems: 0, judged: 1 });
      expect(told(back.news)).toEqual([]);
    });

    it('say once that the data by which images are judged became old', async () => {
      await using store = await heldStore(await newPlace());
      await addImages(store, [`dir:${imageOf(stanza('a', '1'))}`]);
      const feed = writeSmallFeed([bookworm, trixie].map((platform) => ({ platform, statements: [] })));
      const old = await night(store, feed, ['--max-age', '1h']);
      expect(old.summary.stale.map(({ platform }) => platform)).toEqual(['debian-12']);
      expect(told(old.news)).toEqual(['feed_stale feed 0', 'added image 1']);
      const older = await night(store, feed, ['--max-age', '1h']);
      expect(older.summary.stale).toHaveLength(1);
      expect(told(older.news)).toEqual([]);
    });

    it('tell a flaw that becomes known to be exploited', async () => {
      await using store = await heldStore(await newPlace());
      await addImages(store, [`dir:${imageOf(stanza('a', '1'), stanza('b', '1'))}`]);
      const statements = [affected('CVE-2024-0001', 'a'), affected('CVE-2024-0002', 'b')];
      const knowing = (...ids: string[]) =>
        writeSmallFeed([{ platform: bookworm, statements }], undefined, ids.map(exploited));
      await night(store, knowing('CVE-2024-0002'));

      const { summary, news } = await night(store, knowing('CVE-2024-0001', 'CVE-2024-0002'));
      expect(summary.judged).toBe(1);
      expect(told(news)).toEqual(['exploited feed CVE-2024-0001 a 1']);
    });

    it('keep names that would steer a database, a terminal or a page', async () => {
      await using store = await heldStore(await newPlace());
      const hostile = [
        "a'; DROP TABLE fleet.names; --",
        'a\0b',
        '<script>alert(1)</script>',
        '\ud800',
        '\u202eevil',
        '\\u0000',
        '::error::x',
        'a',
      ];
      const inventory = {
        os: { id: 'debian', versionId: '12', prettyName: 'D\0"; --', found: '/etc/os-release' },
        databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: hostile.length }],
        packages: hostile.map((name) => deb(name, '1')),
        notes: [{ code: 'made_up', where: 'x\0' }],
      };
      const file = join(temporaryFolder(), 'inventory.json');
      writeFileSync(file, JSON.stringify(inventory));
      await addImages(store, [`sbom:${file}`, "dir:/nowhere'; DROP TABLE fleet.names; --\0"]);
      const feed = feedOf(affected('CVE-2024-0001', 'a'));
      const { summary } = await night(store, feed);
      expect(summary).toMatchObject({ names: 2, unread: 1, read: 1 });
      expect((await night(store, feed)).summary.judged).toBe(0);
    });

    it('give the verdicts of a scan', async () => {
      await using store = await heldStore(await newPlace());
      const images = [
        imageOf(
          stanza('a', '1'),
          stanza('b', '2', { Source: 'a (1.5)' }),
          stanza('linux-image-6', '6', { Source: 'linux' }),
        ),
        imageOf(stanza('a', '1'), stanza('c', '0~rc'), stanza('d', '1+deb11u1')),
        imageOf(stanza('a', '3')),
      ].map((image) => `dir:${image}`);
      await addImages(store, images);
      const feeds = [
        feedOf(
          fixed('CVE-2024-0001', 'a', '2'),
          affected('CVE-2024-0002', 'c'),
          affected('CVE-2024-0003', 'linux'),
        ),
        feedOf(
          fixed('CVE-2024-0001', 'a', '1.2'),
          affected('CVE-2024-0004', 'a', 'low'),
          affected('CVE-2024-0005', 'd'),
        ),
        feedOf(),
      ];
      for (const feed of feeds) await night(store, feed, [], (fleet) => expectScans(fleet, images));
    });

    it('send the news once, signed, to a web address and by mail, and what is refused again in the next run', async () => {
      await using store = await heldStore(await newPlace());
      const receiver = await openReceiver();
      const mails = await openMailServer();
      await addImages(store, [`dir:${imageOf(stanza('a', '1'))}`]);
      const feed = feedOf(affected('CVE-2024-0001', 'a'));
      const to = [
        '--webhook',
        `${receiver.url}/news`,
        '--slack',
        `${receiver.url}/slack`,
        '--mail',
        'ops@example.test',
      ];
      const env = { SCAPFEED_SMTP: mails.url, SCAPFEED_WEBHOOK_SECRET: 'open sesame' };
      const send = (...options: string[]) => night(store, feed, [...to, ...options], undefined, env);

      await send('--allow-private-webhook');
      const posted = receiver.posts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      expect(posted.map(({ path }) => path)).toEqual(['/news', '/slack']);
      const [news, slack] = posted;
      const expected = createHmac('sha256', 'open sesame').update(news!.body).digest('hex');
      expect(news!.headers['x-scapfeed-signature']).toBe(`sha256=${expected}`);
      expect(JSON.parse(news!.body)).toMatchObject({ format: 'scapfeed/fleet-news/1', runs: [{ run: 1 }] });
      expect(JSON.parse(slack!.body)).toEqual({ text: expect.stringContaining('New in the fleet') });
      expect(mails.received).toHaveLength(1);
      expect(mails.received[0]).toContain('Subject: scapfeed: 1 change in run 1');

      await send('--allow-private-webhook');
      expect(receiver.posts).toHaveLength(2);

      await addImages(store, [`dir:${imageOf(stanza('a', '2'))}`]);
      await send();
      expect(receiver.posts).toHaveLength(2);
      expect(mails.received).toHaveLength(2);
      await night(store, feed, [], async ({ database }) => {
        const failed = await database.query<{ error: string }>(
          `SELECT error FROM fleet.deliveries WHERE state = 'waiting'`,
        );
        expect(failed.map(({ error }) => error)).toEqual(
          Array(2).fill(expect.stringContaining('private address 127.0.0.1')),
        );
        await database.query(
          `UPDATE fleet_queue.job SET start_after = now() WHERE name = 'news' AND state = 'retry'`,
        );
      });
      // News that were refused are sent once that is allowed.
      await night(store, feed, ['--allow-private-webhook']);
      expect(receiver.posts).toHaveLength(4);
      receiver.close();
      mails.close();
    });

    it('evaluate an image once by a profile, and tell rules that flip', async () => {
      await using store = await heldStore(await newPlace());
      const [image, other] = [imageOf(stanza('a', '1')), imageOf(stanza('a', '2'))];
      await addImages(store, [`dir:${image}`, `dir:${other}`]);
      const folder = temporaryFolder();
      const content = (version: string) => {
        const file = join(folder, `${version}.xml`);
        writeFileSync(file, smallStream({ version }));
        return ['--content', file, '--profile', 'strict'];
      };
      const feed = feedOf();
      const results = async (options: readonly string[]) => {
        let rows: { rule: string; result: string }[] = [];
        const { news } = await night(store, feed, options, async ({ database }) => {
          rows = await database.query(
            'SELECT rule, result FROM fleet.rule_results WHERE to_run IS NULL ORDER BY image, rule COLLATE "C"',
          );
        });
        return { news: told(news), rows };
      };

      const first = await results(content('1.0'));
      expect(first.rows).toHaveLength(8);
      expect(new Set(first.rows.map(({ result }) => result))).toEqual(new Set(['fail']));
      expect((await results(content('1.0'))).news).toEqual([]);

      writeFileSync(join(image, 'etc/small.conf'), 'setting1 = yes\nsetting2 = yes\n');
      const mended = await results(content('1.0'));
      expect(mended.news).toEqual([
        'rule_passed image xccdf_x_rule_setting2 1',
        'rule_passed image xccdf_x_rule_setting1 1',
      ]);
      expect(mended.rows.filter(({ result }) => result === 'pass')).toHaveLength(2);
      expect((await results(content('1.1'))).rows).toEqual(mended.rows);
    });
  });
}
