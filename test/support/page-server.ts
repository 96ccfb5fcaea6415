import type { ServeContext } from '../../src/fleet/serve/context.ts';
import { type OpenServer, openServer } from '../../src/fleet/serve/open-server.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { ScapfeedError } from '../../src/model/error.ts';

/** Opens none: pages have what the store keeps. */
export const noFeed: ServeContext['openFeed'] = () => {
  throw new ScapfeedError({ code: 'FEED_MISSING', message: 'there is no feed' });
};

/** A server of a store whose pages are looked at: it takes no references and begins no runs. */
export function openPageServer(
  database: Database,
  now: () => Date,
  openFeed: ServeContext['openFeed'] = noFeed,
): Promise<OpenServer> {
  const refused = async () => {
    throw new Error('this server begins no run');
  };
  const context = {
    ...{ database, now, tool: 'scapfeed', warn: console.error, runs: { start: refused } },
    requirePlace: async (_kind: string, place: string) => place,
    openFeed,
  };
  return openServer(context, { listen: { host: '127.0.0.1', port: 0 }, perMinute: 10_000_000 });
}
