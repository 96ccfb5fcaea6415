import { readFileSync } from 'node:fs';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLoopback } from '../../../src/fleet/serve/access/rules.ts';
import { listTokens, makeToken, removeToken } from '../../../src/fleet/store/tokens.ts';
import { listWaivers } from '../../../src/fleet/store/waivers.ts';
import { newEmbedded } from '../../support/fleet.ts';
import {
  newFleetServer,
  openFleetServer,
  routesOf,
  type TestFleetServer,
} from '../../support/fleet-server.ts';
import { testCertificate } from '../../support/http-server.ts';

const anyName = 'fleet.example';

/** Asks as a client of that address, without a connection. */
async function askFrom(
  server: TestFleetServer,
  remoteAddress: string,
  headers: Record<string, string>,
  url = '/api/v1/images',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const answer = await server.app.inject({ url, remoteAddress, headers });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('who may ask the server of a fleet', { timeout: 120_000 }, () => {
  it('on an address of this machine everybody reads and nobody writes, until there is a token', async () => {
    await using server = await newFleetServer();
    expect(server.isOpen).toBe(true);
    expect((await server.ask('/api/v1/images')).status).toBe(200);
    expect((await server.ask('/api/v1/runs', { method: 'POST' })).status).toBe(403);
    const token = await server.token('write');
    const refused = await server.ask('/api/v1/images');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refused.json()).toMatchObject({ code: 'TOKEN_MISSING', remedy: expect.any(String) });
    expect((await server.ask('/api/v1/images', { token })).status).toBe(200);
    expect((await server.ask('/api/v1/runs', { method: 'POST', token })).status).toBe(202);
    expect((await server.ask('/healthz')).status).toBe(200);
  });

  it('a site whose name was made to stand for this machine reads nothing', async () => {
    await using server = await newFleetServer();
    const { status, body } = await askFrom(server, '127.0.0.1', { host: 'evil.example:8710' });
    expect(status).toBe(403);
    expect(body).toContain('NOT_ALLOWED');
    for (const host of ['localhost:8710', '127.0.0.1', '[::1]:8710'])
      expect((await askFrom(server, '127.0.0.1', { host })).status, host).toBe(200);
  });

  it('elsewhere it does not start without a token', async () => {
    const place = await newEmbedded();
    const open = (before?: Parameters<typeof openFleetServer>[1]) =>
      openFleetServer(place, { host: '0.0.0.0', ...before });
    await expect(open()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('no token'),
    });
    await using server = await open({
      before: ({ database }) => makeToken(database, { name: 'one', role: 'read' }, new Date()),
    });
    expect(server.isOpen).toBe(false);
    expect((await server.ask('/api/v1/images')).status).toBe(401);
  });

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s is of this machine', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'localhost.example', '127.0.0.1.example'])(
    '%s can be reached by others',
    (host) => expect(isLoopback(host)).toBe(false),
  );

  it('a token holds until its time is over or it is removed, and that opens nothing', async () => {
    let now = new Date('2026-11-27T10:00:00Z');
    await using server = await newFleetServer({ now: () => now });
    const { database } = server.context;
    const short = await server.token('read', new Date('2026-11-28T10:00:00Z'));
    expect((await server.ask('/api/v1/images', { token: short })).status).toBe(200);
    now = new Date('2026-11-28T10:00:00Z');
    expect(await (await server.ask('/api/v1/images', { token: short })).json()).toMatchObject({
      code: 'TOKEN_REFUSED',
    });
    expect((await server.ask('/api/v1/images')).status).toBe(401);
    const long = await server.token('read');
    expect((await server.ask('/api/v1/images', { token: long })).status).toBe(200);
    const [, { name, used }] = (await listTokens(database)) as [unknown, { name: string; used: Date }];
    expect(used).toEqual(now);
    expect(await removeToken(database, name, now)).toBe(true);
    expect((await server.ask('/api/v1/images', { token: long })).status).toBe(401);
    expect(await removeToken(database, 'read 1', now)).toBe(true);
    expect((await server.ask('/api/v1/images')).status).toBe(401);
    const kept = JSON.stringify(await database.query('SELECT * FROM fleet.tokens'));
    for (const token of [short, long]) expect(kept).not.toContain(token.slice(9));
  });

  it('10,000 guesses are refused, most of them unread, and keep nobody else out', async () => {
    await using server = await newFleetServer();
    const token = await server.token('read');
    let asked = 0;
    const { database } = server.context;
    const { query } = database;
    database.query = (statement, values) => {
      if (statement.includes('fleet.tokens')) asked += 1;
      return query(statement, values);
    };
    const begun = performance.now();
    const guess = async (count: number) =>
      (await askFrom(server, '127.0.0.1', bearer(`scapfeed_${count}`))).status;
    const statuses: number[] = [];
    for (let count = 0; count < 10_000; count += 1) statuses.push(await guess(count));
    const minutes = Math.ceil((performance.now() - begun) / 60_000);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const read = statuses.filter((status) => status === 401).length;
    expect(read).toBeLessThanOrEqual(10 * minutes);
    // Existing data is requested once a second at most.
    expect(asked).toBeLessThanOrEqual(read + Math.ceil((performance.now() - begun) / 1000) + 1);
    for (let count = 0; count < 11; count += 1) await guess(count);
    const late = await askFrom(server, '127.0.0.1', bearer('scapfeed_late'));
    expect(late.status).toBe(429);
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0);
    expect(late.body).toContain('TOO_MANY_REQUESTS');
    // A right token from the same address, which others may share, is none of the guesses.
    for (const address of ['127.0.0.1', '198.51.100.7'])
      expect((await askFrom(server, address, bearer(token))).status).toBe(200);
  });

  it('a request with two names of the server is refused', async () => {
    await using server = await newFleetServer();
    const { hostname, port } = new URL(server.origin);
    const ask = (...hosts: string[]) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () =>
          socket.end(
            [
              'GET /healthz HTTP/1.1',
              ...hosts.map((host) => `host: ${host}`),
              'connection: close',
              '',
              '',
            ].join('\r\n'),
          ),
        );
        let text = '';
        socket.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        socket.on('end', () => resolve(text)).on('error', reject);
      });
    expect(await ask('localhost')).toMatch(/^HTTP\/1\.1 200 /);
    for (const second of ['evil.example', 'localhost'])
      expect(await ask('localhost', second)).toMatch(/^HTTP\/1\.1 400 [\s\S]*more than one Host header/);
  });

  // A store that is restarted, as a proxy and its users see it.
  it('a store that does not answer has refused no token, and keeps nobody out afterwards', async () => {
    await using server = await newFleetServer();
    const token = await server.token('read');
    const { database } = server.context;
    const { query } = database;
    database.query = () => Promise.reject(new Error('terminating connection'));
    for (let count = 0; count < 12; count += 1)
      expect((await askFrom(server, '127.0.0.1', bearer(token))).status).toBe(500);
    database.query = query;
    expect((await askFrom(server, '127.0.0.1', bearer(token))).status).toBe(200);
  });

  it('an address gets a number of answers in a minute', async () => {
    await using server = await newFleetServer({ perMinute: 20 });
    const token = await server.token('read');
    const statuses = [];
    for (let count = 0; count < 21; count += 1)
      statuses.push((await askFrom(server, '198.51.100.7', bearer(token))).status);
    expect(statuses).toEqual([...Array(20).fill(200), 429]);
    expect((await askFrom(server, '198.51.100.8', bearer(token))).status).toBe(200);
  });

  describe('behind a proxy that knows the users', () => {
    let server: TestFleetServer;
    const proxy = {
      ...{ trusted: ['10.0.0.0/24'], userHeader: 'x-forwarded-user' },
      groupsHeader: 'x-forwarded-groups',
    };
    beforeAll(async () => {
      server = await newFleetServer({ host: '127.0.0.1', proxy });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    it('its word counts, and nobody else’s', async () => {
      const user = { 'x-forwarded-user': 'ada', 'x-forwarded-groups': 'staff, scapfeed-read' };
      expect(server.isOpen).toBe(false);
      expect((await askFrom(server, '10.0.0.5', { ...user, host: anyName })).status).toBe(200);
      expect((await askFrom(server, '10.0.1.5', user)).status).toBe(401);
      expect((await askFrom(server, '127.0.0.1', user)).status).toBe(401);
      expect((await askFrom(server, '10.0.0.5', {})).status).toBe(401);
      expect((await askFrom(server, '10.0.0.5', { 'x-forwarded-user': 'bob' })).status).toBe(403);
    });

    it('a group gives a role, and another site cannot use it', async () => {
      const run = async (groups: string, headers: Record<string, string>) => {
        const answer = await server.app.inject({
          ...{ method: 'POST', url: '/api/v1/runs', remoteAddress: '10.0.0.5' },
          headers: { host: anyName, 'x-forwarded-user': 'ada', 'x-forwarded-groups': groups, ...headers },
        });
        return answer.statusCode;
      };
      const own = { 'sec-fetch-site': 'same-origin' };
      expect(await run('scapfeed-read', own)).toBe(403);
      expect(await run('scapfeed-write', own)).toBe(202);
      expect(await run('/scapfeed-admin', { origin: `https://${anyName}` })).toBe(202);
      expect(await run('scapfeed-write', { 'sec-fetch-site': 'cross-site' })).toBe(403);
      expect(await run('scapfeed-write', { 'sec-fetch-site': 'same-site' })).toBe(403);
      expect(await run('scapfeed-write', { origin: 'https://evil.example' })).toBe(403);
      expect(await run('scapfeed-write', { origin: 'null' })).toBe(403);
      expect(await run('scapfeed-write', {})).toBe(403);
    });

    it('clients of a proxy are counted by their own addresses', async () => {
      const guess = (client: string) =>
        askFrom(server, '10.0.0.5', { ...bearer('scapfeed_x'), 'x-forwarded-for': client });
      for (let count = 0; count < 10; count += 1) await guess('198.51.100.1');
      expect((await guess('198.51.100.1')).status).toBe(429);
      expect((await guess('198.51.100.2')).status).toBe(401);
    });
  });

  describe('a token of the role send', () => {
    const inventory = (version: string) =>
      JSON.stringify({
        image: { reference: 'dir:/', layers: [] },
        os: { id: 'debian', versionId: '12', codename: 'bookworm', found: '/etc/os-release' },
        databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 }],
        packages: [
          {
            ...{ type: 'deb', name: 'a', version, arch: 'amd64', source: { name: 'a', version } },
            database: '/var/lib/dpkg/status',
          },
        ],
        notes: [],
      });
    const open = async () => {
      const server = await newFleetServer();
      const sending = async (names: string) =>
        (await makeToken(server.context.database, { name: `of ${names}`, role: 'send', names }, new Date()))!;
      const send = async (token: string, name?: string, version = '1') => {
        const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
        const headers = { 'content-type': 'application/json' };
        const init = { method: 'POST', token, headers, body: inventory(version) };
        const answer = await server.ask(`/api/v1/inventories${query}`, init);
        return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
      };
      return Object.assign(server, { sending, send });
    };

    it('sends inventories of its names, and replaces no other', async () => {
      await using server = await open();
      const [one, many, writer] = [
        await server.sending('web1'),
        await server.sending('db-*'),
        await server.token('write'),
      ];
      expect((await server.send(writer, 'web10')).status).toBe(201);
      expect(await server.send(one, 'web1')).toEqual({ status: 201, body: { name: 'web1', isNew: true } });
      expect((await server.send(many, 'db-1')).status).toBe(201);
      for (const [token, name] of [
        [one, 'web10'],
        [one, 'WEB1'],
        [one, 'web1\0'],
        [one, 'db-1'],
        [one, undefined],
        [many, 'web1'],
        [many, 'db-1/x'],
        [many, 'xdb-1'],
      ] as const) {
        const { status, body } = await server.send(token, name, '2');
        expect(status, name).toBe(403);
        expect(body).toMatchObject({ code: 'NOT_ALLOWED', remedy: expect.stringContaining('?name=NAME') });
      }
      const kept = await server.ask('/api/v1/watches', { token: writer });
      const { items } = (await kept.json()) as { items: { place: string }[] };
      expect(items.map(({ place }) => place).sort()).toEqual(['db-1', 'web1', 'web10']);
      // A token of the role write is as it was.
      for (const name of ['web1', 'db-1', 'other'])
        expect((await server.send(writer, name, '3')).status, name).toBe(201);
    });

    it('may ask for nothing else', async () => {
      await using server = await open();
      const token = await server.sending('*');
      const { paths } = (await (await server.ask('/api/v1/openapi.json')).json()) as {
        paths: Record<string, Record<string, unknown>>;
      };
      const asked = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/g, '1')] as const),
      );
      expect(asked.length).toBeGreaterThan(20);
      const pages = ['/', '/images', '/vulnerabilities', '/news', '/metrics'].map(
        (path) => ['GET', path] as const,
      );
      for (const [method, path] of [...asked, ...pages]) {
        if (method === 'POST' && path === '/api/v1/inventories') continue;
        if (['/api/v1/openapi.json', '/healthz', '/readyz'].includes(path)) continue;
        const answer = await server.ask(path, { method, token });
        expect(answer.status, `${method} ${path}`).toBe(403);
        expect(await answer.text(), `${method} ${path}`).toContain('NOT_ALLOWED');
      }
      expect((await server.send(token, 'web1')).status).toBe(201);
    });
  });

  describe('a person with a browser', () => {
    const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
    });

    const signedInBy = async (server: TestFleetServer, token: string) => {
      const answer = await server.ask('/sign-in', form({ token, next: '/' }));
      return { cookie: answer.headers.get('set-cookie')!.split(';')[0]! };
    };

    it('is sent to sign in, and then comes where they wanted to go', async () => {
      await using server = await newFleetServer();
      const token = await server.token('write');
      const html = { accept: 'text/html,application/xhtml+xml' };
      const sent = await server.ask('/api/v1/images?q=a', { headers: html });
      expect(sent.status).toBe(303);
      expect(sent.headers.get('location')).toBe('/sign-in?next=%2Fapi%2Fv1%2Fimages%3Fq%3Da');
      const page = await (await server.ask(sent.headers.get('location')!)).text();
      expect(page).toContain('value="/api/v1/images?q=a"');
      expect(page).not.toContain('<script');

      const wrong = await server.ask('/sign-in', form({ token: 'scapfeed_no', next: '/' }));
      expect(wrong.status).toBe(401);
      expect(await wrong.text()).toContain('The token is unknown');
      const right = await server.ask('/sign-in', form({ token, next: '/api/v1/images?q=a' }));
      expect(right.status).toBe(303);
      expect(right.headers.get('location')).toBe('/api/v1/images?q=a');
      const cookie = right.headers.get('set-cookie')!;
      expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
      const signedIn = { cookie: cookie.split(';')[0]! };
      expect((await server.ask('/api/v1/images', { headers: signedIn })).status).toBe(200);
      const post = (site: string) =>
        server.ask('/api/v1/runs', { method: 'POST', headers: { ...signedIn, 'sec-fetch-site': site } });
      expect((await post('cross-site')).status).toBe(403);
      expect((await post('same-origin')).status).toBe(202);
      // The cookie is not the token, and the token is no cookie.
      expect(signedIn.cookie).not.toContain(token.slice(9));
      const asCookie = await server.ask('/api/v1/images', { headers: { cookie: `scapfeed=${token}` } });
      expect(asCookie.status).toBe(401);
      const session = signedIn.cookie.slice('scapfeed='.length);
      expect((await server.ask('/api/v1/images', { token: session })).status).toBe(401);
      const out = await server.ask('/sign-out', form({}, signedIn));
      expect(out.headers.get('set-cookie')).toMatch(/^scapfeed=; .*Expires=Thu, 01 Jan 1970/);
      // A copy of the cookie is worth nothing any more; the token is.
      expect((await server.ask('/api/v1/images', { headers: signedIn })).status).toBe(401);
      expect((await server.ask('/api/v1/images', { token })).status).toBe(200);
    });

    it('is signed in until the token ends or half a day is over', async () => {
      let now = new Date();
      await using server = await newFleetServer({ now: () => now });
      const token = await server.token('read');
      const signIn = () => signedInBy(server, token);
      const [first, second] = [await signIn(), await signIn()];
      expect(first).not.toEqual(second);
      now = new Date(now.getTime() + 13 * 3_600_000);
      expect((await server.ask('/api/v1/images', { headers: first })).status).toBe(401);
      const third = await signIn();
      expect((await server.ask('/api/v1/images', { headers: third })).status).toBe(200);
      await removeToken(server.context.database, 'read 1', now);
      expect((await server.ask('/api/v1/images', { headers: third })).status).toBe(401);
      // A token of the same name does not bring it back.
      await makeToken(server.context.database, { name: 'read 1', role: 'read' }, now);
      expect((await server.ask('/api/v1/images', { headers: third })).status).toBe(401);
      expect(await server.context.database.query('SELECT digest FROM fleet.sessions')).toEqual([]);
    });

    it('reads errors as a page, and programs as problem+json', async () => {
      await using server = await newFleetServer({
        runs: {
          start: async () => {
            throw new Error('secret of this machine');
          },
        },
      });
      const token = await server.token('write');
      const html = { accept: 'text/html,application/xhtml+xml', ...(await signedInBy(server, token)) };
      const from = { 'sec-fetch-site': 'cross-site' };
      const asked: [path: string, init: RequestInit, status: number, says: string][] = [
        ['/nowhere', { headers: html }, 404, 'There is nothing at this address.'],
        [
          '/sign-out',
          { method: 'POST', headers: { ...html, ...from } },
          403,
          'The request comes from another site',
        ],
        ['/%zz', { headers: html }, 400, 'Bad Request'],
      ];
      for (const [path, init, status, says] of asked) {
        const answer = await server.ask(path, init);
        expect(answer.status, path).toBe(status);
        expect(answer.headers.get('content-type'), path).toBe('text/html; charset=utf-8');
        expect(answer.headers.get('content-security-policy'), path).toContain("default-src 'none'");
        const body = await answer.text();
        expect(body, path).toContain(says);
        expect(body, path).toContain('<a href="/">');
      }
      const { query } = server.context.database;
      server.context.database.query = async (statement, values) => {
        if (statement.includes('fleet.runs')) throw new Error('secret of this machine');
        return query(statement, values);
      };
      const failed = await server.ask('/news', { headers: html });
      expect([failed.status, failed.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
      expect(await failed.text()).not.toContain('secret');
      const other = await server.ask('/nowhere', { token, headers: { accept: '*/*' } });
      expect(other.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      const api = await server.ask('/api/v1/runs/7', { headers: { ...html, accept: 'text/html' } });
      expect(api.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });

    it('can sign out on each page, which nobody can who did not sign in', async () => {
      await using server = await newFleetServer();
      const open = await (await server.ask('/', { headers: { accept: 'text/html' } })).text();
      expect(open).not.toContain('/sign-out');
      const token = await server.token('read');
      const page = async (headers: Record<string, string>) =>
        (await server.ask('/', { headers: { accept: 'text/html', ...headers } })).text();
      expect(await page(await signedInBy(server, token))).toContain('action="/sign-out"');
      expect(await page(bearer(token))).not.toContain('/sign-out');
    });

    it('accepts a flaw on its page if they may, with a reason, and not on behalf of another site', async () => {
      await using server = await newFleetServer();
      const page = { accept: 'text/html' };
      const path = '/vulnerabilities/CVE-2024-0001';
      const [admin, writer] = [
        await signedInBy(server, await server.token('admin')),
        await signedInBy(server, await server.token('write')),
      ];
      const asks = async (cookie: { cookie: string }) =>
        (await server.ask(path, { headers: { ...page, ...cookie } })).text();
      expect(await asks(writer)).not.toContain('class="waive"');
      expect(await asks(admin)).toContain(`<form method="post" action="${path}/waivers">`);

      const fields = { reason: 'not <reachable>', package: 'zlib*', image: '', until: '' };
      const waive = (given: Record<string, string>, headers: Record<string, string>) =>
        server.ask(`${path}/waivers`, form(given, { ...page, ...headers }));
      expect((await waive(fields, writer)).status).toBe(403);
      expect((await waive(fields, { ...admin, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await waive(fields, {})).status).toBe(401);
      const empty = await waive({ ...fields, reason: ' ' }, admin);
      expect(empty.status).toBe(400);
      expect(await empty.text()).toContain('Expected a reason, found none');
      const past = await waive({ ...fields, until: '2001-01-01' }, admin);
      expect(past.status).toBe(400);
      expect(await listWaivers(server.context.database, new Date(), 'all')).toEqual([]);

      const done = await waive(fields, admin);
      expect([done.status, done.headers.get('location')]).toEqual([303, path]);
      expect(await listWaivers(server.context.database, new Date(), 'all')).toMatchObject([
        {
          ...{ vulnerability: 'CVE-2024-0001', package: 'zlib*', image: null, until: null },
          ...{ reason: 'not <reachable>', author: 'admin 1' },
        },
      ]);
    });

    it('is not led elsewhere', async () => {
      await using server = await newFleetServer();
      const token = await server.token('read');
      const elsewhere = [
        'https://evil.example',
        '//evil.example',
        '/\\\\evil.example',
        '/a\r\nset-cookie: a=b',
        'x',
        '',
      ];
      for (const next of elsewhere) {
        const answer = await server.ask('/sign-in', form({ token, next }));
        expect(answer.headers.get('location'), next).toBe('/');
      }
      const page = await server.ask(`/sign-in?next=${encodeURIComponent('"><script>alert(1)</script>')}`);
      expect(await page.text()).not.toContain('<script>');
    });

    it('guesses no tokens, and is not signed in by another site', async () => {
      await using server = await newFleetServer();
      const token = await server.token('read');
      const elsewhere = form({ token, next: '/' }, { 'sec-fetch-site': 'cross-site' });
      expect((await server.ask('/sign-in', elsewhere)).status).toBe(403);
      for (let count = 0; count < 10; count += 1) await server.ask('/sign-in', form({ token: `x${count}` }));
      expect((await server.ask('/sign-in', form({ token: 'x' }))).status).toBe(429);
      expect((await server.ask('/sign-in', form({ token }))).status).toBe(303);
    });
  });

  it('every route is for callers of its role, and no request of random parts is a fault of the server', async () => {
    await using server = await newFleetServer();
    const roles = ['read', 'write', 'admin'] as const;
    const tokens: Record<string, string> = { forged: `${'0'.repeat(12)}.${'a'.repeat(43)}` };
    for (const role of roles) tokens[role] = await server.token(role);
    const send = { name: 'sender', role: 'send', names: 'web1' } as const;
    tokens['send'] = (await makeToken(server.context.database, send, new Date()))!;

    /** The least role of each route that needs more than reading, or none. */
    const least: Readonly<Record<string, (typeof roles)[number] | 'none'>> = {
      'GET /healthz': 'none',
      'GET /readyz': 'none',
      'GET /api/v1/openapi.json': 'none',
      'POST /api/v1/inventories': 'write',
      'POST /api/v1/runs': 'write',
      'POST /api/v1/watches': 'write',
      'DELETE /api/v1/watches': 'admin',
      'GET /api/v1/audit': 'admin',
      'POST /api/v1/prune': 'admin',
      'POST /api/v1/waivers': 'admin',
      'DELETE /api/v1/waivers/:id': 'admin',
      'POST /vulnerabilities/:name/waivers': 'admin',
    };
    const routes = routesOf(server.app.printRoutes({ commonPrefix: false }));
    expect(routes.length).toBeGreaterThan(40);
    expect(routes).toEqual(expect.arrayContaining(Object.keys(least)));

    let address = 0;
    /** Wrong tokens of one address have a limit: each is of an address of its own. */
    const guess = async (method: string, url: string) => {
      address += 1;
      const remoteAddress = `10.0.${address >> 8}.${address & 255}`;
      const headers = bearer(tokens['forged']!);
      return (await server.app.inject({ method: method as 'GET', url, remoteAddress, headers })).statusCode;
    };
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      // They ask for no role, and are of a person with a browser.
      if (/^\/sign-(?:in|out)$/.test(path)) continue;
      const need = path.startsWith('/assets/') ? 'none' : (least[route] ?? 'read');
      const url = path.replaceAll(/:\w+/g, '1');
      for (const who of ['nobody', 'forged', 'send', ...roles]) {
        const token = tokens[who];
        const status =
          who === 'forged'
            ? await guess(method, url)
            : (await server.ask(url, { method, ...(token !== undefined && { token }) })).status;
        const may =
          need === 'none' ||
          (who === 'send' && route === 'POST /api/v1/inventories') ||
          (roles as readonly string[]).indexOf(who) >= roles.indexOf(need);
        const expected = may ? 'answered' : token === undefined || who === 'forged' ? '401' : '403';
        const found = status === 401 || status === 403 ? String(status) : 'answered';
        expect({ route, who, found }).toEqual({ route, who, found: expected });
        if (path !== '/readyz') expect(status, route).toBeLessThan(500);
      }
    }

    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('..', '%00', '%2e%2e%2f', '%ff', '1', 'sha256:0', '\u0000', '-1', '1e400', '{}', "'--"),
    );
    const requests = fc.record({
      route: fc.constantFrom(...routes),
      parts: fc.array(part, { minLength: 4, maxLength: 4 }),
      who: fc.constantFrom('nobody', 'read', 'write', 'admin'),
      type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', ''),
      name: fc.constantFrom('limit', 'cursor', 'q', 'sort', 'severity', 'name', 'at', 'until', 'all'),
    });
    for (const { route, parts, who, type, name } of fc.sample(requests, { seed: 31, numRuns: 150 })) {
      const [method = '', path = ''] = route.split(' ');
      if (path === '/readyz') continue;
      const [inPath = '', value = '', after = '', body = ''] = parts.map((each) => each.toWellFormed());
      const url = `${path.replaceAll(/:\w+/g, () => encodeURIComponent(inPath))}?${name}=${encodeURIComponent(value)}&${encodeURIComponent(after)}`;
      const init = {
        method,
        ...(method !== 'GET' && { body }),
        headers: type === '' ? {} : { 'content-type': type },
        ...(tokens[who] !== undefined && { token: tokens[who] }),
      };
      const { status } = await server.ask(url, init);
      expect(status, `${method} ${url} ${JSON.stringify(body)}`).toBeLessThan(500);
    }
    for (const limit of ['1e400', '-1e400', '1e3000', '1001', '0'])
      expect(
        (await server.ask(`/api/v1/images?limit=${limit}`, { token: tokens['read']! })).status,
        limit,
      ).toBe(400);
    expect((await server.ask('/healthz')).status).toBe(200);
    expect(server.warnings).toEqual([]);
  });

  it('speaks HTTPS by the key that it is given, and then its cookie is for HTTPS only', async () => {
    const key = readFileSync(new URL('../../support/tls/key.pem', import.meta.url), 'utf8');
    const tls = { cert: testCertificate, key };
    await using server = await newFleetServer({ tls });
    expect(server.origin).toMatch(/^https:/);
    const token = await server.token('read');
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const sending = tlsRequest(
        `${server.origin}/sign-in`,
        {
          ...{ method: 'POST', ca: testCertificate },
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        },
        (answer) => {
          answer.resume();
          resolve(answer.headers);
        },
      );
      sending.on('error', reject);
      sending.end(`token=${token}`);
    });
    expect(String(headers['set-cookie'])).toMatch(/; Secure; SameSite=Strict$/);
    expect(headers['strict-transport-security']).toMatch(/^max-age=/);
    const broken = newFleetServer({ tls: { ...tls, key: 'no key' } });
    await expect(broken).rejects.toMatchObject({ code: 'USAGE' });
  });
});
