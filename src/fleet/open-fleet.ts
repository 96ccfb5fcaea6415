import type { Feed } from '../feed/read/feed.ts';
import type { FleetContext, FleetTools } from './fleet.ts';
import { KnownImages } from './known-images.ts';
import { Queue } from './queue/queue.ts';
import type { Database } from './store/database.ts';
import { openDatabase } from './store/open-database.ts';

export type OpenStore = typeof openDatabase;

/** Opens a store with its queue, for a process that does a fleet's work. `close` ends both. */
export async function openFleet(
  place: string,
  feed: Feed,
  tools: FleetTools,
  openStore: OpenStore = openDatabase,
): Promise<FleetContext & { close(): Promise<void> }> {
  const database = await openStore(place, tools.now());
  try {
    const fleet = await fleetIn(database, feed, tools);
    return {
      ...fleet,
      async close() {
        await fleet.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The same in an open store, which `close` leaves open. */
export async function fleetIn(
  database: Database,
  feed: Feed,
  tools: FleetTools,
): Promise<FleetContext & { close(): Promise<void> }> {
  const queue = await Queue.open(database, (error) => tools.warn(`the queue: ${error.message}`));
  return { database, queue, feed, tools, known: new KnownImages(), close: () => queue.stop() };
}
