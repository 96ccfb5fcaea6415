import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listNames } from '../../src/fleet/store/list.ts';
import { fleetStatus } from '../../src/fleet/store/status.ts';
import { endExpired } from '../../src/fleet/store/waived-counts.ts';
import { addWaiver, endWaiver, listWaivers } from '../../src/fleet/store/waivers.ts';
import type { FlawCounts, NewsItem, WaiverRequest } from '../../src/model/fleet/index.ts';
import { newsOutcome } from '../../src/tasks/fleet/gate.ts';
import { flagNames } from '../../src/tasks/outcome.ts';
import { debianRelease, rootWith, stanza } from './cli.ts';
import { addImages, type HeldStore, heldStore, night } from './fleet.ts';
import { bookworm, writeSmallFeed } from './small-feed.ts';
import { smallStream } from './small-stream.ts';
import { temporaryFolder } from './temporary.ts';

const day = 86_400_000;

const flaw = (vulnerability: string, name: string) =>
  ({ vulnerability, package: name, status: 'affected', fixState: 'none_yet', severity: 'high' }) as const;

const feedOf = (...statements: ReturnType<typeof flaw>[]) =>
  writeSmallFeed([{ platform: bookworm, statements }]);

const imageOf = (...packages: string[]) =>
  `dir:${rootWith({ 'etc/os-release': debianRelease('12', 'bookworm'), 'var/lib/dpkg/status': packages.join('') })}`;

const told = (news: readonly NewsItem[]) =>
  news.map(({ kind, cause, vulnerability, images, waived }) =>
    [kind, cause, vulnerability, images.length, waived?.reason]
      .filter((word) => word !== undefined)
      .join(' '),
  );

const gate = (failOnNew: 'low' | 'high') => ({ failOnNew, allowNewImages: false, allowUnrated: true });
const newsOf = (items: readonly NewsItem[]) => ({
  format: 'scapfeed/fleet-news/1' as const,
  runs: [{ run: 1, date: '', feed: { digest: '', created: '' }, items }],
});

/** Cases of waivers, for both stores. */
export function waiverCases(newPlace: () => Promise<string>): void {
  describe('waivers', { timeout: 120_000 }, () => {
    /** Acts as a person does between two runs, and gives the counts of each image after it. */
    async function act(
      store: HeldStore,
      now: Date,
      work: (database: HeldStore) => Promise<unknown> = async () => undefined,
    ): Promise<(FlawCounts | null)[]> {
      await work(store);
      await endExpired(store, now);
      return (await listNames(store, new Date())).map(({ counts }) => counts);
    }

    const numbers = (counts: readonly (FlawCounts | null)[]) =>
      counts.map((each) => each && [each.flaws.high, each.waived]);

    const waive = (store: HeldStore, request: Omit<WaiverRequest, 'reason'>, now = new Date()) =>
      act(store, now, (database) => addWaiver(database, { ...request, reason: 'accepted' }, 'ann', now));

    it('count what they name apart from the moment on, in the images and packages that they name, until they end', async () => {
      await using store = await heldStore(await newPlace());
      const images = [
        imageOf(stanza('a', '1'), stanza('b', '1')),
        imageOf(stanza('a', '1'), stanza('liba', '1', { Source: 'a' })),
      ].sort();
      await addImages(store, images);
      const two = images[0]!;
      await night(store, feedOf(flaw('CVE-2024-0001', 'a'), flaw('CVE-2024-0002', 'b')));
      const before = await act(store, new Date());
      const withB = before.findIndex((counts) => counts?.flaws.high === 2);

      expect(numbers(await waive(store, { vulnerability: 'CVE-2024-0001', image: two }))).toEqual(
        before.map((counts, at) => (at === 0 ? [counts!.flaws.high - 1, 1] : [counts!.flaws.high, 0])),
      );
      const now = new Date();
      await act(store, now, async (database) => {
        expect(await endWaiver(database, 1, 'bob', now, 'all')).toBe(true);
        expect(await endWaiver(database, 1, 'bob', now, 'all')).toBe(false);
      });
      // liba has the flaw too, and nobody waived it there.
      const byPackage = await waive(store, { vulnerability: 'CVE-2024-0001', package: 'liba' });
      expect(numbers(byPackage)).toEqual(before.map((counts) => [counts!.flaws.high, 0]));
      expect(numbers(await waive(store, { vulnerability: 'CVE-2024-0002' })).map((each) => each![1])).toEqual(
        before.map((_, at) => (at === withB ? 1 : 0)),
      );

      await act(store, now, async (database) => {
        const all = await listWaivers(database, now, 'all', { ended: true });
        expect(all.map(({ state, flaws, author, endedBy }) => [state, flaws, author, endedBy])).toEqual([
          ['ended', 1, 'ann', 'bob'],
          ['used', 1, 'ann', null],
          ['used', 1, 'ann', null],
        ]);
        expect((await listWaivers(database, now, 'all')).map(({ id }) => id)).toEqual([2, 3]);
        expect(await fleetStatus(database, now)).toMatchObject({
          waived: 1,
          waivers: { used: 2, unused: 0, expired: 0 },
        });
      });
    });

    it('leave what is waived in the news, where it fails nothing', async () => {
      await using store = await heldStore(await newPlace());
      // The third is the second by another name: a waiver of one name does not act on what another stands for.
      const images = [
        imageOf(stanza('a', '1'), stanza('c', '1')),
        imageOf(stanza('a', '1')),
        imageOf(stanza('a', '1')),
      ];
      await addImages(store, images);
      await night(store, feedOf());
      for (const image of images.slice(0, 2)) await waive(store, { vulnerability: 'CVE-2024-0001', image });
      await waive(store, { vulnerability: 'CVE-2024-0002' });
      await waive(store, { vulnerability: 'CVE-2024-9999' });

      const some = await night(store, feedOf(flaw('CVE-2024-0001', 'a')));
      expect(told(some.news)).toEqual(['new feed CVE-2024-0001 2', 'new feed CVE-2024-0001 1 accepted']);
      expect(some.summary).toMatchObject({ events: 1, waived: 1 });
      expect(newsOutcome(newsOf(some.news), gate('high'), flagNames)).toEqual({
        exitCode: 1,
        reasons: ['policy: 1 change at or above --fail-on-new high'],
      });

      const all = await night(store, feedOf(flaw('CVE-2024-0001', 'a'), flaw('CVE-2024-0002', 'a')));
      expect(told(all.news)).toEqual(['new feed CVE-2024-0002 3 accepted']);
      expect(newsOutcome(newsOf(all.news), gate('low'), flagNames).exitCode).toBe(0);
      expect(numbers(await act(store, new Date())).toSorted()).toEqual([
        [0, 2],
        [1, 1],
        [1, 1],
      ]);
      await act(store, new Date(), async (database) => {
        const states = (await listWaivers(database, new Date(), 'all')).map(({ state }) => state);
        expect(states).toEqual(['used', 'unused', 'used', 'unused']);
      });
    });

    it('that expire act no more, which is news once', async () => {
      await using store = await heldStore(await newPlace());
      await addImages(store, [imageOf(stanza('a', '1'))]);
      const feed = feedOf(flaw('CVE-2024-0001', 'a'));
      await night(store, feed);
      const yesterday = new Date(Date.now() - day);
      const until = yesterday.toISOString().slice(0, 10);
      const waived = await act(store, yesterday, async (database) => {
        await addWaiver(
          database,
          { vulnerability: 'CVE-2024-0001', until, reason: 'a week more' },
          'ann',
          yesterday,
        );
      });
      expect(numbers(waived)).toEqual([[0, 1]]);
      expect(numbers(await act(store, new Date()))).toEqual([[1, 0]]);
      await act(store, new Date(), async (database) => {
        expect(await listWaivers(database, new Date(), 'all')).toMatchObject([
          { state: 'expired', flaws: 1, images: 1 },
        ]);
      });
      expect(told((await night(store, feed)).news)).toEqual(['waiver_expired waiver CVE-2024-0001 1']);
      expect((await night(store, feed)).news).toEqual([]);
    });

    it('of a rule accept its failure', async () => {
      await using store = await heldStore(await newPlace());
      const image = imageOf(stanza('a', '1'));
      const root = image.slice('dir:'.length);
      await addImages(store, [image]);
      const content = join(temporaryFolder(), 'content.xml');
      writeFileSync(content, smallStream({ version: '1.0' }));
      const run = () => night(store, feedOf(), ['--content', content, '--profile', 'strict']);
      writeFileSync(join(root, 'etc/small.conf'), 'setting1 = yes\nsetting2 = yes\n');
      await run();
      await waive(store, { rule: 'setting1', image: 'dir:/**' });
      writeFileSync(join(root, 'etc/small.conf'), '');
      const { news, summary } = await run();
      expect(news.map(({ package: rule, waived }) => [rule, waived?.reason])).toEqual([
        ['xccdf_x_rule_setting2', undefined],
        ['xccdf_x_rule_setting1', 'accepted'],
      ]);
      expect(summary).toMatchObject({ events: 1, waived: 1 });
      await act(store, new Date(), async (database) => {
        expect(await listWaivers(database, new Date(), 'all')).toMatchObject([
          { state: 'used', flaws: 1, images: 1 },
        ]);
      });
    });

    it('need a reason, something that they are about, and a day that exists and is not over', async () => {
      await using database = await heldStore(await newPlace());
      const refused: WaiverRequest[] = [
        { reason: 'nothing' },
        { reason: ' ', vulnerability: 'CVE-2024-0001' },
        { reason: 'x', vulnerability: 'CVE-*' },
        { reason: 'x', vulnerability: 'CVE-2024-0001', rule: 'both' },
        { reason: 'x', rule: 'r', package: 'a' },
        { reason: 'x', vulnerability: 'CVE-2024-0001', until: '2027-02-30' },
        { reason: 'x', vulnerability: 'CVE-2024-0001', until: '2020-01-01' },
        { reason: 'x'.repeat(2001), vulnerability: 'CVE-2024-0001' },
      ];
      for (const request of refused) {
        await expect(
          addWaiver(database, request, 'ann', new Date()),
          JSON.stringify(request),
        ).rejects.toThrow(expect.objectContaining({ code: 'USAGE' }));
      }
      expect(await listWaivers(database, new Date(), 'all', { ended: true })).toEqual([]);
      const hostile = { vulnerability: "x'--", package: '<b>\0', image: '**', reason: '\u202e::error::' };
      await addWaiver(database, hostile, 'ann', new Date());
      expect(await listWaivers(database, new Date(), 'all')).toMatchObject([{ package: '<b>\ufffd' }]);
    });

    it('have consecutive numbers, also after those that a killed database had reserved', async () => {
      await using database = await heldStore(await newPlace());
      const add = () =>
        addWaiver(database, { reason: 'x', vulnerability: 'CVE-2024-0001' }, 'ann', new Date());
      expect(await add()).toBe(1);
      await database.query("SELECT setval('fleet.waivers_id_seq', 33)");
      expect(await add()).toBe(2);
    });
  });
}
