import type { FastifyRequest } from 'fastify';
import { addressMatcher } from '../../../io/http/addresses.ts';
import { isScapfeedError, type ScapfeedError } from '../../../model/error.ts';
import type { OwnersSeen } from '../../../model/fleet/index.ts';
import { refusal } from '../../refusal.ts';
import { recordActs } from '../../store/audit.ts';
import type { Queries } from '../../store/database.ts';
import {
  beginSession,
  type EndedPerson,
  endSession,
  type PeopleRules,
  sessionRights,
} from '../../store/sessions.ts';
import type { AccessRole, TokenRole } from '../../store/tokens.ts';
import { digestOf, findToken, hasTokens, knownDigests } from '../../store/tokens.ts';
import type { Caller, ServeContext } from '../context.ts';
import { groupOf, isLoopback, type ProxyRules, roleOfGroups } from './rules.ts';

/** The cookie that `/sign-in` sets: a session of its own, which scripts cannot read and `/sign-out` ends. */
const cookieName = 'scapfeed';

/** Attributes of the session cookie. */
export interface SessionCookie {
  name: string;
  secure: boolean;
}

/** The caller's credentials in a request. */
export type CallerCredentials =
  | { token: string }
  | { session: string }
  | { user: string; groups: string }
  | undefined;

/** Whether a token was asked for and is none, which may have been a guess. */
export function isTokenRefused(error: unknown): error is ScapfeedError {
  return isScapfeedError(error) && error.code === 'TOKEN_REFUSED';
}

function tokenRefused(): ScapfeedError {
  return refusal('TOKEN_REFUSED', 'the token is unknown, or its time is over', 'ask for another one');
}

/** The token as Harbor sends it besides Bearer: as an API key, or as the password of Basic. */
function harborToken({ headers }: FastifyRequest): string | undefined {
  const key = headers['x-scanneradapter-api-key'];
  if (typeof key === 'string') return key;
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return password;
}

/** A team without owners sees nothing: what is missing never opens the fleet. */
function seenIn(role: TokenRole, owners: readonly string[] | null): OwnersSeen {
  return role === 'team' || role === 'send' ? (owners ?? []) : 'all';
}

async function tokenRights(queries: Queries, token: string, now: Date) {
  const found = await findToken(queries, token, now);
  return found && { ...found, owners: found.owner === null ? null : [found.owner] };
}

/** Identifies callers. */
export class Callers {
  readonly #context: ServeContext;
  readonly #proxy: ProxyRules | undefined;
  readonly #isProxy: (address: string) => boolean;
  readonly #isLoopback: boolean;
  readonly #people: PeopleRules | undefined;
  readonly #isHttps: boolean;
  #known: { read: number; digests: Promise<ReadonlySet<string>> } | undefined;

  /** `people`: absent: nobody signs in by a provider. `address`: the origin as browsers open it; absent: not known. */
  constructor(
    context: ServeContext,
    host: string,
    {
      proxy,
      people,
      address,
    }: { proxy?: ProxyRules | undefined; people?: PeopleRules | undefined; address?: string | undefined },
  ) {
    this.#isHttps = address?.startsWith('https:') === true;
    this.#context = context;
    this.#proxy = proxy;
    this.#people = people;
    this.#isProxy = addressMatcher(proxy?.trusted ?? []);
    this.#isLoopback = isLoopback(host);
  }

  /**
   * By TLS, here or before a proxy, the name has a prefix with which browsers take it from this host only: a neighbour of its
   * domain could sign a person in as somebody else. Then no other name is read.
   */
  cookieOf({ protocol }: FastifyRequest): SessionCookie {
    const secure = this.#isHttps || protocol === 'https';
    return { name: `${secure ? '__Host-' : ''}${cookieName}`, secure };
  }

  /** Whether people sign in by a provider. */
  get hasPeople(): boolean {
    return this.#people !== undefined;
  }

  /** The value of the session cookie. */
  sessionOf(request: FastifyRequest): string | undefined {
    return request.cookies[this.cookieOf(request).name];
  }

  /** A token is worth more than a proxy's word: it was given on purpose. */
  credentialsOf(request: FastifyRequest): CallerCredentials {
    const { authorization } = request.headers;
    const ofHarbor = request.routeOptions.config.takesHarbor && harborToken(request);
    if (ofHarbor) return { token: ofHarbor };
    if (authorization !== undefined) {
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      return { token };
    }
    const cookie = this.sessionOf(request);
    if (cookie !== undefined) return { session: cookie };
    const { userHeader, groupsHeader } = this.#proxy ?? {};
    const { remoteAddress = '' } = request.socket;
    if (userHeader === undefined || !this.#isProxy(remoteAddress)) return undefined;
    const user = request.headers[userHeader];
    if (typeof user !== 'string' || user === '') return undefined;
    const groups = groupsHeader === undefined ? groupOf.read : request.headers[groupsHeader];
    return { user, groups: String(groups ?? '') };
  }

  /** Reading is open on this machine's own address until there is a token, or a proxy or provider that authenticates callers. */
  async isOpen(): Promise<boolean> {
    if (!this.#isLoopback || this.#proxy?.userHeader !== undefined || this.#people) return false;
    return !(await hasTokens(this.#context.database));
  }

  /** @throws TOKEN_MISSING, TOKEN_REFUSED, NOT_ALLOWED */
  async callerOf(request: FastifyRequest, credentials: CallerCredentials): Promise<Caller> {
    if (credentials === undefined) return this.#anyone(request);
    if ('user' in credentials) {
      const role = roleOfGroups(credentials.groups);
      if (role === undefined)
        throw refusal(
          'NOT_ALLOWED',
          `the user is in none of the groups ${Object.values(groupOf).join(', ')}`,
        );
      return { name: credentials.user, role, seen: 'all', isBrowser: true };
    }
    const { database, now } = this.#context;
    const isBrowser = 'session' in credentials;
    const rights = isBrowser
      ? await sessionRights(database, credentials.session, now(), this.#people)
      : await tokenRights(database, credentials.token, now());
    if (!rights) throw tokenRefused();
    const { name, role, names, owners } = rights;
    return {
      name,
      role,
      isBrowser,
      ...(isBrowser && { hasSession: true as const }),
      seen: seenIn(role, owners),
      ...(names !== null && { names }),
    };
  }

  /**
   * Whether there is such a token or session, without a question to the database for each guess: what there is, is read again after
   * a second.
   */
  async isKnown(credentials: Exclude<CallerCredentials, { user: string } | undefined>): Promise<boolean> {
    const time = performance.now();
    if (!this.#known || time - this.#known.read > 1000) {
      const { database, now } = this.#context;
      const digests = knownDigests(database, now());
      this.#known = { read: time, digests };
      // A failed read is repeated at the next use.
      digests.catch(() => {
        this.#known = undefined;
      });
    }
    const secret = 'token' in credentials ? credentials.token : credentials.session;
    return (await this.#known.digests).has(digestOf(secret).toString('hex'));
  }

  /** Signs in with a browser. Returns what its cookie holds. @throws TOKEN_REFUSED */
  async signIn(given: string): Promise<string> {
    const { database, now } = this.#context;
    const token = await findToken(database, given, now());
    if (!token) throw tokenRefused();
    return beginSession(database, token, now());
  }

  /** Returns who signed out, if it was a person of a provider. */
  async signOut(request: FastifyRequest): Promise<EndedPerson | undefined> {
    const session = this.sessionOf(request);
    if (session === undefined) return undefined;
    const { database, now } = this.#context;
    const person = await endSession(database, session);
    if (person)
      await recordActs(database, [{ actor: person.name, kind: 'change', act: 'signed out' }], now());
    return person;
  }

  async #anyone(request: FastifyRequest): Promise<Caller> {
    if (!(await this.isOpen()))
      throw refusal('TOKEN_MISSING', 'expected a token', 'send it as `authorization: Bearer TOKEN`');
    // Another site can have a name that stands for this machine, and then reads what its page asks for here.
    const name = request.hostname.replace(/^\[|\]$/g, '');
    if (!isLoopback(name))
      throw refusal(
        'NOT_ALLOWED',
        `expected this machine's own name, found ${name}`,
        'ask for it at localhost, or make a token',
      );
    return { name: 'anyone', role: 'read' satisfies AccessRole, seen: 'all', isBrowser: true };
  }
}
