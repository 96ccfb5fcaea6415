import { hkdfSync } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  type CustomFetchOptions,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
} from 'openid-client';
import { readAll } from '../../../io/bytes.ts';
import { isLoopbackHost } from '../../../io/http/addresses.ts';
import { createHttp } from '../../../io/http/create-http.ts';
import type { Http } from '../../../io/http/http.ts';
import type { SignedInPerson } from '../../store/sessions.ts';
import { claimOf, groupsOf, personName, providerName } from './person.ts';
import { refusalOf, SignInRefused } from './sign-in-refused.ts';
import { rightsOf, type SignInRules, signInDefaults } from './sign-in-rules.ts';

/** Where the provider sends browsers back to, below the address of this server. */
const returnPath = '/sign-in/return';

/** Bytes of an answer: metadata, keys, tokens and facts about a person are a few thousand. */
const longestAnswer = 1_000_000;

/** Seconds by which the clocks of the provider and of this machine may differ. */
const clockDifference = 60;

/** Milliseconds for which the provider's metadata hold. */
const metadataHold = 3_600_000;

type WholeRules = SignInRules & { [name in keyof typeof signInDefaults]: NonNullable<SignInRules[name]> };

/** An OpenID Provider, as one client of it. */
export class Provider {
  readonly #rules: WholeRules;
  readonly #now: () => Date;
  readonly #warn: (text: string) => void;
  readonly #http: Http;
  #known: { read: number; configuration: Promise<Configuration> } | undefined;

  constructor(rules: SignInRules, now: () => Date, warn: (text: string) => void) {
    this.#rules = { ...signInDefaults, ...rules };
    this.#now = now;
    this.#warn = warn;
    const { patience } = this.#rules;
    this.#http = createHttp({
      limits: {
        retries: 0,
        redirects: 0,
        connect: patience,
        headers: patience,
        idle: patience,
        whole: patience,
      },
    });
  }

  /** Without `https://`: for pages and the audit log. */
  get name(): string {
    return providerName(this.#rules.issuer);
  }

  /** Asks for the metadata once, so that the operator learns early if nobody can sign in. */
  async try(): Promise<void> {
    try {
      await this.#configuration();
    } catch (error) {
      this.#warn(`nobody can sign in by ${this.name} now: ${(refusalOf(error, this.name) as Error).message}`);
    }
  }

  /** Where a browser goes to sign in. `secret`: what only that browser keeps until it is back. @throws SignInRefused */
  async signInAddress(secret: string): Promise<string> {
    try {
      const { state, nonce, verifier } = partsOf(secret);
      const address = buildAuthorizationUrl(await this.#configuration(), {
        ...{ redirect_uri: this.#returnAddress().href, scope: this.#rules.scopes, state, nonce },
        ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      });
      return address.href;
    } catch (error) {
      throw refusalOf(error, this.name);
    }
  }

  /** The person who came back. `query`: of the address, with `?`. @throws SignInRefused */
  async personOf(query: string, secret: string): Promise<SignedInPerson> {
    const { state, nonce, verifier } = partsOf(secret);
    try {
      const configuration = await this.#configuration();
      const address = this.#returnAddress();
      address.search = query;
      const tokens = await authorizationCodeGrant(configuration, address, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      });
      const claims = { ...tokens.claims()! } as Record<string, unknown> & { sub: string; iat: number };
      // The library looks at the end of a token only.
      if (claims.iat > this.#now().getTime() / 1000 + clockDifference)
        throw new SignInRefused(
          401,
          'the ID token is of a time to come',
          'tell the operator to compare the clocks of the provider and of this machine',
        );
      const { groupsClaim } = this.#rules;
      const isWhole = claimOf(claims, groupsClaim) !== undefined && Object.hasOwn(claims, 'email');
      const more =
        isWhole || configuration.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await fetchUserInfo(configuration, tokens.access_token, claims.sub);
      return this.#personBy({ ...more, ...claims }, claims.sub, tokens.id_token!);
    } catch (error) {
      throw refusalOf(error, this.name);
    }
  }

  /** Where a browser signs out of the provider too; undefined: it has no such address, or does not answer. */
  async signOutAddress(idToken: string | undefined): Promise<string | undefined> {
    try {
      const configuration = await this.#configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      const address = buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: new URL('/sign-in', this.#rules.address).href,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      });
      return /^https?:$/.test(address.protocol) ? address.href : undefined;
    } catch {
      return undefined;
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #returnAddress(): URL {
    return new URL(returnPath, this.#rules.address);
  }

  #personBy(claims: Record<string, unknown>, subject: string, idToken: string): SignedInPerson {
    const { groupsClaim, roles, issuer } = this.#rules;
    const name = personName(subject, claims, issuer);
    if (name === undefined)
      throw new SignInRefused(401, 'the provider names no subject that can be recorded');
    const given = claimOf(claims, groupsClaim);
    if (given === undefined) {
      const isElsewhere = Object.hasOwn((claims['_claim_names'] ?? {}) as object, groupsClaim);
      throw new SignInRefused(
        403,
        isElsewhere
          ? `the provider leaves the claim ${groupsClaim} out, because you are in too many groups for a token`
          : `the provider says nothing about your groups: the claim ${groupsClaim} is missing`,
        `have the provider put the groups that matter here into ${groupsClaim}, or specify the scope with --oidc-scopes or the claim with --oidc-groups-claim`,
        name,
      );
    }
    const groups = groupsOf(given);
    if (!groups)
      throw new SignInRefused(
        403,
        `expected a list of names in the claim ${groupsClaim}, found something else`,
        'specify the claim with the groups with --oidc-groups-claim',
        name,
      );
    const rights = rightsOf(groups, roles);
    if (rights) return { name, rights, idToken };
    throw new SignInRefused(
      403,
      `the provider knows you as ${name}, who is in no group that has a role here`,
      'ask for one of these groups at the provider, or have the operator give one of yours a role with --oidc-role',
      name,
    );
  }

  async #configuration(): Promise<Configuration> {
    const time = performance.now();
    const known = this.#known;
    if (known && time - known.read <= metadataHold) return known.configuration;
    const configuration = this.#discover();
    this.#known = { read: time, configuration };
    try {
      return await configuration;
    } catch (error) {
      // Keep a known configuration; without one, the next use asks again.
      this.#known = known && { ...known, read: time };
      if (known) return known.configuration;
      const refused = refusalOf(error, this.name);
      if (!(refused instanceof SignInRefused)) throw error;
      throw new SignInRefused(503, refused.message, 'try again later, or sign in with a token');
    }
  }

  async #discover(): Promise<Configuration> {
    const { issuer, clientId, patience } = this.#rules;
    const found = await discovery(
      new URL(issuer),
      clientId,
      { [clockTolerance]: clockDifference },
      this.#clientAuth(),
      {
        [customFetch]: (url, options) => this.#fetch(url, options),
        // The limit of #fetch comes first, and says what was waited for.
        timeout: Math.ceil(patience / 1000) + 5,
        execute: [
          enableNonRepudiationChecks,
          // On this machine only: the options take no other issuer without TLS, and #fetch no other address.
          ...(new URL(issuer).protocol === 'http:' ? [allowInsecureRequests] : []),
        ],
      },
    );
    // The library lets Microsoft's address for all tenants stand for any of them.
    const named = found.serverMetadata().issuer;
    if (providerName(named) === providerName(issuer)) return found;
    throw new SignInRefused(503, `expected metadata of the issuer ${issuer}, found those of another one`);
  }

  /** In the header unless the provider takes it in the body only. */
  #clientAuth(): ClientAuth {
    const { clientSecret } = this.#rules;
    if (clientSecret === undefined) return None();
    const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
    return (server, ...rest) => {
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
    };
  }

  async #fetch(url: string, { method, headers, body, signal }: CustomFetchOptions): Promise<Response> {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && !isLoopbackHost(hostname))
      throw new SignInRefused(503, `${this.name} names an address without TLS`, 'tell the operator');
    const answer = await this.#http.request(url, {
      ...{ method: method as 'GET' | 'POST', headers, repeat: false },
      ...(body !== undefined && body !== null && { body: String(body) }),
      ...(signal && { signal }),
    });
    const bytes = await readAll(answer.body, {
      ...{ maxBytes: longestAnswer, code: 'FETCH_TOO_LARGE', where: url },
    });
    return new Response(bytes.length === 0 ? null : new Uint8Array(bytes), {
      status: answer.status,
      headers: answer.headers,
    });
  }
}

/** Values that one sign-in sends and expects back, derived from the secret that its browser keeps. */
function partsOf(secret: string): Record<'state' | 'nonce' | 'verifier', string> {
  const part = (name: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `scapfeed: ${name}`, 32)).toString('base64url');
  return { state: part('state'), nonce: part('nonce'), verifier: part('verifier') };
}
