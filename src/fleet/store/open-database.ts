import { ScapfeedError } from '../../model/index.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

/** Opens the store: a folder, or a server by its URL. Its schema is brought to this version. */
export async function openDatabase(place: string, now: Date): Promise<Database> {
  const database = await open(place);
  try {
    await migrate(database, now);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function open(place: string): Promise<Database> {
  if (/^postgres(?:ql)?:\/\//i.test(place)) return (await import('./server.ts')).openServer(place);
  const [, scheme] = /^(postgres(?:ql)?(?=:)|[a-z][a-z0-9+.-]*(?=:\/\/))/i.exec(place) ?? [];
  if (scheme === undefined) return (await import('./embedded.ts')).openEmbedded(place);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected a folder or postgres://..., found an address of ${scheme}`,
    where: '--database',
    remedy: 'specify a folder for the embedded database, or the URL of a PostgreSQL server',
  });
}
