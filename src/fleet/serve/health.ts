import type { FastifyInstance } from 'fastify';
import type { ServeContext } from './context.ts';
import { unreadyReasons } from './readiness.ts';

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
