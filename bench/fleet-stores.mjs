// What the benches of fleets begin with: a folder, feeds, and a new place in each store that there is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres, startPostgres } from '../test/support/postgres.ts';
import { writeFeed } from './simulated-fleet.mjs';

/**
 * Figures of `measure(store, newPlace, feeds)` for a PostgreSQL server and for the embedded store; a quick run takes the server alone
 * if there is one, and SCAPFEED_STORE=embedded the embedded store alone. `makeFeeds`: two feeds of which 0.5 % of the statements differ.
 */
export async function inEachStore(quick, measure, makeFeeds = smallFeeds) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-fleet-'));
  const postgres =
    process.env.SCAPFEED_STORE !== 'embedded' && hasPostgres() ? await startPostgres() : undefined;
  try {
    const feeds = await makeFeeds(folder);
    const figures = [];
    if (postgres) figures.push(...(await measure('PostgreSQL', () => postgres.newDatabase(), feeds)));
    if (!quick || !postgres) {
      const newPlace = async () => mkdtempSync(join(folder, 'store-'));
      figures.push(...(await measure('embedded', newPlace, feeds)));
    }
    return figures;
  } finally {
    postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function smallFeeds(folder) {
  return [0, 1].map((nights) => writeFeed(join(folder, `feed${nights}`), nights));
}
