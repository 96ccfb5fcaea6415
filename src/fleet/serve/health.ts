import type { FastifyInstance } from 'fastify';
import { undated } from '../../model/data-date.ts';
import { watchedImages } from '../news/watched.ts';
import type { Queries } from '../store/database.ts';
import type { KeptPlatform } from '../store/runs.ts';
import type { ServeContext } from './context.ts';

const day = 86_400_000;

/**
 * Why what is shown would mislead; empty: it does not. A fleet that was not judged, or by a feed without data or with old data,
 * looks clean and is not.
 */
async function unreadyReasons(queries: Queries, now: Date, maxAge: number | undefined): Promise<string[]> {
  const [last] = await queries.query<{ platforms: KeptPlatform[] }>(
    `SELECT platforms FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed WHERE state = 'finished' ORDER BY runs.id DESC LIMIT 1`,
  );
  if (!last) return ['no run has judged anything yet'];
  const { platforms } = last;
  if (platforms.reduce((sum, { statements }) => sum + statements, 0) === 0)
    return ['the feed of the last run is empty'];
  if (maxAge === undefined) return [];
  const used = await queries.query<{ platform: string }>(
    `SELECT DISTINCT platform FROM fleet.coverage JOIN fleet.images ON images.system = coverage.system
     WHERE to_run IS NULL AND platform IS NOT NULL AND images.id IN (${watchedImages})`,
  );
  const judging = new Set(used.map(({ platform }) => platform));
  // Before there are images, all data counts.
  return platforms
    .filter(({ id }) => judging.size === 0 || judging.has(id))
    .filter(({ updated }) => now.getTime() - Date.parse(updated) > maxAge)
    .map(({ id, updated }) => {
      if (updated === undated) return `the data of ${id} has no date`;
      const age = Math.floor((now.getTime() - Date.parse(updated)) / day);
      return `the data of ${id} is ${age} days old, and may be ${Math.floor(maxAge / day)}`;
    });
}

/** `/healthz`: the process lives and its store answers. `/readyz`: what it shows is by a feed with data that is not old. */
export async function healthRoutes(app: FastifyInstance, context: ServeContext): Promise<void> {
  const { database, now, maxAge } = context;
  const options = { config: { role: 'none' } } as const;
  app.get('/healthz', options, async (_request, reply) => {
    await database.query('SELECT 1');
    return reply.type('text/plain; charset=utf-8').send('ok\n');
  });
  app.get('/readyz', options, async (_request, reply) => {
    const reasons = await unreadyReasons(database, now(), maxAge);
    if (reasons.length > 0) reply.status(503);
    return reply
      .type('text/plain; charset=utf-8')
      .send(reasons.length === 0 ? 'ready\n' : reasons.map((reason) => `not ready: ${reason}\n`).join(''));
  });
}
