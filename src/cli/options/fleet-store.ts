import { join } from 'node:path';
import type { Database } from '../../fleet/store/database.ts';
import { openDatabase } from '../../fleet/store/open-database.ts';
import { currentTime } from '../../io/clock.ts';
import type { Environment } from '../../model/environment.ts';
import type { Terminal } from '../terminal.ts';
import { dataFolder } from './feed-choice.ts';

/** An address with a password is better given by the environment, which other users cannot read. */
export function fleetPlace(option: string | undefined, env: Environment): string {
  return option ?? join(dataFolder(env), 'fleet');
}

/** Does work in the store that the options choose, which is open for it. */
export async function inFleet<T>(
  { database }: { database?: string | undefined },
  { env, openStore = openDatabase }: Terminal,
  work: (store: Database, now: Date) => Promise<T>,
): Promise<T> {
  const now = currentTime();
  const store = await openStore(fleetPlace(database, env), now);
  try {
    return await work(store, now);
  } finally {
    await store.close();
  }
}
