import { afterEach, expect, it } from 'vitest';
import { openFeed } from '../../../src/feed/read/open-feed.ts';
import { feedChanges, keepLines } from '../../../src/fleet/judge/feed-lines.ts';
import type { Database } from '../../../src/fleet/store/database.ts';
import type { Platform } from '../../../src/model/feed/index.ts';
import { heldStore } from '../../support/fleet.ts';
import { writeSmallFeed } from '../../support/small-feed.ts';

const leap: Platform = {
  id: 'opensuse-leap-16.0',
  name: 'openSUSE Leap 16.0',
  aliases: [],
  os: { id: 'opensuse-leap', version: '16.0' },
  packaging: 'rpm',
  life: [],
};

/** Source -> its builds. */
function feedOf(roster: Readonly<Record<string, readonly string[]>>) {
  return openFeed(
    writeSmallFeed([
      {
        platform: leap,
        data: {
          roster: new Map(
            Object.entries(roster).map(([name, builds]) => [name, { version: '1', binaries: [], builds }]),
          ),
        },
        statements: [
          {
            vulnerability: 'CVE-2024-1',
            package: 'zlib',
            status: 'fixed',
            fixed: '0:1.3-1',
            severity: 'low',
          },
        ],
      },
    ]),
  );
}

let database: Database | undefined;
afterEach(async () => database?.close());

it('a build more in a roster is a change of its source, and of no other', { timeout: 60_000 }, async () => {
  database = await heldStore();
  const before = feedOf({ bash: ['5.2-1'], glibc: ['2.40-1', '2.40-2'], sed: ['4.9-1'] });
  await keepLines(database, (await feedChanges(database, before)).changed);
  const after = feedOf({ bash: ['5.2-1', '5.2-2'], glibc: ['2.40-1', '2.40-2'], tar: ['1.35-1'] });
  const { changes } = await feedChanges(database, after);

  expect([...changes.names].sort()).toEqual(['bash', 'sed', 'tar']);
  for (const feed of [before, after]) feed.close();
});
