import { describe, expect, it } from 'vitest';
import { importInventory } from '../../../src/fleet/store/imports.ts';
import { openDatabase } from '../../../src/fleet/store/open-database.ts';
import { newEmbedded, night } from '../../support/fleet.ts';
import { bookworm, deb, writeSmallFeed } from '../../support/small-feed.ts';

describe('a night', { timeout: 120_000 }, () => {
  it('writes what changed, whatever the size of the fleet', async () => {
    const feeds = ['2', '3'].map((fixed) =>
      writeSmallFeed([
        {
          platform: bookworm,
          statements: [
            { vulnerability: 'CVE-2026-0001', package: 'changing', status: 'fixed', fixed, severity: 'high' },
            {
              vulnerability: 'CVE-2026-0002',
              package: 'quiet',
              status: 'fixed',
              fixed: '2',
              severity: 'low',
            },
          ],
        },
      ]),
    );

    const few = await writtenBy(feeds, 3);
    const many = await writtenBy(feeds, 12);

    expect(few).toEqual({ begun: 1, ended: 1, judged: 1, counted: 2, oldest: ['high 1', 'low 1'] });
    expect(many).toEqual(few);
  });
});

/** Rows that the second night writes for a fleet with the changed package in two images. */
async function writtenBy(feeds: readonly string[], images: number): Promise<object> {
  const place = await newEmbedded();
  const now = new Date();
  const database = await openDatabase(place, now);
  for (let number = 0; number < images; number++) {
    const names = ['quiet', `own${number}`, ...(number < 2 ? ['changing'] : [])];
    const inventory = {
      image: { reference: `image${number}`, digest: `sha256:${number}`, layers: [] },
      os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
      databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: names.length }],
      packages: names.map((name) => deb(name, '1')),
      notes: [],
    };
    await importInventory(database, inventory, `image${number}`, now, 'test');
  }
  await database.close();
  await night(place, feeds[0]!);
  let written = {};
  await night(place, feeds[1]!, [], async ({ database: store }) => {
    const [row] = await store.query<Record<string, number>>(
      `SELECT (SELECT count(*) FROM fleet.verdicts WHERE from_run = 2)::integer AS begun,
         (SELECT count(*) FROM fleet.verdicts WHERE to_run = 2)::integer AS ended,
         (SELECT count(*) FROM fleet.packages WHERE judged_run = 2)::integer AS judged,
         (SELECT count(*) FROM fleet.image_counts WHERE run = 2)::integer AS counted`,
    );
    // A fix that could be installed before counts from then, though its version is another now.
    const oldest = await store.query<{ since: string }>(
      `SELECT DISTINCT severity || ' ' || available_run AS since FROM fleet.verdicts WHERE to_run IS NULL AND available_run IS NOT NULL
       ORDER BY since`,
    );
    written = { ...row, oldest: oldest.map(({ since }) => since) };
  });
  return written;
}
