import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { KeptAnswers } from '../../src/fleet/pages/answer.ts';
import { FleetView } from '../../src/fleet/view/fleet-view.ts';
import { addToFleet } from '../../src/tasks/fleet/add.ts';
import { newEmbedded, night } from '../support/fleet.ts';
import { newFleetServer, openFleetServer, type TestFleetServer } from '../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

/** Sends bytes, and returns what comes back until the server ends the connection. */
async function sent(server: TestFleetServer, text: string): Promise<string> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(parts).toString();
}

const database = '/var/lib/dpkg/status';
const inventory = JSON.stringify({
  image: { reference: 'web1', layers: [] },
  os: { id: 'debian', versionId: '12', codename: 'bookworm', found: '/etc/os-release' },
  databases: [{ kind: 'dpkg', path: database, packages: 1 }],
  packages: [
    {
      ...{ type: 'deb', name: 'a', version: '1', arch: 'amd64', source: { name: 'a', version: '1' } },
      database,
    },
  ],
  notes: [],
});

const json = { 'content-type': 'application/json' };

it('answers that are kept for their addresses are bounded by these too', () => {
  const kept = new KeptAnswers();
  const view = new FleetView({ query: () => Promise.reject(new Error()) } as never, new Date());
  const redirect = { status: 303, type: 'text/plain', headers: {}, body: '' };
  const address = (at: number) => `/search?q=CVE-2026-0001&x=${at}${'x'.repeat(16_000)}`;
  for (let at = 0; at < 1000; at++) kept.keep(view, address(at), redirect);
  const found = Array.from({ length: 1000 }, (_, at) => kept.find(view, address(at)) !== undefined);
  expect(found.filter(Boolean).length).toBeLessThan(251);
  expect(found.at(-1)).toBe(true);
});

describe('the server of a fleet among strangers', { timeout: 120_000 }, () => {
  it('answers what is no request as it answers all others: a problem, and what a browser may load', async () => {
    await using server = await newFleetServer();
    const get = (path: string, headers = '') =>
      sent(server, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`);
    const answers = {
      'no escape': await get('/images/%zz'),
      'no UTF-8': await get('/images/%ff'),
      'a long name': await get(`/images/${'a'.repeat(2000)}`),
      'a long header': await get('/images', `x: ${'a'.repeat(20_000)}\r\n`),
      'no HTTP': await sent(server, 'FOO / BAR\r\n\r\n'),
    };
    for (const [what, answer] of Object.entries(answers)) {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head, what).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(head.toLowerCase(), what).toContain("content-security-policy: default-src 'none'");
      expect(head.toLowerCase(), what).toContain('content-type: application/problem+json');
      expect(JSON.parse(body), what).toMatchObject({ code: expect.stringMatching(/^REQUEST_/) });
    }
    expect(server.warnings).toEqual([]);
  });

  it('connections that are reset before they are handled are no fault of the server', async () => {
    await using server = await newFleetServer();
    let begun = 0;
    server.app.server.on('request', () => begun++);
    const head = 'host: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n';
    for (const line of ['POST /api/v1/inventories?name=a', 'GET /images', 'GET /healthz', 'GET /nowhere']) {
      const socket = connect(Number(new URL(server.origin).port), '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      // Both are on their way before this process, which is also the server, reads the first byte.
      socket.write(`${line} HTTP/1.1\r\n${head}`);
      socket.resetAndDestroy();
    }
    await expect.poll(() => begun).toBe(4);
    expect((await server.ask('/healthz')).status).toBe(200);
    expect(server.warnings).toEqual([]);
  });

  it('a host that sends often on one connection leaves nothing behind on it', async () => {
    await using server = await newFleetServer();
    const sockets = new Set<Socket>();
    server.app.server.on('connection', (socket) => sockets.add(socket));
    const headers = { ...json, authorization: `Bearer ${await server.token('write')}` };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let before = 0;
    for (let count = 0; count < 12; count++) {
      const sending = request(`${server.origin}/api/v1/inventories?name=web${count}`, {
        ...{ agent, headers, method: 'POST' },
      }).end(inventory);
      const [answer] = (await once(sending, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(201);
      await once(answer.resume(), 'end');
      const listeners = [...sockets][0]!.listenerCount('close');
      if (count === 0) before = listeners;
      expect(listeners).toBe(before);
    }
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  it('a host’s token ends the watching of no other host', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const sent = await server.ask('/api/v1/inventories', {
      method: 'POST',
      token,
      body: inventory,
      headers: json,
    });
    expect(sent.status).toBe(201);
    const end = (by: string) => server.ask('/api/v1/watches?place=web1', { method: 'DELETE', token: by });
    expect((await end(token)).status).toBe(403);
    expect((await end(await server.token('admin'))).status).toBe(204);
  });

  it('a request that names another host before its path gets no link there', async () => {
    await using server = await newFleetServer({
      before: ({ database }) =>
        addToFleet(database, [{ kind: 'image', place: 'a', references: ['a'] }], new Date()),
    });
    const request =
      'GET http://evil.example/images?sort=image HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
    const answer = await sent(server, request);
    expect(answer).toContain('href="/images?sort=image&amp;order=down');
    expect(answer).not.toContain('evil.example');
  });

  it('a name with NUL is one that nothing has', async () => {
    await using server = await newFleetServer();
    for (const kind of ['images', 'vulnerabilities', 'packages', 'profiles'])
      expect([200, 404], kind).toContain((await server.ask(`/${kind}/a%00b`)).status);
    expect((await server.ask('/search?q=a%00b')).status).toBe(200);
    expect(server.warnings).toEqual([]);
  });

  it('a cursor with a number that no list has is refused', async () => {
    await using server = await newFleetServer();
    for (const number of [2 ** 31, -(2 ** 40), 1e300, 0.5]) {
      const cursor = Buffer.from(JSON.stringify([number, 'a'])).toString('base64url');
      expect((await server.ask(`/api/v1/images?cursor=${cursor}`)).status, String(number)).toBe(400);
    }
    expect(server.warnings).toEqual([]);
  });

  it('a method that an address does not take is refused with those that it does', async () => {
    await using server = await newFleetServer();
    const allowed = {
      '/': 'GET, HEAD',
      '/images': 'GET, HEAD',
      '/images/a%2Fb?view=flaws': 'GET, HEAD',
      '/vulnerabilities/CVE-2026-1/waivers': 'POST',
      '/sign-in': 'GET, HEAD, POST',
      '/sign-out': 'POST',
      '/healthz': 'GET, HEAD',
      '/metrics': 'GET, HEAD',
      '/api/v1/openapi.json': 'GET, HEAD',
      '/api/v1/inventories': 'POST',
    };
    for (const [path, methods] of Object.entries(allowed))
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        if (methods.includes(method)) continue;
        const answer = await server.ask(path, { method, headers: { 'x-http-method-override': 'GET' } });
        expect([answer.status, answer.headers.get('allow')], `${method} ${path}`).toEqual([405, methods]);
        expect(await answer.json()).toMatchObject({ status: 405, code: 'REQUEST_UNSUPPORTED' });
      }
    for (const path of ['/nowhere', '/images/a/b', '/images/'])
      expect((await server.ask(path, { method: 'POST' })).status, path).toBe(404);
    expect(server.warnings).toEqual([]);
  });

  it('what is sent to sign in and is no form is refused', async () => {
    await using server = await newFleetServer();
    const own = { 'sec-fetch-site': 'same-origin' };
    const post = (init: RequestInit) => server.ask('/sign-in', { method: 'POST', ...init });
    expect((await post({ headers: own })).status).toBe(415);
    expect((await post({ headers: { ...own, ...json }, body: '{"token":"a"}' })).status).toBe(415);
    expect(server.warnings).toEqual([]);
  });

  it('a digest that has no form of one is refused', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    for (const digest of [
      'sha256:12',
      `sha256:${'A'.repeat(64)}`,
      'debian:12',
      `sha512:${'a'.repeat(64)}`,
      '',
    ]) {
      const body = JSON.stringify({
        ...JSON.parse(inventory),
        image: { reference: 'a', digest, layers: [] },
      });
      const sent = await server.ask('/api/v1/inventories', { method: 'POST', token, headers: json, body });
      expect(sent.status).toBe(400);
      expect(await sent.text()).toContain('#/image/digest');
    }
  });

  it('a form is no inventory', async () => {
    await using server = await newFleetServer();
    const body = new URLSearchParams({ image: '{}' });
    const token = await server.token('write');
    const sent = await server.ask('/api/v1/inventories', { method: 'POST', token, body });
    expect(sent.status).toBe(415);
    expect(server.warnings).toEqual([]);
  });

  it('who breaks off in the middle of an inventory keeps nobody else from sending theirs', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const post = async () =>
      (await server.ask('/api/v1/inventories', { method: 'POST', token, headers: json, body: inventory }))
        .status;
    const port = Number(new URL(server.origin).port);
    const begun = Array.from({ length: 4 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `POST /api/v1/inventories HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n` +
          'content-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
      );
      return socket;
    });
    await expect.poll(post, { timeout: 20_000 }).toBe(429);
    for (const socket of begun) socket.destroy();
    await expect.poll(post, { timeout: 20_000 }).toBe(201);
  });

  it('who sends an inventory too slowly gives its place to others', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const head = [
      'POST /api/v1/inventories HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      'content-length: 60000000',
    ].join('\r\n');
    // As many as there are places, each with a byte a second.
    const slow = [1, 2, 3, 4].map(async () => {
      const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
      const parts: Buffer[] = [];
      socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => undefined);
      socket.write(`${head}\r\n\r\n`);
      const dripping = setInterval(() => socket.write('{'), 1_000);
      await once(socket, 'close');
      clearInterval(dripping);
      return Buffer.concat(parts).toString();
    });
    const send = () =>
      server.ask('/api/v1/inventories', { ...{ method: 'POST', token, headers: json }, body: inventory });
    while ((await send()).status === 201) await pause(50);
    for (const answer of await Promise.all(slow)) {
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('the body came more slowly than 16 KB in 5 s');
    }
    expect((await send()).status).toBe(201);
    expect(server.warnings).toEqual([]);
  });

  it('ends although somebody sends slowly', async () => {
    await using server = await newFleetServer();
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const broken = once(socket, 'close');
    socket.write(
      'POST /sign-in HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n' +
        'content-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\r\na',
    );
    // It has come: a later request of another connection was answered.
    expect((await server.ask('/healthz')).status).toBe(200);
    await server.close();
    await broken;
  }, 60_000);

  it('an inventory that lists no package is refused, and no fault of the server', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const empty = { databases: [{ kind: 'dpkg', path: database, packages: 0 }], packages: [] };
    const body = JSON.stringify({ ...JSON.parse(inventory), ...empty });
    const refused = await server.ask('/api/v1/inventories', { method: 'POST', token, headers: json, body });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'PACKAGE_DATABASE_MISSING' });
    expect(server.warnings).toEqual([]);
  });

  it('shows that a registry is not listed, and no zero where nothing was judged', async () => {
    const place = await newEmbedded();
    {
      await using server = await openFleetServer(place);
      const token = await server.token('write');
      const body = JSON.stringify({ kind: 'registry', place: 'no-host:/team' });
      const init = { method: 'POST', token, headers: json, body };
      expect((await server.ask('/api/v1/watches', init)).status).toBe(201);
    }
    await night(place, writeSmallFeed([{ platform: bookworm, statements: [] }]));

    await using after = await openFleetServer(place);
    const token = await after.token('read');
    const metrics = await (await after.ask('/metrics', { token })).text();
    expect(metrics).toContain('\nscapfeed_fleet_unlisted_registries 1\n');
    expect(metrics).not.toMatch(/^scapfeed_fleet_(?:\w+_)?(?:flaws|packages)\b.* 0$/m);
    for (const path of ['/', '/images'])
      expect(await (await after.ask(path, { token })).text(), path).toContain(
        'no-host:/team is not listed as a whole',
      );
  });

  it('an inventory that no store can keep is refused with the reason, and no fault of the server', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const whole = JSON.parse(inventory);
    const [pkg] = whole.packages;
    const send = async (document: unknown, name = 'web1') => {
      const body = typeof document === 'string' ? document : JSON.stringify(document);
      const path = `/api/v1/inventories?name=${encodeURIComponent(name)}`;
      const answer = await server.ask(path, { method: 'POST', token, headers: json, body });
      return [answer.status, ((await answer.json()) as { code?: string }).code];
    };
    // Nothing of it repeats, so that the database cannot make it shorter.
    const long = Array.from({ length: 3_000 }, (_, at) => (at ** 3).toString(36)).join('');
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    expect(await send({ ...whole, packages: [{ ...pkg, name: long }] })).toEqual([
      400,
      'IMAGE_LIMIT_EXCEEDED',
    ]);
    expect(await send({ ...whole, packages: [{ ...pkg, version: long }] })).toEqual([
      400,
      'IMAGE_LIMIT_EXCEEDED',
    ]);
    expect(await send(whole, '\u{1f600}'.repeat(900))).toEqual([400, 'IMAGE_LIMIT_EXCEEDED']);
    expect(await send(inventory.replace('{', `{"context":{"x":${deep}},`))).toEqual([400, 'REQUEST_INVALID']);
    expect(await send({ ...whole, os: { ...whole.os, versionId: '12\0' } })).toEqual([201, undefined]);
    expect(server.warnings).toEqual([]);
  });

  it('a small body that makes much of itself is refused, and others are answered while it is read', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const holding = (count: number) => inventory.replace('{', `{"x":[{}${',{}'.repeat(count)}],`);
    const send = (body: string | Uint8Array<ArrayBuffer>, encoding: string) =>
      server.ask('/api/v1/inventories?name=web1', {
        ...{ method: 'POST', token, body },
        headers: { ...json, 'content-encoding': encoding },
      });
    const bomb = gzipSync(holding(20_000_000), { level: 9 });
    expect(bomb.length).toBeLessThan(70_000);
    const unpacked = await send(Uint8Array.from(bomb), 'gzip');
    expect([unpacked.status, ((await unpacked.json()) as { detail: string }).detail]).toEqual([
      413,
      'the body unpacks to more than 100 times its size',
    ]);
    const many = await send(holding(2_500_000), 'identity');
    expect(many.status).toBe(400);
    expect(await many.text()).toContain('at most 4000000 values of JSON');

    // As many as are read: what is asked when its last byte was sent is answered before it.
    const order: string[] = [];
    const sending = request(`${server.origin}/api/v1/inventories`, {
      ...{ method: 'POST', headers: { ...json, authorization: `Bearer ${token}` } },
    }).end(holding(1_900_000));
    const sentIt = once(sending, 'response').then(() => order.push('inventory'));
    await once(sending, 'finish');
    while (!order.includes('inventory')) {
      expect((await server.ask('/healthz')).status).toBe(200);
      order.push('health');
    }
    await sentIt;
    expect(order.indexOf('inventory')).toBeGreaterThan(1);
    expect(await send(gzipSync(inventory), 'gzip')).toMatchObject({ status: 201 });
    expect((await send('', 'identity')).status).toBe(400);
    expect(server.warnings).toEqual([]);
  });

  it('an inventory in an encoding that it does not know is refused by that', async () => {
    await using server = await newFleetServer();
    const token = await server.token('write');
    const post = (encoding: string) =>
      server.ask('/api/v1/inventories', {
        ...{ method: 'POST', token, body: inventory },
        headers: { ...json, 'content-encoding': encoding },
      });
    const refused = await post('br');
    expect(refused.status).toBe(415);
    expect(await refused.text()).toContain('content-encoding gzip');
    expect([(await post('identity')).status, server.warnings]).toEqual([201, []]);
  });
});
