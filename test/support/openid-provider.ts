import { createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, vi } from 'vitest';

/** The certified provider, on this machine. */
export interface TestProvider extends AsyncDisposable {
  issuer: string;
  client: { clientId: string; clientSecret: string };
  /** Requests by path. */
  asked: string[];
  /** Changes what it answers: claims of the ID token, signed again by its own key. */
  claims: ((claims: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** Changes the body of any answer. */
  body: ((path: string, body: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** Answers in its place. */
  instead: ((path: string, response: import('node:http').ServerResponse) => boolean) | undefined;
  /** Another key than the published one, for tokens. */
  foreignKey: boolean;
  end(): Promise<void>;
}

export interface TestAccount {
  email?: string;
  email_verified?: boolean;
  groups?: unknown;
}

export interface TestProviderOptions {
  accounts: Readonly<Record<string, TestAccount>>;
  /** Of the client, which the fleet is: where it returns to. */
  address: string;
  port?: number;
  /** Claims of scopes stand in the ID token, not only in its answer about a person. */
  inToken?: boolean;
  authMethod?: 'client_secret_basic' | 'client_secret_post';
  noEndSession?: boolean;
}

const keys = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey;
};
const own = keys();
const foreign = keys();

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Keeps all: the provider's own memory forgets the oldest of a thousand. */
function memory() {
  const kept = new Map<string, Record<string, unknown>>();
  const without = (isOver: (entry: Record<string, unknown>) => boolean) => {
    for (const [name, entry] of kept) if (isOver(entry)) kept.delete(name);
  };
  const first = (is: (entry: Record<string, unknown>) => boolean) => [...kept.values()].find(is);
  return class {
    readonly #kind: string;
    constructor(kind: string) {
      this.#kind = kind;
    }
    async upsert(id: string, payload: object) {
      kept.set(`${this.#kind} ${id}`, { ...payload });
    }
    async find(id: string) {
      return kept.get(`${this.#kind} ${id}`);
    }
    async findByUid(uid: string) {
      return first((entry) => entry['uid'] === uid);
    }
    async findByUserCode(code: string) {
      return first((entry) => entry['userCode'] === code);
    }
    async consume(id: string) {
      kept.get(`${this.#kind} ${id}`)!['consumed'] = Math.floor(Date.now() / 1000);
    }
    async destroy(id: string) {
      kept.delete(`${this.#kind} ${id}`);
    }
    async revokeByGrantId(id: string) {
      without((entry) => entry['grantId'] === id);
    }
  };
}

/** Drops what the provider prints about itself, in all tests of a file. */
export function quietProvider(): void {
  const spies = (['warn', 'info'] as const).map((level) => vi.spyOn(console, level));
  beforeAll(() => {
    for (const spy of spies) spy.mockImplementation(() => undefined);
  });
  afterAll(() => {
    for (const spy of spies) spy.mockRestore();
  });
}

export async function openTestProvider({
  accounts,
  address,
  port = 0,
  inToken = false,
  authMethod = 'client_secret_basic',
  noEndSession = false,
}: TestProviderOptions): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { clientId: 'fleet', clientSecret: 'a secret: of /the/ client + 100%' };
  const key = own.export({ format: 'jwk' }) as JsonWebKey;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${address}/sign-in/return`],
        post_logout_redirect_uris: [`${address}/sign-in`],
        token_endpoint_auth_method: authMethod,
      },
    ],
    clientAuthMethods: [authMethod],
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'one' }] } as never,
    adapter: memory(),
    cookies: { keys: ['key of cookies'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    conformIdTokenClaims: !inToken,
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: !noEndSession },
    },
    pkce: { required: () => true },
    findAccount: async (_ctx, id) => {
      const account = accounts[id];
      return account && { accountId: id, claims: async () => ({ sub: id, ...account }) };
    },
    // Nobody is asked what the fleet may know.
    loadExistingGrant: async (ctx) => {
      const { client: asking, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({
        clientId: asking!.clientId,
        accountId: session!.accountId!,
      });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 600,
      IdToken: 600,
      Interaction: 600,
      Grant: 600,
      Session: 600,
    },
  });
  const state: TestProvider = {
    ...{ issuer, client, asked: [], claims: undefined, body: undefined, instead: undefined },
    foreignKey: false,
    end: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    [Symbol.asyncDispose]: () => state.end(),
  };
  provider.use(async (ctx, next) => {
    await next();
    const body = ctx.body as Record<string, unknown> | undefined;
    if (typeof body !== 'object' || body === null) return;
    const { id_token: token } = body;
    if (typeof token === 'string' && (state.claims || state.foreignKey)) {
      const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
      const text = `${base64url({ alg: 'RS256', kid: 'one' })}.${base64url(state.claims?.(claims) ?? claims)}`;
      const signature = createSign('RSA-SHA256')
        .update(text)
        .sign(state.foreignKey ? foreign : own, 'base64url');
      ctx.body = { ...body, id_token: `${text}.${signature}` };
    }
    if (state.body) ctx.body = state.body(ctx.path, ctx.body as Record<string, unknown>);
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url!, issuer);
    state.asked.push(pathname);
    if (!state.instead?.(pathname, response)) void answer(request, response);
  });
  return state;
}
