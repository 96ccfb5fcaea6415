import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetRun } from '../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { runChoice } from '../../src/cli/options/fleet-run.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { openFleet } from '../../src/fleet/open-fleet.ts';
import { runFleet } from '../../src/fleet/run.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { addNames, addWatch } from '../../src/fleet/store/watches.ts';
import type { FleetRunSummary, NewsItem } from '../../src/model/index.ts';
import { project } from './cli.ts';
import { silentTerminal } from './silent-terminal.ts';
import { keptFolder, noHome, temporaryFolder } from './temporary.ts';

/**
 * A new embedded database. PGlite takes seconds to make one, so an empty one is kept and copied, for each of its versions.
 */
export async function newEmbedded(): Promise<string> {
  const { version } = JSON.parse(
    readFileSync(join(project, 'node_modules/@electric-sql/pglite/package.json'), 'utf8'),
  ) as { version: string };
  const kept = keptFolder(`scapfeed-pglite-${version}`);
  if (!existsSync(kept)) {
    const made = mkdtempSync(join(dirname(kept), 'scapfeed-pglite-new-'));
    await (await PGlite.create({ dataDir: join(made, 'db') })).close();
    try {
      renameSync(join(made, 'db'), kept);
    } catch {
      // Another test was first.
    }
    rmSync(made, { recursive: true, force: true });
  }
  const folder = join(temporaryFolder('fleet'), 'db');
  cpSync(kept, folder, { recursive: true });
  return folder;
}

export const quiet = silentTerminal({ HOME: noHome() });

/** Adds images to a fleet, as `fleet add` does. */
export async function addImages(
  place: string,
  references: readonly string[],
  now = new Date(),
): Promise<void> {
  const database = await openDatabase(place, now);
  for (const reference of references) {
    const { id } = await addWatch(database, { kind: 'image', place: reference }, now);
    await addNames(database, id, [reference], now);
  }
  await database.close();
}

/** What a night leaves, with a look into the store. */
export interface Night {
  summary: FleetRunSummary;
  news: readonly NewsItem[];
}

/** One run by a feed, with the options of `fleet run`. `look`: what is asked of the store before it is closed. */
export async function night(
  place: string,
  feedFolder: string,
  options: readonly string[] = [],
  look: (fleet: Fleet) => Promise<void> = async () => undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Night> {
  const given = parseCommand(fleetRun, ['--feed', feedFolder, '--max-age', '0', ...options])!.options;
  const feed = openChosenFeed(feedFolder, {});
  const fleet = await openFleet(
    place,
    feed,
    fleetTools('fleet run', given, { ...quiet, env: { ...quiet.env, ...env } }, given),
  );
  try {
    const summary = (await runFleet(fleet, runChoice(given), { signed: false }))!;
    const { runs } = await readNews(fleet.database, { run: summary.run });
    await look(fleet);
    return { summary, news: runs[0]!.items };
  } finally {
    await fleet.close();
    feed.close();
  }
}
