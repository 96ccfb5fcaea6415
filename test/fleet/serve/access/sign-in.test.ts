import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SignInRules } from '../../../../src/fleet/serve/access/sign-in-rules.ts';
import { readAudit } from '../../../../src/fleet/store/audit.ts';
import { listWaivers } from '../../../../src/fleet/store/waivers.ts';
import { freePort } from '../../../jobs/support/free-port.ts';
import { newEmbedded } from '../../../support/fleet.ts';
import { openFleetServer, type TestFleetServer } from '../../../support/fleet-server.ts';
import { JarBrowser } from '../../../support/jar-browser.ts';
import { openTestProvider, quietProvider, type TestProvider } from '../../../support/openid-provider.ts';

const accounts = {
  ann: { email: 'ann@example.org', email_verified: true, groups: ['staff', 'fleet-admins'] },
  bob: { email: 'bob@example.org', groups: ['payments', 'readers'] },
  cat: { email: 'cat@example.org', email_verified: false, groups: ['readers', 'payments'] },
  dan: { email: 'dan@example.org', groups: ['staff'] },
  eve: { email: 'eve@example.org' },
  fay: { email: 'admin (x at y)@example.org', groups: 'readers' },
  hal: { groups: ['shops', 'readers', 'payments'] },
  gil: { groups: [{ name: 'fleet-admins' }] },
};

const roles: SignInRules['roles'] = [
  { group: 'fleet-admins', role: 'admin' },
  { group: 'payments', role: 'team', owner: 'pay' },
  { group: 'readers', role: 'read' },
  { group: 'shops', role: 'team', owner: 'shop' },
];

const rulesOf = (provider: TestProvider, address: string, more: Partial<SignInRules> = {}): SignInRules => ({
  ...{ issuer: provider.issuer, ...provider.client, address, roles, scopes: 'openid email groups' },
  ...more,
});

const alertOf = (text: string) => /role="alert">(.*?)<\/div>/s.exec(text)?.[1]?.replaceAll(/<[^>]+>/g, '');

quietProvider();

describe('sign-in at an OpenID Provider', { timeout: 120_000 }, () => {
  let provider: TestProvider;
  let server: TestFleetServer;
  let address: string;
  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    provider = await openTestProvider({ address, accounts });
    server = await openFleetServer(await newEmbedded(), { port, signIn: rulesOf(provider, address) });
  });
  afterEach(() => {
    Object.assign(provider, { claims: undefined, body: undefined, instead: undefined, foreignKey: false });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await provider.end();
  });

  const back = (browser: JarBrowser, login = 'ann', next = '/') => browser.sentBack(address, login, next);
  const tokensAsked = () => provider.asked.filter((path) => path === '/token').length;
  const images = (browser: JarBrowser) =>
    browser.open(`${address}/api/v1/images`, { headers: { accept: 'application/json' } });

  it('the first rule whose group a person is in decides, and nothing is open without it', async () => {
    expect(server.isOpen).toBe(false);
    expect((await server.ask('/api/v1/images')).status).toBe(401);
    const of = async (login: string, path: string) => {
      const browser = new JarBrowser();
      expect((await browser.signIn(address, login, '/images')).url, login).toBe(`${address}/images`);
      return (await browser.open(address + path, { headers: { accept: 'application/json' } })).status;
    };
    expect(await of('ann', '/api/v1/audit')).toBe(200);
    const reader = new JarBrowser();
    await reader.signIn(address, 'fay');
    const refused = await reader.open(`${address}/vulnerabilities/CVE-2024-1/waivers`, {
      ...{ method: 'POST', body: new URLSearchParams({ reason: 'x' }) },
      headers: { accept: 'text/html', origin: address },
    });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('or sign in as a member of a group that has it');
    expect(refused.text).toContain('Sign in as somebody else');
    expect(await of('bob', '/api/v1/images')).toBe(200);
    expect(await of('bob', '/api/v1/runs')).toBe(403);
    // The order of the rules decides, not that of the groups.
    expect(await of('cat', '/api/v1/runs')).toBe(403);
    expect(await of('hal', '/api/v1/runs')).toBe(403);
    expect(await of('fay', '/api/v1/runs')).toBe(200);
    expect(await of('fay', '/api/v1/audit')).toBe(403);
    const { host } = new URL(provider.issuer);
    const acts = await readAudit(server.context.database, { limit: 100, kind: 'change' });
    expect(acts.map(({ actor, act }) => `${actor}: ${act}`)).toEqual(
      expect.arrayContaining([
        `ann@example.org (ann at ${host}): signed in as admin`,
        `bob@example.org (bob at ${host}): signed in as team pay`,
        // An address that nobody verified, or with words of its own, names nobody.
        `cat at ${host}: signed in as team pay`,
        `fay at ${host}: signed in as read`,
        `hal at ${host}: signed in as team pay, shop`,
      ]),
    );
  });

  it.each([
    ['eve', 'the claim groups is missing', '--oidc-groups-claim'],
    ['dan', 'is in no group that has a role here', 'ask for one of these groups'],
    ['gil', 'a list of names in the claim groups', '--oidc-groups-claim'],
  ])('%s may do nothing, is told why, and is recorded: %s', async (login, why, remedy) => {
    const browser = new JarBrowser();
    const page = await browser.signIn(address, login);
    expect(page.status).toBe(403);
    expect(alertOf(page.text)).toContain(why);
    expect(alertOf(page.text)).toContain(remedy);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('scapfeed'))).toEqual([]);
    const [last] = await readAudit(server.context.database, { limit: 1, kind: 'refused' });
    expect(last).toMatchObject({ actor: expect.stringContaining(`${login} at 127.0.0.1`) });
    expect(last!.act).toMatch(/^sign-in: /);
  });

  it('groups that a token has no room for are not taken for none', async () => {
    provider.body = (path, body) => (path === '/me' ? { ...body, _claim_names: { groups: 'src1' } } : body);
    const page = await new JarBrowser().signIn(address, 'eve');
    expect([page.status, alertOf(page.text)]).toEqual([403, expect.stringContaining('too many groups')]);
  });

  it('a forged state, and a return that this browser did not ask for, are refused unasked', async () => {
    const browser = new JarBrowser();
    const url = new URL(await back(browser));
    const before = tokensAsked();
    const other = new JarBrowser();
    expect((await other.open(url.href)).status).toBe(401);
    // The other one's own departure does not fit.
    await other.open(`${address}/sign-in/provider`);
    expect((await other.open(url.href)).status).toBe(401);
    url.searchParams.set('state', 'x'.repeat(43));
    const forged = await browser.open(url.href);
    expect([forged.status, alertOf(forged.text)]).toEqual([401, expect.stringContaining('state')]);
    url.searchParams.delete('state');
    for (const url of [`${address}/sign-in/return`, `${address}/sign-in/return?code=x&state=y`])
      expect((await new JarBrowser().open(url)).status).toBe(401);
    expect(tokensAsked()).toBe(before);
    expect((await images(browser)).status).toBe(401);
  });

  it('an answer that names another issuer, or an error, is refused', async () => {
    const browser = new JarBrowser();
    const url = new URL(await back(browser));
    url.searchParams.set('iss', 'https://evil.example');
    expect((await browser.open(url.href)).status).toBe(401);
    const again = new JarBrowser();
    const { searchParams } = new URL(await back(again));
    const refused = new URLSearchParams({
      ...{ error: 'access_denied', error_description: '<b>x</b>' },
      ...{ state: searchParams.get('state')!, iss: provider.issuer },
    });
    const page = await again.open(`${address}/sign-in/return?${refused}`);
    expect([page.status, alertOf(page.text)]).toEqual([
      401,
      expect.stringContaining('refused: access_denied'),
    ]);
  });

  it('a way to go on that is longer than a cookie leads to the first page, not to nowhere', async () => {
    const browser = new JarBrowser();
    const page = await browser.signIn(address, 'ann', `/images?search=${'x'.repeat(4000)}`);
    expect([page.status, page.url]).toEqual([200, `${address}/`]);
  });

  it('a code is worth one sign-in, of the browser that asked', async () => {
    const browser = new JarBrowser();
    const url = await back(browser);
    const thief = new JarBrowser();
    for (const [name, cookie] of browser.cookies) thief.cookies.set(name, cookie);
    expect((await browser.open(url)).status).toBe(200);
    const replayed = await thief.open(url);
    expect([replayed.status, alertOf(replayed.text)]).toEqual([
      401,
      expect.stringContaining('invalid_grant'),
    ]);
    expect((await images(thief)).status).toBe(401);
    // Back in the same browser: nothing new, and nothing lost.
    expect((await browser.open(url)).status).toBe(401);
    expect((await images(browser)).status).toBe(200);
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  it.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>, number]>([
    ['as it is', (claims) => claims, 200],
    ['of another audience', (claims) => ({ ...claims, aud: 'other' }), 401],
    ['of two audiences without a party', (claims) => ({ ...claims, aud: ['fleet', 'other'] }), 401],
    ['of another issuer', (claims) => ({ ...claims, iss: 'https://evil.example' }), 401],
    ['of another sign-in', (claims) => ({ ...claims, nonce: 'x' }), 401],
    ['of no sign-in', ({ nonce: _nonce, ...claims }) => claims, 401],
    ['that ended within the difference of clocks', (claims) => ({ ...claims, exp: seconds() - 20 }), 200],
    ['that ended before', (claims) => ({ ...claims, exp: seconds() - 120 }), 401],
    ['made a little later', (claims) => ({ ...claims, iat: seconds() + 30 }), 200],
    ['made in time to come', (claims) => ({ ...claims, iat: seconds() + 300 }), 401],
    ['that holds later', (claims) => ({ ...claims, nbf: seconds() + 300 }), 401],
    ['without a subject', ({ sub: _sub, ...claims }) => claims, 401],
    ['of another person than the answer about it', (claims) => ({ ...claims, sub: 'bob' }), 401],
  ])('an ID token %s', async (_what, claims, status) => {
    provider.claims = claims;
    const browser = new JarBrowser();
    const page = await browser.signIn(address, 'ann');
    expect([page.status, alertOf(page.text)]).toEqual([
      status,
      status === 200 ? undefined : expect.any(String),
    ]);
    expect((await images(browser)).status).toBe(status);
  });

  it('an ID token by another key, or by none, is refused', async () => {
    provider.foreignKey = true;
    expect((await new JarBrowser().signIn(address, 'ann')).status).toBe(401);
    provider.foreignKey = false;
    provider.body = (_path, { id_token: token, ...body }) => {
      if (typeof token !== 'string') return body;
      const head = Buffer.from('{"alg":"none"}').toString('base64url');
      return { ...body, id_token: `${head}.${token.split('.')[1]}.` };
    };
    expect((await new JarBrowser().signIn(address, 'ann')).status).toBe(401);
    provider.body = (_path, { id_token: _token, ...body }) => body;
    expect((await new JarBrowser().signIn(address, 'ann')).status).toBe(401);
  });

  it('a session that was planted is not the one that is begun, and ends', async () => {
    const attacker = new JarBrowser();
    await attacker.signIn(address, 'cat');
    const victim = new JarBrowser();
    const planted = attacker.cookies.get('scapfeed')!;
    victim.cookies.set('scapfeed', planted);
    await victim.signIn(address, 'ann');
    expect(victim.cookies.get('scapfeed')!.value).not.toBe(planted.value);
    expect((await images(victim)).status).toBe(200);
    expect((await images(attacker)).status).toBe(401);
  });

  it('another site waives nothing by the session, the page itself does, under the name of the person', async () => {
    const browser = new JarBrowser();
    await browser.signIn(address, 'ann');
    expect(browser.cookies.get('scapfeed')!.attributes).toMatch(/HttpOnly; SameSite=Lax$/);
    const form = `${address}/vulnerabilities/CVE-2026-0001/waivers`;
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': '', origin: 'https://evil.example' },
      { 'sec-fetch-site': '', origin: 'null' },
    ])
      expect((await browser.submit(form, { reason: 'x' }, headers)).status, JSON.stringify(headers)).toBe(
        403,
      );
    expect(await listWaivers(server.context.database, new Date(), 'all')).toEqual([]);
    await browser.submit(form, { reason: 'not built' });
    const [made] = await listWaivers(server.context.database, new Date(), 'all');
    const { host } = new URL(provider.issuer);
    const author = `ann@example.org (ann at ${host})`;
    expect(made).toMatchObject({ reason: 'not built', author });
    const acts = await readAudit(server.context.database, { limit: 10, kind: 'change', actor: author });
    expect(acts[0]!.act).toContain('CVE-2026-0001');
  });

  it.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/%0d%0ax: y\r\nx',
    'javascript:1',
    '/a b',
  ])('the way back is on this server: %s', async (next) => {
    const page = await new JarBrowser().signIn(address, 'ann', next);
    expect(new URL(page.url).origin).toBe(address);
    const browser = new JarBrowser();
    const url = await back(browser, 'ann');
    const cookie = browser.cookies.get('scapfeed-sign-in')!;
    const [secret, time] = cookie.value.split('.');
    cookie.value = `${secret}.${time}.${Buffer.from(next).toString('base64url')}`;
    const forged = await browser.open(url, { follow: false });
    expect(new URL(forged.headers.get('location')!, address).origin).toBe(address);
  });

  it('the provider sends back to the address of the settings, whatever the request says', async () => {
    for (const host of ['evil.example', `evil.example:${new URL(address).port}`]) {
      const answer = await server.app.inject({
        url: '/sign-in/provider',
        headers: { host, 'x-forwarded-host': host, forwarded: `host=${host}` },
      });
      const { searchParams } = new URL(String(answer.headers['location']));
      expect(searchParams.get('redirect_uri')).toBe(`${address}/sign-in/return`);
      expect(searchParams.get('code_challenge_method')).toBe('S256');
    }
  });

  it('the audit log finds a person by the mail address, and no other one', async () => {
    await new JarBrowser().signIn(address, 'ann');
    const token = await server.token('admin');
    const actors = async (actor: string) => {
      const answer = await server.ask(`/api/v1/audit?actor=${encodeURIComponent(actor)}`, { token });
      const { items } = (await answer.json()) as { items: { actor: string }[] };
      return [...new Set(items.map((each) => each.actor))];
    };
    const [all] = await actors('ann@example.org');
    expect(all).toMatch(/^ann@example\.org \(ann at /);
    expect(await actors(all!)).toEqual([all]);
    for (const none of ['ann', 'ann@example.or_', '%', 'ann@example']) expect(await actors(none)).toEqual([]);
    const answer = await server.ask('/api/v1/audit?aktor=ann', { token });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(': aktor')]);
  });

  it('signing out ends the session, and is offered at the provider, which is told who', async () => {
    const browser = new JarBrowser();
    await browser.signIn(address, 'ann');
    const copy = new JarBrowser();
    copy.cookies.set('scapfeed', browser.cookies.get('scapfeed')!);
    const kept = JSON.stringify(await server.context.database.query('SELECT hint FROM fleet.sessions'));
    const page = await browser.submit(`${address}/sign-out`, {});
    const [, link = ''] = /class="main" href="([^"]+)"/.exec(page.text) ?? [];
    const end = new URL(link.replaceAll('&amp;', '&'));
    const hint = end.searchParams.get('id_token_hint')!;
    expect(JSON.parse(Buffer.from(hint.split('.')[1]!, 'base64url').toString()).sub).toBe('ann');
    expect(kept).not.toContain(hint.slice(0, 20));
    expect((await images(copy)).status).toBe(401);
    expect(browser.cookies.has('scapfeed')).toBe(false);
    const [last] = await readAudit(server.context.database, { limit: 1, kind: 'change' });
    expect(last).toMatchObject({ actor: expect.stringMatching(/^ann@/), act: 'signed out' });
    // The provider still knows the browser until it is signed out there.
    const known = await browser.open(`${address}/sign-in/provider`);
    expect(known.url).toBe(`${address}/`);
    await browser.submit(`${address}/sign-out`, {});
    const asks = await browser.open(end.href);
    const [, action = ''] = /action="([^"]+)"/.exec(asks.text) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asks.text) ?? [];
    const ended = await browser.submit(action, { xsrf, logout: 'yes' });
    expect(ended.url).toBe(`${address}/sign-in`);
    expect((await browser.open(`${address}/sign-in/provider`)).url).toContain('/interaction/');
  });

  it('answers that are huge, slow, broken or away end the sign-in, and nothing else', async () => {
    for (const [what, instead] of Object.entries<NonNullable<TestProvider['instead']>>({
      huge: (path, response) => {
        if (path !== '/token') return false;
        response.setHeader('content-type', 'application/json');
        response.end(`{"access_token":"${'x'.repeat(2_000_000)}"}`);
        return true;
      },
      failing: (path, response) => {
        if (path !== '/token') return false;
        response.writeHead(500).end('no');
        return true;
      },
      broken: (path, response) => {
        if (path !== '/token') return false;
        response.setHeader('content-type', 'application/json');
        response.end('{"access_token":');
        return true;
      },
      gone: (path, response) => {
        if (path !== '/me') return false;
        response.destroy();
        return true;
      },
    })) {
      provider.instead = instead;
      const page = await new JarBrowser().signIn(address, 'ann');
      expect([page.status, what]).toEqual([503, what]);
      expect(alertOf(page.text)).toContain('sign in with a token');
    }
    provider.instead = undefined;
    expect((await new JarBrowser().signIn(address, 'ann')).status).toBe(200);
    expect(server.warnings).toEqual([]);
  });
});

describe('a server with sign-in', { timeout: 120_000 }, () => {
  const open = async (
    options: Partial<Parameters<typeof openTestProvider>[0]> & {
      rules?: Partial<SignInRules>;
      address?: string;
      server?: Parameters<typeof openFleetServer>[1];
      place?: string;
    } = {},
  ) => {
    const port = await freePort();
    const address = options.address ?? `http://127.0.0.1:${port}`;
    const place = options.place ?? (await newEmbedded());
    const provider = await openTestProvider({ accounts, ...options, address });
    const start = (rules: Partial<SignInRules> | undefined = options.rules) =>
      openFleetServer(place, { port, signIn: rulesOf(provider, address, rules), ...options.server });
    return { provider, address, place, port, start, [Symbol.asyncDispose]: () => provider.end() };
  };
  const status = async (browser: JarBrowser, address: string) =>
    (await browser.open(`${address}/api/v1/images`, { headers: { accept: 'application/json' } })).status;

  it('keeps sessions over a restart, unless the rules are others or gone', async () => {
    await using parts = await open();
    const { address, place, port } = parts;
    const browser = new JarBrowser();
    {
      await using _server = await parts.start();
      await browser.signIn(address, 'ann');
    }
    {
      await using _server = await parts.start();
      expect(await status(browser, address)).toBe(200);
    }
    {
      await using _server = await parts.start({ roles: [{ group: 'fleet-admins', role: 'read' }] });
      expect(await status(browser, address)).toBe(401);
    }
    {
      await using server = await openFleetServer(place, { port });
      await server.token('read');
      expect(await status(browser, address)).toBe(401);
      expect((await server.ask('/sign-in/return?code=x')).status).toBe(404);
    }
  });

  it('ends sessions after their time, and after a time without a request', async () => {
    let now = Date.now();
    const hours = 3_600_000;
    await using parts = await open({
      ...{ rules: { lasts: 4 * hours, idle: hours }, server: { now: () => new Date(now) } },
    });
    const { address } = parts;
    await using _server = await parts.start();
    const idle = new JarBrowser();
    await idle.signIn(address, 'ann');
    const busy = new JarBrowser();
    await busy.signIn(address, 'ann');
    for (let count = 0; count < 4; count += 1) {
      expect(await status(busy, address), String(count)).toBe(200);
      now += 0.9 * hours;
    }
    expect(await status(idle, address)).toBe(401);
    expect(await status(busy, address)).toBe(200);
    now += 0.5 * hours;
    expect(await status(busy, address)).toBe(401);
    expect(busy.cookies.get('scapfeed')!.attributes).toContain(`Max-Age=${4 * 3600}`);
  });

  it('finds groups in a nested claim', async () => {
    await using parts = await open({ rules: { groupsClaim: 'realm_access.roles' } });
    parts.provider.claims = (claims) => ({ ...claims, realm_access: { roles: ['readers'] } });
    await using server = await parts.start();
    const browser = new JarBrowser();
    const page = await browser.signIn(server.origin, 'eve', '/images');
    expect([page.status, page.url]).toEqual([200, `${server.origin}/images`]);
  });

  it('behind TLS has cookies for HTTPS and this host only; a person may take ten minutes', async () => {
    let now = Date.now();
    const address = 'https://fleet.example';
    await using parts = await open({
      address,
      server: { now: () => new Date(now) },
      authMethod: 'client_secret_post',
    });
    const { port } = parts;
    await using server = await parts.start();
    const browser = new JarBrowser({ [address]: server.origin });
    const form = await browser.open(`${address}/sign-in/provider`);
    expect(browser.cookies.get('__Host-scapfeed-sign-in')!.attributes).toMatch(
      /; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const page = await browser.login(form, 'ann');
    expect([page.status, page.url]).toEqual([200, `${address}/`]);
    expect(browser.cookies.get('__Host-scapfeed')!.attributes).toMatch(
      /; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(browser.cookies.get('scapfeed')).toBeUndefined();
    expect(browser.visited.some((url) => url.includes(String(port)))).toBe(false);
    const late = new JarBrowser({ [address]: server.origin });
    const second = await late.open(`${address}/sign-in/provider`);
    now += 601_000;
    expect((await late.login(second, 'ann')).status).toBe(401);
  });

  it('starts while the provider is down, says so, and lets people in when it is there', async () => {
    await using parts = await open();
    const { address, place, port } = parts;
    const issuer = parts.provider.issuer;
    await parts.provider.end();
    await using server = await openFleetServer(place, {
      port,
      host: '127.0.0.1',
      signIn: rulesOf(parts.provider, address),
    });
    expect(server.warnings).toEqual([expect.stringMatching(/^nobody can sign in by 127\.0\.0\.1:\d+ now: /)]);
    const away = await new JarBrowser().open(`${address}/sign-in/provider`);
    expect([away.status, alertOf(away.text)]).toEqual([503, expect.stringContaining('sign in with a token')]);
    const token = await server.token('read');
    expect((await server.ask('/api/v1/images', { token })).status).toBe(200);
    await using _again = await openTestProvider({ accounts, address, port: Number(new URL(issuer).port) });
    expect((await new JarBrowser().signIn(address, 'ann')).status).toBe(200);
  });

  it('a secret that the provider does not accept is named as that, and is the operator’s', async () => {
    await using parts = await open();
    const { address, place, port } = parts;
    await using server = await openFleetServer(place, {
      port,
      host: '127.0.0.1',
      signIn: rulesOf(parts.provider, address, { clientSecret: 'of yesterday' }),
    });
    const refused = await new JarBrowser().signIn(address, 'ann');
    expect([refused.status, alertOf(refused.text)]).toEqual([
      503,
      expect.stringMatching(/does not accept this server.+s client or its secret.+--oidc-secret-file/s),
    ]);
    expect(server.warnings).toEqual([]);
  });

  it('takes no metadata of another issuer, without TLS elsewhere, huge or late', async () => {
    await using parts = await open({ rules: { patience: 500 } });
    const { provider, address } = parts;
    const path = '/.well-known/openid-configuration';
    const found = (await (await fetch(provider.issuer + path)).json()) as Record<string, unknown>;
    let body: unknown;
    provider.instead = (asked, response) => {
      if (asked !== path || body === undefined) return false;
      response.setHeader('content-type', 'application/json');
      if (body !== 'late') response.end(JSON.stringify(body));
      return true;
    };
    body = { ...found, issuer: 'https://evil.example' };
    await using server = await parts.start();
    expect(server.warnings.length).toBe(1);
    const status = async () => (await new JarBrowser().open(`${address}/sign-in/provider`)).status;
    expect(await status()).toBe(503);
    body = { ...found, padding: 'x'.repeat(2_000_000) };
    expect(await status()).toBe(503);
    body = 'late';
    expect(await status()).toBe(503);
    body = { ...found, token_endpoint: 'http://192.0.2.1/token' };
    const page = await new JarBrowser().signIn(address, 'ann');
    expect([page.status, alertOf(page.text)]).toEqual([503, expect.stringContaining('without TLS')]);
  });

  it('takes groups of the ID token, and needs no address to sign out at', async () => {
    await using parts = await open({ inToken: true, noEndSession: true });
    const { provider, address } = parts;
    await using _server = await parts.start();
    const browser = new JarBrowser();
    expect((await browser.signIn(address, 'ann')).status).toBe(200);
    expect(provider.asked).not.toContain('/me');
    const out = await browser.submit(`${address}/sign-out`, {});
    expect(out.url).toBe(`${address}/sign-in`);
    expect(await status(browser, address)).toBe(401);
  });
});
