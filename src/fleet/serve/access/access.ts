import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from '../../refusal.ts';
import { type Callers, isTokenRefused } from './callers.ts';
import type { RequestLimits } from './limits.ts';
import { mayDo } from './rules.ts';
import { signInPath } from './sign-in.ts';

/** Checks before a body is read: rate, identity, permission, and cross-site requests. */
export function addAccess(app: FastifyInstance, callers: Callers, limits: RequestLimits): void {
  app.addHook('onRequest', async (request, reply) => {
    // The connection was reset before its request was handled: no client waits for an answer, and there is no address to count.
    if (request.raw.socket.remoteAddress === undefined) {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    requireOneHost(request);
    await limits.count(request, reply);
    const { role, takesSent, takesTeam } = request.routeOptions.config;
    // Nothing is at this address: that needs no identity.
    if (role === undefined) return undefined;
    if (role !== 'none') {
      const credentials = callers.credentialsOf(request);
      if (credentials !== undefined && !('user' in credentials))
        await limits.requireFewGuesses(request, reply, () => callers.isKnown(credentials));
      try {
        request.caller = await callers.callerOf(request, credentials);
      } catch (error) {
        // A database that does not answer is not a refusal.
        if (isTokenRefused(error)) await limits.countGuess(request);
        return turnAway(request, reply, error);
      }
      const has = request.caller.role;
      const may = has === 'send' ? takesSent : has === 'team' ? takesTeam : mayDo(has, role);
      if (!may) {
        throw refusal(
          'NOT_ALLOWED',
          `${request.caller.name} may ${has}, and this needs ${role}`,
          `use a token made with --role ${role}${callers.hasPeople ? ', or sign in as a member of a group that has it' : ''}`,
        );
      }
    }
    if (role === 'none' || request.caller?.isBrowser) requireOwnSite(request);
    return undefined;
  });
}

/** Refuses a request with two host names: a proxy and this server may choose different ones (RFC 9112, section 3.2). */
function requireOneHost({ raw: { rawHeaders } }: FastifyRequest): void {
  const names = rawHeaders.filter((_, at) => at % 2 === 0);
  if (names.filter((name) => name.toLowerCase() === 'host').length <= 1) return;
  throw refusal('REQUEST_INVALID', 'the request has more than one Host header', 'send it once');
}

/** Redirects a browser to the sign-in page; programs get the error. */
function turnAway(request: FastifyRequest, reply: FastifyReply, error: unknown) {
  const { code } = error as { code?: string };
  const isPerson = request.method === 'GET' && /\btext\/html\b/.test(request.headers.accept ?? '');
  if (!isPerson || (code !== 'TOKEN_MISSING' && code !== 'TOKEN_REFUSED')) {
    if (code === 'TOKEN_MISSING' || code === 'TOKEN_REFUSED') reply.header('www-authenticate', 'Bearer');
    throw error;
  }
  return reply.redirect(`${signInPath}?next=${encodeURIComponent(request.url)}`, 303);
}

/** Refuses cross-site requests (CSRF): browsers send cookies and a proxy's login without the user's intent. */
function requireOwnSite({ method, headers, host }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  const { origin, 'sec-fetch-site': site } = headers;
  const isOwn =
    site === undefined
      ? origin !== undefined && URL.canParse(origin) && new URL(origin).host === host
      : site === 'same-origin' || site === 'none';
  if (isOwn) return;
  throw refusal(
    'NOT_ALLOWED',
    'the request comes from another site, or does not say from where',
    'programs send a token as `authorization: Bearer TOKEN`',
  );
}
