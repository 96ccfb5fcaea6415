import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { openFleetServer } from '../support/fleet-server.ts';
import { serverCases } from '../support/fleet-server-cases.ts';
import { hasOracle } from '../support/oracles.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

describe.runIf(hasPostgres())("the server of a fleet in Debian's PostgreSQL", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  serverCases(() => postgres.newDatabase());
});

describe.runIf(hasOracle('promtool'))('its metrics', { timeout: 60_000 }, () => {
  it('are what Prometheus takes, of an empty fleet too', async () => {
    const place = await newEmbedded();
    const judged = async () => {
      await using server = await openFleetServer(place);
      const input = await (await server.ask('/metrics')).text();
      return spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    };
    expect(await judged()).toMatchObject({ status: 0, stderr: '' });
    const files = {
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    };
    await addImages(place, [`dir:${rootWith(files)}`]);
    await night(place, writeSmallFeed([{ platform: bookworm, statements: [] }]));
    expect(await judged()).toMatchObject({ status: 0, stderr: '' });
  });
});
