import { readAll } from '../io/bytes.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import type { Http } from '../io/http/http.ts';
import type { Credentials } from './credentials.ts';
import { notAllowed, type RegistrySubject } from './subject.ts';

/** An authentication challenge: the scheme in lower case and its parameters (RFC 9110 11.6.1). */
interface Challenge {
  scheme: string;
  parameters: Readonly<Record<string, string>>;
}

/** Parses the challenges of a WWW-Authenticate header; one field may have several. */
function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [, scheme, name, quoted, plain] of header.matchAll(challengePart)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const current = challenges.at(-1);
    if (name !== undefined && current) {
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    }
  }
  return challenges;
}

/** `Scheme` before a blank, or `name=value` with a quoted or plain value. */
const challengePart =
  /(?:([A-Za-z][A-Za-z0-9-]*)(?=\s+[A-Za-z]|\s*(?:,|$))\s*|([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))(?:\s*,)?/g;

/** Limit on a token server's answer, in bytes. */
const maxTokenBytes = 256 * 1024;

export interface AuthorizerOptions {
  http: Http;
  /** Whether credentials may be sent to a token server by plain http. */
  mayBePlain(tokenServer: URL): boolean;
  /** The repository to use. */
  name: string;
  /** Its purpose; a token for pushing is requested at once, whatever request was refused first. */
  may: 'pull' | 'push';
  subject: RegistrySubject;
  /** Called once, when the registry asks for credentials. */
  credentials(): Promise<Credentials | undefined>;
}

/** Makes the Authorization header that a registry asks for (distribution spec: Basic, or a Bearer token). */
export class Authorizer {
  #options: AuthorizerOptions;
  #header: string | undefined;
  #pending: Promise<string> | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Header from the last challenge that was answered. */
  get header(): string | undefined {
    return this.#header;
  }

  /**
   * Answers a 401. Layers that are refused at the same time share one answer.
   * @throws FETCH_REFUSED if there is no login or it was refused
   */
  async answer(challenge: string, refused: string | undefined, where: string): Promise<string> {
    if (this.#header !== undefined && this.#header !== refused) return this.#header;
    this.#pending ??= this.#newHeader(challenge, where).finally(() => {
      this.#pending = undefined;
    });
    this.#header = await this.#pending;
    return this.#header;
  }

  async #newHeader(header: string, where: string): Promise<string> {
    const challenges = parseChallenges(header);
    const credentials = await this.#options.credentials();
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer && credentials?.kind === 'bearer') return `Bearer ${credentials.token}`;
    if (bearer) return `Bearer ${await this.#fetchToken(bearer.parameters, credentials, where)}`;
    const asksBasic = challenges.some(({ scheme }) => scheme === 'basic');
    if (asksBasic && credentials?.kind === 'basic') return basic(credentials);
    const schemes = challenges.map(({ scheme }) => scheme).join(', ');
    throw this.#refuse(`the registry asks for a login (${schemes})`, where);
  }

  async #fetchToken(
    { realm = '', service, scope }: Readonly<Record<string, string>>,
    credentials: Credentials | undefined,
    where: string,
  ): Promise<string> {
    const url = this.#realm(realm, where);
    const query = new URLSearchParams({
      ...(service && { service }),
    });
    for (const wanted of this.#scopes(scope)) query.append('scope', wanted);
    const answer =
      credentials?.kind === 'identity'
        ? await this.#refresh(url, query, credentials.token)
        : await this.#options.http.request(withQuery(url, query), {
            ...(credentials?.kind === 'basic' && { headers: { authorization: basic(credentials) } }),
          });
    if (answer.status !== 200) {
      await answer.discard();
      throw this.#refuse(`the token server answered ${answer.status}`, url);
    }
    const bytes = await readAll(answer.body, {
      maxBytes: maxTokenBytes,
      code: 'FETCH_TOO_LARGE',
      where: url,
    });
    const token = tokenOf(bytes);
    if (token !== undefined) return token;
    throw this.#refuse('expected a token, found none in the answer', url);
  }

  /** A publisher also reads, and needs more only to delete: one token for all of it saves requests. */
  #scopes(asked: string | undefined): string[] {
    const { name, may } = this.#options;
    if (may === 'pull') return [asked ?? `repository:${name}:pull`];
    const isMore = asked !== undefined && !/:(pull|push)(,(pull|push))*$/.test(asked);
    return [`repository:${name}:pull,push`, ...(isMore ? [asked] : [])];
  }

  /** https://distribution.github.io/distribution/spec/auth/oauth/ */
  #refresh(url: string, query: URLSearchParams, token: string) {
    query.set('grant_type', 'refresh_token');
    query.set('client_id', 'scapfeed');
    query.set('refresh_token', token);
    query.set('scope', query.getAll('scope').join(' '));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#options.http.request(url, { method: 'POST', headers, body: query.toString(), redirects: 0 });
  }

  #refuse(message: string, where: string) {
    return notAllowed(this.#options.subject, message, where);
  }

  /** Credentials go to the token server that the registry names; by plain http only if the user allows it. */
  #realm(realm: string, where: string): string {
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    if (url?.protocol === 'https:' || (url?.protocol === 'http:' && this.#options.mayBePlain(url))) {
      return url.href;
    }
    throw this.#refuse(
      `expected the https address of a token server, found ${JSON.stringify(realm)}; plain http is only for one on the registry's own host or named by --insecure-registry`,
      where,
    );
  }
}

function withQuery(address: string, query: URLSearchParams): string {
  const url = new URL(address);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url.href;
}

function basic({ username, password }: Extract<Credentials, { kind: 'basic' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Older servers send `token`, OAuth2 ones `access_token`. */
function tokenOf(bytes: Buffer): string | undefined {
  let answer: unknown;
  try {
    answer = parseForeignJson(bytes);
  } catch {
    answer = undefined;
  }
  const { token, access_token: accessToken } = (answer ?? {}) as Record<string, unknown>;
  return [token, accessToken].find(
    (value): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
  );
}
