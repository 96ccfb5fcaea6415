import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WaiverRequest } from '../../model/fleet/index.ts';
import { meantId } from '../meant-id.ts';
import { addresses } from '../pages/addresses.ts';
import { PageAnswers, type SentRequest } from '../pages/answer.ts';
import { assets } from '../pages/assets.ts';
import type { PageAnswer, PageMaker } from '../pages/page.ts';
import { feedPage } from '../pages/views/feed.ts';
import { imagePage } from '../pages/views/image/index.ts';
import { imagesPage } from '../pages/views/images.ts';
import { newsPage } from '../pages/views/news.ts';
import { overviewPage } from '../pages/views/overview.ts';
import { packagePage } from '../pages/views/package.ts';
import { packagesPage } from '../pages/views/packages.ts';
import { profilePage } from '../pages/views/profile.ts';
import { profilesPage } from '../pages/views/profiles.ts';
import { searchPage } from '../pages/views/search.ts';
import { vulnerabilitiesPage } from '../pages/views/vulnerabilities.ts';
import { vulnerabilityPage } from '../pages/views/vulnerability.ts';
import { waiversPage } from '../pages/views/waivers.ts';
import { refusal } from '../refusal.ts';
import { storable } from '../store/json.ts';
import { addWaiver } from '../store/waivers.ts';
import type { RouteContext } from './context.ts';
import { ownersSeen, waivingOwner } from './seen-by.ts';

/** Every page by its address. */
const pageMakers: Readonly<Record<string, PageMaker>> = {
  '/': overviewPage,
  '/images': imagesPage,
  '/images/:name': imagePage,
  '/vulnerabilities': vulnerabilitiesPage,
  '/vulnerabilities/:name': vulnerabilityPage,
  '/packages': packagesPage,
  '/packages/:name': packagePage,
  '/profiles': profilesPage,
  '/profiles/:name': profilePage,
  '/news': newsPage,
  '/waivers': waiversPage,
  '/feed': feedPage,
  '/search': searchPage,
};

/** Profiles are shown with all images that they judged. */
function forTeams(address: string): boolean {
  return !address.startsWith('/profiles');
}

/** The pages of the fleet, and their style and script. */
export async function pageRoutes(app: FastifyInstance, context: RouteContext): Promise<void> {
  const pages = new PageAnswers(context);
  for (const [address, make] of Object.entries(pageMakers))
    app.get(
      address,
      { config: { role: 'read', ...(forTeams(address) && { takesTeam: true }) } },
      async (request, reply) =>
        send(request, reply, await pages.answer(sentOf(request), make, nameOf(request))),
    );
  app.post(
    '/vulnerabilities/:name/waivers',
    { config: { role: 'admin', takesTeam: true, audit: 'store' } },
    async (request, reply) => {
      const form = request.body;
      if (!(form instanceof URLSearchParams))
        throw refusal('REQUEST_UNSUPPORTED', 'expected a form with a reason', 'send it as the page does');
      const { database, views, now } = context;
      const id = meantId(nameOf(request));
      const { caller } = request;
      const waiver = { ...waiverOf(id, form), ...waivingOwner(caller, form.get('owner') || undefined) };
      await addWaiver(database, waiver, caller!.name, now());
      // The page that comes next has it.
      await views.exact();
      return reply.redirect(addresses.vulnerability(id), 303);
    },
  );
  for (const [name, { type, body }] of Object.entries(assets))
    app.get(`/assets/${name}`, { config: { role: 'none' } }, async (_request, reply) =>
      // Its address has the digest of what it is.
      reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(body),
    );
}

function sentOf({ url, headers, caller }: FastifyRequest): SentRequest {
  const isSignedIn = caller?.hasSession === true;
  // A request may name a host before the path (RFC 9112, 3.2.2), which no link of a page is to repeat.
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  return {
    ...{ url: path, accept: headers.accept, isSignedIn },
    mayWaive: caller?.role === 'admin' || (caller?.role === 'team' && caller.seen.length > 0),
    seen: ownersSeen(caller, undefined),
  };
}

/** The waiver of a form; a field that is left empty limits nothing. */
function waiverOf(vulnerability: string, form: URLSearchParams): WaiverRequest {
  const given = (['package', 'image', 'until'] as const).flatMap((name) => {
    const text = (form.get(name) ?? '').trim();
    return text === '' ? [] : [[name, text]];
  });
  return { vulnerability, reason: (form.get('reason') ?? '').trim(), ...Object.fromEntries(given) };
}

function nameOf({ params }: FastifyRequest): string {
  return storable((params as { name?: string }).name ?? '');
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, type, headers, body }: PageAnswer,
): FastifyReply {
  const { etag } = headers;
  const isKnown = etag !== undefined && request.headers['if-none-match']?.includes(etag);
  if (isKnown) return reply.status(304).headers(headers).send();
  return reply.status(status).headers(headers).type(type).send(body);
}
