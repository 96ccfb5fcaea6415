import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { isScapfeedError, ScapfeedError } from '../../model/index.ts';
import type { ServeContext } from './context.ts';
import { problemOf, refusal } from './problem.ts';
import { allRoutes } from './routes.ts';
import { addSecurityHeaders } from './security-headers.ts';

export interface ServerOptions {
  /** Port 0: any that is free. */
  listen: { host: string; port: number };
}

export interface OpenServer {
  /** `http://127.0.0.1:8710`. */
  origin: string;
  /** For tests: asks without a connection. */
  app: FastifyInstance;
  /** Takes no more requests and ends when those that came are answered. */
  close(): Promise<void>;
}

/** Milliseconds in which a request must be here, and its answer begun. */
const requestTimeout = 120_000;

/** Opens the server: API and pages. Its store stays the caller's. @throws SYSTEM_REFUSED: the address is not free */
export async function openServer(context: ServeContext, options: ServerOptions): Promise<OpenServer> {
  const app = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1024 },
    ajv: { customOptions: { coerceTypes: 'array', removeAdditional: false, allErrors: false } },
  });
  app.decorateRequest('caller', undefined);
  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.role === undefined) throw new Error(`${method} ${url} does not say who may ask it`);
  });
  addSecurityHeaders(app);
  app.setErrorHandler(async (error, _request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) context.warn(`an answer failed: ${messageOf(error)}`);
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setNotFoundHandler(async () => {
    throw refusal('NOT_FOUND', 'there is nothing at this address', 'see /api/v1/openapi.json');
  });
  for (const routes of allRoutes) app.register((scope) => routes(scope, context));
  await listen(app, options.listen);
  const { address, port, family } = app.server.address() as AddressInfo;
  return {
    origin: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    app,
    close: () => app.close(),
  };
}

async function listen(app: FastifyInstance, { host, port }: ServerOptions['listen']): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (isScapfeedError(cause) || !/^E[A-Z]+$/.test(code)) throw cause;
    throw new ScapfeedError({
      code: 'SYSTEM_REFUSED',
      message: `cannot listen: ${messageOf(cause)}`,
      where: `${host}:${port}`,
      remedy: 'name another address with --listen',
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
