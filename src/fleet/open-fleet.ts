import type { Feed } from '../feed/read/feed.ts';
import type { FleetContext, FleetTools } from './fleet.ts';
import { KnownImages } from './known-images.ts';
import { Queue } from './queue/queue.ts';
import { openDatabase } from './store/open-database.ts';

/** Opens a store with its queue, for a process that does a fleet's work. `close` ends both. */
export async function openFleet(
  place: string,
  feed: Feed,
  tools: FleetTools,
): Promise<FleetContext & { close(): Promise<void> }> {
  const database = await openDatabase(place, tools.now());
  try {
    const queue = await Queue.open(database, (error) => tools.warn(`the queue: ${error.message}`));
    return {
      ...{ database, queue, feed, tools },
      known: new KnownImages(),
      async close() {
        await queue.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
