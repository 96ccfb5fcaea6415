import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { addImages, night } from '../support/fleet.ts';
import { fleetCases } from '../support/fleet-cases.ts';
import { keptFleetCases, seenOf } from '../support/kept-fleet-cases.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { waiverCases } from '../support/waiver-cases.ts';

const flaw = {
  vulnerability: 'CVE-2024-0001',
  package: 'a',
  status: 'affected',
  fixState: 'none_yet',
  severity: 'high',
} as const;

describe.runIf(hasPostgres())("a fleet in Debian's PostgreSQL", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  fleetCases(() => postgres.newDatabase());
  waiverCases(() => postgres.newDatabase());
  keptFleetCases(() => postgres.newDatabase());

  it('comes back from a dump as it was, and goes on from there', { timeout: 120_000 }, async () => {
    const [from, to] = [await postgres.newDatabase(), await postgres.newDatabase()];
    const feed = writeSmallFeed([{ platform: bookworm, statements: [flaw] }]);
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    await addImages(from, [`dir:${root}`]);
    await night(from, feed);
    const dump = join(temporaryFolder(), 'fleet.dump');
    postgres.program('pg_dump', '-Fc', '-n', 'fleet', '-n', 'fleet_queue', '-f', dump, from);
    postgres.program('pg_restore', '-d', to, dump);

    const [before, after] = await Promise.all([from, to].map((place) => openDatabase(place, new Date())));
    expect(await seenOf(after!)).toEqual(await seenOf(before!));
    for (const database of [before!, after!]) await database.close();
    expect((await night(to, feed)).summary).toMatchObject({ run: 2, judged: 0, read: 0, events: 0 });
  });
});
