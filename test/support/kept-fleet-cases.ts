import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNews } from '../../src/fleet/news/read-news.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { openEmbedded } from '../../src/fleet/store/embedded.ts';
import { inventoryDocument } from '../../src/fleet/store/images.ts';
import { listNames } from '../../src/fleet/store/list.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { openServer } from '../../src/fleet/store/server.ts';
import { accessRoles, findToken, makeToken, removeToken } from '../../src/fleet/store/tokens.ts';
import { endExpired } from '../../src/fleet/store/waived-counts.ts';
import { listWaivers } from '../../src/fleet/store/waivers.ts';
import type { ListedImage, NewsDocument } from '../../src/model/fleet/index.ts';
import { project } from './cli.ts';
import { night } from './fleet.ts';
import { bookworm, type SmallPlatform, writeSmallFeed } from './small-feed.ts';

/**
 * A store of the first version: two nights of three imported inventories and an image that cannot be read, as pg_dump writes
 * it, and that version's output of `fleet list`, `news` and `export`.
 */
const kept = (name: string) => readFileSync(join(project, 'test/fleet/schema-1', name), 'utf8');

const statements: SmallPlatform['statements'] = [
  {
    vulnerability: 'CVE-2024-0001',
    package: 'zlib',
    status: 'affected',
    fixState: 'none_yet',
    severity: 'medium',
  },
  {
    vulnerability: 'CVE-2024-0003',
    package: 'zlib',
    status: 'affected',
    fixState: 'none_yet',
    severity: 'low',
  },
  {
    vulnerability: 'CVE-2024-0002',
    package: 'openssl',
    status: 'fixed',
    fixed: '3.0.9-1',
    severity: 'critical',
  },
];

/** Makes the store that the first version left. */
export async function restoreFirst(place: string): Promise<void> {
  const database = await (place.startsWith('postgres') ? openServer(place) : openEmbedded(place));
  await database.execute(kept('dump.sql'));
  await database.close();
}

/** A fleet as a person sees it. */
export async function seenOf(
  database: Database,
): Promise<{ list: ListedImage[]; news: NewsDocument; inventories: string }> {
  const names = await database.query<{ image: number; reference: string }>(
    `SELECT image, reference FROM fleet.name_images JOIN fleet.names ON names.id = name WHERE until IS NULL ORDER BY reference COLLATE "C"`,
  );
  let inventories = '';
  for (const { image, reference } of names)
    inventories += `${JSON.stringify(await inventoryDocument(database, image, reference))}\n`;
  return {
    list: await listNames(database, new Date()),
    news: await readNews(database, { run: 1 }, 'all'),
    inventories,
  };
}

/** Cases of stores that other versions made, for both kinds. */
export function keptFleetCases(newPlace: () => Promise<string>): void {
  describe('a store of the first version', { timeout: 120_000 }, () => {
    it('has the same images, news, inventories and verdicts when it is opened by this one', async () => {
      const place = await newPlace();
      await restoreFirst(place);
      const now = new Date();
      const database = await openDatabase(place, now);
      const seen = await seenOf(database);
      const list = JSON.parse(kept('list.json')) as ListedImage[];
      expect(seen.list).toMatchObject(list);
      expect(seen.news).toEqual(JSON.parse(kept('news.json')));
      expect(seen.inventories).toBe(kept('inventories.jsonl'));

      // Waivers that were only stored take effect from now on.
      await endExpired(database, now);
      expect(await listWaivers(database, now, 'all')).toMatchObject([
        {
          vulnerability: 'CVE-2024-0001',
          until: '2999-12-31',
          author: 'ann',
          state: 'used',
          flaws: 1,
          images: 1,
        },
      ]);
      const waived = (await listNames(database, new Date())).map(({ counts }) => counts?.waived ?? null);
      expect(waived).toEqual([null, 0, 0, 1]);
      // An image that cannot be read, without the seven seconds in which a registry would be asked again.
      await database.query(
        `UPDATE fleet.names SET reference = 'oci:/nowhere:1' WHERE reference = '127.0.0.1:1/team/app:1'`,
      );
      await database.close();

      const { summary, news } = await night(place, writeSmallFeed([{ platform: bookworm, statements }]));
      expect(news).toEqual([]);
      expect(summary).toMatchObject({ run: 3, names: 4, unread: 1, uncoveredSystems: 1 });
    });

    it('has its tokens with their roles, and takes tokens that only send', async () => {
      const place = await newPlace();
      await restoreFirst(place);
      const now = new Date();
      const older = await (place.startsWith('postgres') ? openServer(place) : openEmbedded(place));
      for (const role of accessRoles)
        await older.query('INSERT INTO fleet.tokens (name, role, digest, created) VALUES ($1, $2, $3, $4)', [
          ...[`old ${role}`, role, hash('sha256', `scapfeed_${role}`, 'buffer'), now],
        ]);
      await older.close();

      const database = await openDatabase(place, now);
      for (const role of accessRoles)
        expect(await findToken(database, `scapfeed_${role}`, now)).toMatchObject({ role, names: null });
      const sending = await makeToken(database, { name: 'web1', role: 'send', names: 'web1' }, now);
      expect(await findToken(database, sending!, now)).toMatchObject({ role: 'send', names: 'web1' });
      // Made again, it has what it was made for now.
      await removeToken(database, 'web1', now);
      const reading = await makeToken(database, { name: 'web1', role: 'read' }, now);
      expect(await findToken(database, reading!, now)).toMatchObject({ role: 'read', names: null });
      for (const [role, names] of [
        ['send', null],
        ['write', 'web1'],
      ])
        await expect(
          database.query('UPDATE fleet.tokens SET role = $1, names = $2', [role, names]),
        ).rejects.toThrow();
      await database.close();
    });
  });
}
