import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { signedOutPage, signInPage } from '../../pages/solo-pages.ts';
import { refusal } from '../../refusal.ts';
import { signedInFor } from '../../store/sessions.ts';
import { type Callers, isTokenRefused } from './callers.ts';
import type { RequestLimits } from './limits.ts';
import { localPath } from './local-path.ts';
import type { Provider } from './provider.ts';

export const signInPath = '/sign-in';

/** The longest form that is taken. */
const longestForm = 4096;

/**
 * A page that takes a token, and keeps what it is worth in a cookie that no script and no other site can use. `provider`: where people
 * sign in besides.
 */
export async function signInRoutes(
  app: FastifyInstance,
  callers: Callers,
  limits: RequestLimits,
  provider: Provider | undefined,
): Promise<void> {
  const page = (next: string, error?: string) => signInPage({ next, error, provider: provider?.name });
  app.get<{ Querystring: { next?: unknown } }>(
    signInPath,
    { config: { role: 'none' } },
    async (request, reply) =>
      reply.type('text/html; charset=utf-8').send(page(localPath(request.query.next))),
  );
  app.post<{ Body: unknown }>(
    signInPath,
    { config: { role: 'none' }, bodyLimit: longestForm },
    async (request, reply) => {
      const form = request.body;
      if (!(form instanceof URLSearchParams))
        throw refusal('REQUEST_UNSUPPORTED', 'expected a form with a token', `send it as ${signInPath} does`);
      const next = localPath(form.get('next'));
      const token = (form.get('token') ?? '').trim();
      await limits.requireFewGuesses(request, reply, () => callers.isKnown({ token }));
      let session: string;
      try {
        session = await callers.signIn(token);
      } catch (error) {
        if (!isTokenRefused(error)) throw error;
        await limits.countGuess(request);
        const { message } = error;
        return reply.status(401).type('text/html; charset=utf-8').send(page(next, message));
      }
      const { name, secure } = callers.cookieOf(request);
      reply.setCookie(name, session, {
        ...{ path: '/', httpOnly: true, sameSite: 'strict', maxAge: signedInFor },
        secure,
      });
      return reply.redirect(next, 303);
    },
  );
  app.post('/sign-out', { config: { role: 'none' }, bodyLimit: longestForm }, async (request, reply) => {
    const person = await callers.signOut(request);
    const { name, secure } = callers.cookieOf(request);
    reply.clearCookie(name, { path: '/', secure });
    const address = person && (await provider?.signOutAddress(person.idToken));
    if (!provider || address === undefined) return reply.redirect(signInPath, 303);
    return reply.type('text/html; charset=utf-8').send(signedOutPage(provider.name, address));
  });
}

/** Cookies, and forms as browsers send them; for all routes. */
export async function addForms(app: FastifyInstance): Promise<void> {
  await app.register(cookie);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, body: string) => new URLSearchParams(body),
  );
}
