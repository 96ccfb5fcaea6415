import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { signInPage } from '../../pages/solo-pages.ts';
import { recordActs } from '../../store/audit.ts';
import { beginPersonSession, endSession } from '../../store/sessions.ts';
import type { ServeContext } from '../context.ts';
import type { Callers } from './callers.ts';
import { localPath } from './local-path.ts';
import type { Provider } from './provider.ts';
import { SignInRefused } from './sign-in-refused.ts';
import { peopleRules, type SignInRules } from './sign-in-rules.ts';

/** Seconds that a person may take at the provider. */
const patience = 600;

/** The cookie of a browser that is at the provider. */
interface Departure {
  secret: string;
  /** Where the person wanted to go. */
  next: string;
}

/** Sends browsers to the provider, and signs in who comes back. */
export async function providerRoutes(
  app: FastifyInstance,
  context: ServeContext,
  rules: SignInRules,
  provider: Provider,
  callers: Callers,
): Promise<void> {
  const { database, now } = context;
  const people = peopleRules(rules);
  const secure = rules.address.startsWith('https:');
  // With this prefix, browsers take the cookie of this host only, not one that a neighbour of its domain sets.
  const departure = `${secure ? '__Host-' : ''}scapfeed-sign-in`;
  // Lax: the provider sends the browser back from another site, with an address that shall be answered as one who is signed in.
  const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  const page = (reply: FastifyReply, refused: SignInRefused, next: string) =>
    reply
      .status(refused.status)
      .type('text/html; charset=utf-8')
      .send(signInPage({ next, error: `${refused.message}: ${refused.remedy}`, provider: provider.name }));

  app.get<{ Querystring: { next?: unknown } }>(
    '/sign-in/provider',
    { config: { role: 'none' } },
    async (request, reply) => {
      const next = localPath(request.query.next);
      const secret = randomBytes(32).toString('base64url');
      try {
        const address = await provider.signInAddress(secret);
        reply.setCookie(departure, departureText({ secret, next }, now()), { ...cookie, maxAge: patience });
        return reply.redirect(address, 303);
      } catch (error) {
        if (error instanceof SignInRefused) return page(reply, error, next);
        throw error;
      }
    },
  );

  app.get('/sign-in/return', { config: { role: 'none' } }, async (request, reply) => {
    const gone = departureOf(request, departure, now());
    // It is used once, whatever comes of it.
    reply.clearCookie(departure, cookie);
    if (!gone)
      return page(reply, new SignInRefused(401, 'this browser did not ask to sign in, or too long ago'), '/');
    try {
      const at = request.url.indexOf('?');
      const person = await provider.personOf(at === -1 ? '' : request.url.slice(at), gone.secret);
      const before = callers.sessionOf(request);
      if (before !== undefined) await endSession(database, before);
      const session = await beginPersonSession(database, person, people, now());
      const { rights } = person;
      const as = 'owners' in rights ? `team ${rights.owners.join(', ')}` : rights.role;
      await recordActs(database, [{ actor: person.name, kind: 'change', act: `signed in as ${as}` }], now());
      const own = callers.cookieOf(request);
      reply.setCookie(own.name, session, {
        ...cookie,
        secure: own.secure,
        maxAge: Math.floor(people.lasts / 1000),
      });
      return reply.redirect(gone.next, 303);
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      if (error.person !== undefined)
        await recordActs(
          database,
          [{ actor: error.person, kind: 'refused', act: `sign-in: ${error.message}` }],
          now(),
        );
      return page(reply, error, gone.next);
    }
  });
}

function departureText({ secret, next }: Departure, now: Date): string {
  return [secret, now.getTime(), Buffer.from(next).toString('base64url')].join('.');
}

/** Undefined: there is none, or it is too old. */
function departureOf({ cookies }: FastifyRequest, name: string, now: Date): Departure | undefined {
  const [, secret = '', begun, next = ''] =
    /^([\w-]{43})\.(\d{1,15})\.([\w-]*)$/.exec(cookies[name] ?? '') ?? [];
  const age = now.getTime() - Number(begun);
  if (!(age >= 0 && age <= patience * 1000)) return undefined;
  return { secret, next: localPath(Buffer.from(next, 'base64url').toString()) };
}
