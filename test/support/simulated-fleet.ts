import { parseCommand } from '../../src/cli/command.ts';
import { fleetRun } from '../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { KnownImages } from '../../src/fleet/known-images.ts';
import { Queue } from '../../src/fleet/queue/queue.ts';
import { runFleet } from '../../src/fleet/run.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { importInventory } from '../../src/fleet/store/imports.ts';
import { silentTerminal } from './silent-terminal.ts';
import { bookworm, deb, trixie, writeSmallFeed } from './small-feed.ts';

const sources = 40;

/** Keeps images from a number to another one, of two releases, with twenty of the same forty packages in three builds each. */
export async function keepImages(database: Database, from: number, to: number): Promise<void> {
  await database.transaction(async (queries) => {
    for (let at = from; at < to; at++) {
      const { version } = [bookworm, trixie][at % 2]!.os;
      const packages = Array.from({ length: 20 }, (_, each) =>
        deb(`pkg${(at * 7 + each * 3) % sources}`, `${1 + (at % 3)}.0`),
      );
      const inventory = {
        image: { reference: `image${at}`, digest: `sha256:${at}`, layers: [] },
        os: { id: 'debian', versionId: version!, found: '/etc/os-release' },
        databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: packages.length }],
        ...{ packages, notes: [] },
      };
      await importInventory(queries, inventory, `image${at}`, new Date('2026-11-01T00:00:00Z'), 'test');
    }
  });
}

/** Five flaws in each package; `changed`: those of two packages are fixed in another version. */
export function simulatedFeed(changed: boolean): string {
  const statements = Array.from({ length: sources * 5 }, (_, at) => {
    const number = Math.floor(at / 5);
    return {
      vulnerability: `CVE-2026-${1000 + at}`,
      package: `pkg${number}`,
      status: 'fixed' as const,
      fixed: changed && number < 2 ? '1.5' : '2.5',
      severity: (['low', 'medium', 'high', 'critical'] as const)[at % 4]!,
    };
  });
  return writeSmallFeed([bookworm, trixie].map((platform) => ({ platform, statements })));
}

/** A run in this process, on a store that a server has open. */
export async function nightOn(database: Database, folder: string): Promise<void> {
  const feed = openChosenFeed(folder, {});
  const queue = await Queue.open(database, (error) => {
    throw error;
  });
  try {
    const tools = fleetTools('fleet run', parseCommand(fleetRun, [])!.options, silentTerminal({}));
    const options = {
      ...{ judging: { platformMap: [] }, profiles: [], receivers: [], signed: false },
    };
    await runFleet({ database, queue, feed, tools, known: new KnownImages() }, options, { signed: false });
  } finally {
    await queue.stop();
    feed.close();
  }
}
