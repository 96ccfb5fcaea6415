import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { addressMatcher } from '../../io/http/addresses.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import { pushTo } from '../../model/order.ts';
import { problemPage } from '../pages/solo-pages.ts';
import { type HttpProblem, refusal } from '../refusal.ts';
import { hasTokens } from '../store/tokens.ts';
import { endExpired } from '../store/waived-counts.ts';
import { Views } from '../view/fleet-view.ts';
import { addAccess } from './access/access.ts';
import { Callers } from './access/callers.ts';
import { requestLimits } from './access/limits.ts';
import type { Provider } from './access/provider.ts';
import { isLoopback, type ProxyRules } from './access/rules.ts';
import { addForms, signInRoutes } from './access/sign-in.ts';
import { peopleRules, type SignInRules } from './access/sign-in-rules.ts';
import { apiRoutes } from './api/index.ts';
import { addAuditTrail } from './audit-trail.ts';
import type { RouteContext, ServeContext } from './context.ts';
import { endWith } from './end-with.ts';
import { harborRoutes } from './harbor/routes.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics.ts';
import { pageRoutes } from './page-routes.ts';
import { asksForPage, problemOf } from './problem.ts';
import { addSecurityHeaders, securityHeaders } from './security-headers.ts';

export interface ServerOptions {
  /** Port 0: any that is free. */
  listen: { host: string; port: number };
  /** Certificate and key in PEM: HTTPS. */
  tls?: { cert: string; key: string };
  /** A proxy in front. */
  proxy?: ProxyRules;
  /** Where people sign in with a browser, besides tokens. */
  signIn?: SignInRules;
  /** Requests of one address in a minute. */
  perMinute?: number;
}

export interface OpenServer {
  /** `http://127.0.0.1:8710`. */
  origin: string;
  /** Whether anybody on this machine may read. */
  isOpen: boolean;
  /** For tests: asks without a connection. */
  app: FastifyInstance;
  /** Takes no more requests and ends when those that came are answered, or after some seconds. */
  close(): Promise<void>;
}

/** A person with a browser, or a program that asks for everything, needs less. */
const defaultPerMinute = 1200;

/** Milliseconds in which a request must be here, and its answer begun. */
const requestTimeout = 120_000;

/** Milliseconds for which pages take what was read of the store as it is now. */
const questionViews = 1000;

/** Milliseconds that requests get to be answered when the server ends: containers are given ten seconds. */
const closingPatience = 5_000;

/** Opens the server: API and pages. Its store stays the caller's. @throws SYSTEM_REFUSED: the address is not free */
export async function openServer(context: ServeContext, options: ServerOptions): Promise<OpenServer> {
  const { listen, tls, proxy, signIn, perMinute = defaultPerMinute } = options;
  await requireTokens(context, options);
  if (tls) requireUsable(tls);
  const app: FastifyInstance = fastify({
    logger: false,
    // Of others than the proxies that are named, the address is the connection's.
    ...(proxy && { trustProxy: addressMatcher(proxy.trusted) }),
    ...(tls && { https: { ...tls, minVersion: 'TLSv1.2' } }),
    bodyLimit: 64 * 1024,
    requestTimeout,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1024 },
    // Addresses that no route can have, and requests that are not HTTP, reach no hook and no error handler.
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders(tls !== undefined));
      return sendProblem(request, reply, problemOf(error));
    },
    clientErrorHandler: answerUnreadable,
    ajv: {
      customOptions: {
        ...{ coerceTypes: 'array', removeAdditional: false, allErrors: false },
        // `1e400` is coerced to Infinity. In strict mode Ajv does not check its bounds.
        strictNumbers: false,
      },
    },
  });
  // Fastify takes any text as a body, which no route here does.
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: unknown, body: string) => parseBody(body),
  );
  app.decorateRequest('caller', undefined);
  const methods = new Map<string, string[]>();
  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.role === undefined) throw new Error(`${method} ${url} does not say who may ask it`);
    for (const each of [method].flat()) pushTo(methods, url, each);
  });
  addSecurityHeaders(app, tls !== undefined);
  await addForms(app);
  const people = signIn && peopleRules(signIn);
  const callers = new Callers(context, listen.host, { proxy, people, address: signIn?.address });
  const limits = await requestLimits(app, perMinute);
  addAccess(app, callers, limits);
  addAuditTrail(app, context);
  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) context.warn(`an answer failed: ${messageOf(error)}`);
    return sendProblem(request, reply, problem, signIn !== undefined);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const allowed = allowedAt(methods, request.url).join(', ');
    if (allowed !== '') {
      const message = `expected ${allowed} at this address, found ${request.method}`;
      const problem = problemOf(refusal('REQUEST_UNSUPPORTED', message));
      return sendProblem(request, reply.header('allow', allowed), {
        ...problem,
        ...{ status: 405, title: 'Method Not Allowed' },
      });
    }
    const remedy = asksForPage(request) ? undefined : 'see /api/v1/openapi.json';
    throw refusal('NOT_FOUND', 'there is nothing at this address', remedy);
  });
  app.addHook('preHandler', expiringWaivers(context));
  const provider = signIn && (await addProvider(app, context, signIn, callers));
  app.register((scope) => signInRoutes(scope, callers, limits, provider));
  const views = new Views(context.database, () => context.now(), questionViews);
  for (const routes of allRoutes) app.register((scope) => routes(scope, { ...context, views }));
  await listenAt(app, listen);
  const { address, port, family } = app.server.address() as AddressInfo;
  return {
    origin: `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    isOpen: await callers.isOpen(),
    app,
    close: () => closed(app),
  };
}

/** Its client is loaded for a server with sign-in only. A provider that does not answer now may do so when somebody signs in. */
async function addProvider(
  app: FastifyInstance,
  context: ServeContext,
  rules: SignInRules,
  callers: Callers,
): Promise<Provider> {
  const [{ Provider }, { providerRoutes }] = await Promise.all([
    import('./access/provider.ts'),
    import('./access/provider-routes.ts'),
  ]);
  const provider = new Provider(rules, () => context.now(), context.warn);
  app.register((scope) => providerRoutes(scope, context, rules, provider, callers));
  app.addHook('onClose', () => provider.close());
  await provider.try();
  return provider;
}

/** @throws REQUEST_INVALID also for a name that an object has twice: whoever looked at the request may have read the other one */
function parseBody(body: string): unknown {
  try {
    return parseForeignJson(body, { uniqueNames: true });
  } catch (error) {
    throw refusal('REQUEST_INVALID', `the body is no JSON that can be read: ${messageOf(error)}`);
  }
}

/** The methods that an address takes; none: nothing is there. */
function allowedAt(methods: ReadonlyMap<string, readonly string[]>, url: string): readonly string[] {
  const parts = (path: string) => path.split('/');
  const asked = parts(url.split('?', 1)[0]!);
  const isHere = (route: string) =>
    parts(route).length === asked.length &&
    parts(route).every((part, at) => (part.startsWith(':') ? asked[at] !== '' : part === asked[at]));
  return [...new Set([...methods].flatMap(([route, own]) => (isHere(route) ? own : [])))];
}

/** Slow clients do not delay shutdown. */
async function closed(app: FastifyInstance): Promise<void> {
  const patience = setTimeout(() => app.server.closeAllConnections(), closingPatience);
  try {
    await app.close();
  } finally {
    clearTimeout(patience);
  }
}

function sendProblem(
  request: Pick<FastifyRequest, 'headers' | 'url'>,
  reply: FastifyReply,
  problem: HttpProblem,
  hasProvider = false,
): FastifyReply {
  reply.status(problem.status).header('vary', 'accept');
  if (asksForPage(request))
    return reply.type('text/html; charset=utf-8').send(problemPage(problem, hasProvider));
  return reply.type('application/problem+json').send(JSON.stringify(problem));
}

/** Answers input that Node's parser cannot read as HTTP: the connection ends with it. */
function answerUnreadable({ code }: Error & { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const problem = problemOf(
    code === 'HPE_HEADER_OVERFLOW'
      ? refusal('REQUEST_TOO_LARGE', 'the address and headers are longer than 16 KB', 'send less of them')
      : refusal('REQUEST_INVALID', 'the request is no HTTP/1.1 that can be read, or did not come in time'),
  );
  endWith(socket, problem);
}

/** Waivers end with a day: the shown numbers are counted again once a day. */
function expiringWaivers({ database, now }: ServeContext): () => Promise<void> {
  let counted = '';
  return async () => {
    const day = now().toISOString().slice(0, 10);
    if (day === counted) return;
    await endExpired(database, now());
    counted = day;
  };
}

/** A server that others can reach requires tokens, or a proxy or provider that knows people. */
async function requireTokens(
  { database }: ServeContext,
  { listen, proxy, signIn }: ServerOptions,
): Promise<void> {
  if (isLoopback(listen.host) || proxy?.userHeader !== undefined || signIn) return;
  if (await hasTokens(database)) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'other machines can reach this address, and there is no token: anyone could read the fleet',
    where: `${listen.host}:${listen.port}`,
    remedy: 'make one with `scapfeed fleet token add NAME`, or listen at 127.0.0.1',
  });
}

function requireUsable({ cert, key }: NonNullable<ServerOptions['tls']>): void {
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `the certificate and its key cannot be used: ${messageOf(cause)}`,
      where: '--tls-cert',
      remedy: 'specify a certificate in PEM, and its key without a passphrase',
      cause,
    });
  }
}

async function listenAt(app: FastifyInstance, { host, port }: ServerOptions['listen']): Promise<void> {
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
      remedy: 'specify another address with --listen',
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Routes = (app: FastifyInstance, context: RouteContext) => Promise<void>;

/** Everything that is served, each in a scope of its own: hooks and handlers of errors of one do not touch the others. */
const allRoutes: readonly Routes[] = [healthRoutes, metricsRoutes, apiRoutes, harborRoutes, pageRoutes];
