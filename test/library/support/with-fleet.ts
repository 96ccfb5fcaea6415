import { type Fleet, openFleet } from '../../../src/library/index.ts';

/** Opens a fleet for some work, and closes it however that ends. */
export async function withFleet<T>(database: string, use: (fleet: Fleet) => Promise<T>): Promise<T> {
  const fleet = await openFleet(database);
  try {
    return await use(fleet);
  } finally {
    await fleet.close();
  }
}
