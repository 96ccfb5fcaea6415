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

interface FleetChoice {
  database?: string | undefined;
}

type FleetWork<T> = (store: Database, now: Date) => Promise<T>;

/** Does work in the store that the options choose, which is open for it. One that is not there is an error. */
export function inFleet<T>(given: FleetChoice, terminal: Terminal, work: FleetWork<T>): Promise<T> {
  return withStore(given, terminal, work, true);
}

/** The same for what may be the first to do in a fleet: the store is made if it is not there. */
export function inNewFleet<T>(given: FleetChoice, terminal: Terminal, work: FleetWork<T>): Promise<T> {
  return withStore(given, terminal, work, false);
}

async function withStore<T>(
  { database }: FleetChoice,
  { env, openStore = openDatabase }: Terminal,
  work: FleetWork<T>,
  mustExist: boolean,
): Promise<T> {
  const now = currentTime();
  const store = await openStore(fleetPlace(database, env), now, mustExist);
  try {
    return await work(store, now);
  } finally {
    await store.close();
  }
}
