import type { FastifyInstance } from 'fastify';
import type { ServeContext } from './context.ts';

/** `/healthz`: the process lives and its store answers. */
export async function healthRoutes(app: FastifyInstance, { database }: ServeContext): Promise<void> {
  app.get('/healthz', { config: { role: 'none' } }, async (_request, reply) => {
    await database.query('SELECT 1');
    return reply.type('text/plain; charset=utf-8').send('ok\n');
  });
}
