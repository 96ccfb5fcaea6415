import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { signInPage } from '../../pages/solo-pages.ts';
import { signedInFor } from '../../store/sessions.ts';
import { refusal } from '../problem.ts';
import { type Callers, cookieName, isTokenRefused } from './callers.ts';
import type { RequestLimits } from './limits.ts';

export const signInPath = '/sign-in';

/** The longest form that is taken. */
const longestForm = 4096;

/** A page that takes a token, and keeps it in a cookie that no script and no other site can use. */
export async function signInRoutes(
  app: FastifyInstance,
  callers: Callers,
  limits: RequestLimits,
): Promise<void> {
  app.get<{ Querystring: { next?: unknown } }>(
    signInPath,
    { config: { role: 'none' } },
    async (request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send(signInPage(signInPath, localPath(request.query.next), undefined)),
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
        return reply
          .status(401)
          .type('text/html; charset=utf-8')
          .send(signInPage(signInPath, next, message));
      }
      reply.setCookie(cookieName, session, {
        ...{ path: '/', httpOnly: true, sameSite: 'strict', maxAge: signedInFor },
        secure: request.protocol === 'https',
      });
      return reply.redirect(next, 303);
    },
  );
  app.post('/sign-out', { config: { role: 'none' }, bodyLimit: longestForm }, async (request, reply) => {
    await callers.signOut(request);
    reply.clearCookie(cookieName, { path: '/' });
    return reply.redirect(signInPath, 303);
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

/** Where a person wanted to go, if it is here. */
function localPath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(given) && !given.includes('\\')
    ? given
    : '/';
}
