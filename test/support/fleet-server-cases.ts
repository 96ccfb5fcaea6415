import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { addNames, addWatch, names } from '../../src/fleet/store/watches.ts';
import { undated } from '../../src/model/data-date.ts';
import { apiContract } from './api-contract.ts';
import { debianRelease, rootWith, stanza } from './cli.ts';
import { addImages, night } from './fleet.ts';
import { openFleetServer } from './fleet-server.ts';
import { bookworm, writeSmallFeed } from './small-feed.ts';

const high = { status: 'affected', fixState: 'none_yet', severity: 'high' } as const;

const feedOf = (...flaws: { vulnerability: string; package: string; severity?: 'low' | 'high' }[]) =>
  writeSmallFeed([{ platform: bookworm, statements: flaws.map((flaw) => ({ ...high, ...flaw })) }]);

const imageOf = (...packages: string[]) =>
  rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': packages.map((name) => stanza(name, '1')).join(''),
  });

const inventory = {
  image: { reference: 'web1', layers: [] },
  os: { id: 'debian', versionId: '12', codename: 'bookworm', found: '/etc/os-release' },
  databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 }],
  packages: [
    {
      ...{ type: 'deb', name: 'a', version: '1', arch: 'amd64', source: { name: 'a', version: '1' } },
      database: '/var/lib/dpkg/status',
    },
  ],
  notes: [],
};

const json = { 'content-type': 'application/json' };

/** Cases of a server, for both stores. `newPlace`: a new, empty database. */
export function serverCases(newPlace: () => Promise<string>): void {
  describe('it', { timeout: 120_000 }, () => {
    it('lives, and tells a browser with every answer, errors too, what it may load', async () => {
      await using server = await openFleetServer(await newPlace());
      expect(await (await server.ask('/healthz')).text()).toBe('ok\n');
      for (const path of ['/healthz', '/nowhere', '/api/v1/runs/7', '/sign-in']) {
        const { headers } = await server.ask(path);
        expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
        expect(headers.get('content-security-policy')).not.toContain('unsafe');
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('referrer-policy')).toBe('same-origin');
      }
      const missing = await server.ask('/nowhere');
      expect(missing.status).toBe(404);
      expect(missing.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await missing.json()).toMatchObject({ status: 404, code: 'NOT_FOUND', title: 'Not Found' });
    });

    it('is not ready while its feed is missing, empty or old, and says why (clair#2366)', async () => {
      const place = await newPlace();
      const day = 86_400_000;
      let now = Date.now();
      const ready = async () => {
        await using server = await openFleetServer(place, { maxAge: 7 * day, now: () => new Date(now) });
        const answer = await server.ask('/readyz');
        return `${answer.status} ${await answer.text()}`;
      };
      expect(await ready()).toBe('503 not ready: no run has judged anything yet\n');
      await night(place, writeSmallFeed([{ platform: bookworm, statements: [] }]));
      expect(await ready()).toBe('503 not ready: the feed of the last run is empty\n');
      const feed = feedOf({ vulnerability: 'CVE-2024-0001', package: 'a' });
      await night(place, feed);
      now = Date.parse('2024-03-01T00:00:00Z');
      const stale = await ready();
      now += 3000 * day;
      expect(`${stale}${await ready()}`).toMatch(
        /503 not ready: the data of debian-12 is \d+ days old, and may be 7\n/,
      );
    });

    it('describes its API as OpenAPI, and answers as it says', async () => {
      const place = await newPlace();
      const images = [imageOf('a', 'b'), imageOf('a'), imageOf('c'), '/nowhere']
        .map((root) => `dir:${root}`)
        .sort();
      await addImages(place, images);
      await night(
        place,
        feedOf(
          { vulnerability: 'CVE-2024-0001', package: 'a' },
          { vulnerability: 'CVE-2024-0002', package: 'b', severity: 'low' },
        ),
      );
      await using server = await openFleetServer(place);
      const { ask, document, faults } = await apiContract(server);
      expect(faults).toBeUndefined();
      expect(document.openapi).toBe('3.1.0');

      const { body: whole } = await ask('/api/v1/images');
      const listed = whole as {
        items: { reference: string; digest: string | null; counts: unknown }[];
        next: null;
      };
      expect(listed.items.map(({ reference }) => reference)).toEqual(images);
      expect(listed.next).toBeNull();

      for (const sort of ['reference', 'flaws', 'high', 'exploited', 'installed']) {
        const names: string[] = [];
        for (let cursor = ''; ; ) {
          const { body } = await ask(`/api/v1/images?sort=${sort}&limit=1${cursor}`);
          const { items, next } = body as { items: { reference: string }[]; next: string | null };
          names.push(...items.map(({ reference }) => reference));
          if (next === null) break;
          cursor = `&cursor=${next}`;
        }
        expect([...names].sort(), sort).toEqual(images);
        if (sort === 'flaws') expect(names.at(-1)).toBe('dir:/nowhere');
      }
      const few = async (query: string) =>
        ((await ask(`/api/v1/images?${query}`)).body as typeof listed).items.length;
      expect(await few('severity=high')).toBe(2);
      expect(await few('state=unread')).toBe(1);
      expect(await few('exploited=false')).toBe(3);
      expect(await few('q=NOWHERE')).toBe(1);
      expect(await few('q=%25')).toBe(0);

      const { digest, reference } = listed.items.find(({ counts }) => counts !== null)!;
      const at = `/api/v1/images/${digest}`;
      expect((await ask(at)).body).toMatchObject({
        digest,
        platform: 'debian-12',
        names: [{ reference, until: null }],
      });
      for (const part of ['verdicts', 'verdicts?all=true', 'verification', 'history', 'inventory'])
        await ask(`${at}/${part}`);
      expect((await ask(`/api/v1/images/sha256:0`)).status).toBe(404);
      expect((await ask(`/api/v1/names?reference=${encodeURIComponent(reference)}`)).body).toMatchObject({
        images: [{ digest, until: null }],
      });

      expect((await ask('/api/v1/vulnerabilities?severity=medium')).body).toMatchObject({
        items: [{ id: 'CVE-2024-0001', severity: 'high', packages: ['a'], installed: 1 }],
        next: null,
      });
      const who = (await ask('/api/v1/vulnerabilities/CVE-2024-0001')).body as {
        found: { images: string[] }[];
      };
      expect(who.found.map((each) => each.images.length)).toEqual([2]);
      expect((await ask('/api/v1/vulnerabilities/CVE-1999-0001')).status).toBe(404);
      expect((await ask('/api/v1/packages?limit=1')).body).toMatchObject({
        items: [{ id: 'a' }],
        next: expect.any(String),
      });
      await ask('/api/v1/packages/a');

      await ask('/api/v1/news');
      expect((await ask('/api/v1/news?run=1')).body).toMatchObject({ runs: [{ run: 1 }] });
      expect((await ask('/api/v1/news?since=2026-02-30T00:61Z')).status).toBe(400);
      expect((await ask('/api/v1/runs')).body).toMatchObject({
        items: [{ run: 1, state: 'finished' }],
        next: null,
      });
      await ask('/api/v1/runs/1');
      expect((await ask('/api/v1/runs/9')).status).toBe(404);
      await ask('/api/v1/status');
      await ask('/api/v1/feed');
      expect((await ask('/api/v1/watches')).body).toMatchObject({
        items: images.map((each) => ({ place: each })),
      });
      expect((await ask('/api/v1/images?color=red')).status).toBe(400);
      expect((await ask('/api/v1/images?limit=0')).status).toBe(400);
      expect((await ask('/api/v1/images?cursor=eyJhIjoxfQ')).status).toBe(400);
      expect(server.warnings).toEqual([]);
    });

    it('takes inventories, plain and compressed, watches and runs from those who may write', async () => {
      let runs = 0;
      await using server = await openFleetServer(await newPlace(), {
        runs: { start: async () => ++runs },
      });
      const { ask } = await apiContract(server);
      const [reader, writer, admin] = [
        await server.token('read'),
        await server.token('write'),
        await server.token('admin'),
      ];
      const body = JSON.stringify(inventory);
      const post = (path: string, token: string | undefined, init: RequestInit) =>
        ask(path, { method: 'POST', ...(token !== undefined && { token }), ...init });

      expect(await post('/api/v1/inventories', undefined, { body, headers: json })).toMatchObject({
        status: 401,
      });
      expect(await post('/api/v1/inventories', reader, { body, headers: json })).toMatchObject({
        status: 403,
        body: { code: 'NOT_ALLOWED' },
      });
      expect(await post('/api/v1/inventories', writer, { body, headers: json })).toMatchObject({
        status: 201,
        body: { name: 'web1', isNew: true },
      });
      const packed = { ...json, 'content-encoding': 'gzip' };
      expect(
        await post('/api/v1/inventories?name=web2', writer, { body: gzipSync(body), headers: packed }),
      ).toMatchObject({ status: 201, body: { name: 'web2', isNew: true } });
      for (const [broken, headers] of [
        ['{"packages": []}', json],
        ['{', json],
        ['no gzip', packed],
      ] as const) {
        expect(await post('/api/v1/inventories', writer, { body: broken, headers })).toMatchObject({
          status: 400,
        });
      }
      expect(
        (await post('/api/v1/inventories', writer, { body, headers: { 'content-type': 'text/plain' } }))
          .status,
      ).toBe(415);

      const watch = JSON.stringify({ kind: 'image', place: 'registry.example/app:1' });
      expect(await post('/api/v1/watches', writer, { body: watch, headers: json })).toMatchObject({
        status: 201,
        body: { added: true },
      });
      expect(await post('/api/v1/watches', writer, { body: watch, headers: json })).toMatchObject({
        body: { added: false },
      });
      const remove = (place: string, token = admin) =>
        ask(`/api/v1/watches?place=${encodeURIComponent(place)}`, { method: 'DELETE', token });
      expect((await remove('registry.example/app:1', writer)).status).toBe(403);
      expect((await remove('registry.example/app:1')).status).toBe(204);
      expect((await remove('registry.example/app:1')).status).toBe(404);
      expect((await ask('/api/v1/images', { token: reader })).body).toMatchObject({
        items: [{ reference: 'web1' }, { reference: 'web2' }],
      });

      const accepted = JSON.stringify({ vulnerability: 'CVE-2024-0001', reason: 'not reachable' });
      expect((await post('/api/v1/waivers', writer, { body: accepted, headers: json })).status).toBe(403);
      expect(await post('/api/v1/waivers', admin, { body: accepted, headers: json })).toMatchObject({
        status: 201,
        body: { id: 1 },
      });
      for (const body of [
        '{"vulnerability":"CVE-2024-0001","reason":"of one","reason":"of another"}',
        '{"vulnerability":"CVE-2024-0001","reason":"x","__proto__":{"image":"x"}}',
        '{"reason":',
        '',
      ])
        expect(await post('/api/v1/waivers', admin, { body, headers: json })).toMatchObject({
          status: 400,
          body: { code: 'REQUEST_INVALID' },
        });
      expect((await post('/api/v1/waivers', admin, { body: '{"reason":""}', headers: json })).status).toBe(
        400,
      );
      expect((await ask('/api/v1/waivers', { token: reader })).body).toMatchObject({
        items: [{ id: 1, state: 'unused', author: 'admin 3' }],
      });
      const end = () => ask('/api/v1/waivers/1', { method: 'DELETE', token: admin });
      expect((await end()).status).toBe(204);
      expect((await end()).status).toBe(404);

      expect(await post('/api/v1/runs', writer, {})).toMatchObject({ status: 202, body: { run: 1 } });
      expect((await post('/api/v1/prune', writer, { body: '{}', headers: json })).status).toBe(403);
      expect(await post('/api/v1/prune', admin, { body: '{}', headers: json })).toMatchObject({
        status: 200,
        body: { images: 0 },
      });
      expect(server.warnings).toEqual([]);
    });

    it('an inventory that is sent in cannot stand for an image that has its digest', async () => {
      const place = await newPlace();
      await using server = await openFleetServer(place);
      const token = await server.token('write');
      const claimed = `sha256:${'a'.repeat(64)}`;
      const send = async (name: string, packages: object[]) => {
        const body = { ...inventory, image: { ...inventory.image, digest: claimed }, packages };
        const sent = await server.ask(`/api/v1/inventories?name=${name}`, {
          ...{ method: 'POST', token, headers: json, body: JSON.stringify(body) },
        });
        expect(sent.status).toBe(201);
      };
      await send('one', inventory.packages);
      await send('two', [{ ...inventory.packages[0], version: '2' }]);
      const items = await server.ask('/api/v1/images', { token });
      const { items: listed } = (await items.json()) as { items: { digest: string }[] };
      expect(new Set(listed.map(({ digest }) => digest)).size).toBe(2);
      expect(listed.filter(({ digest }) => digest === claimed)).toEqual([]);
      const back = await server.ask(`/api/v1/images/${listed[0]!.digest}/inventory`, { token });
      expect(await back.json()).toMatchObject({ image: { reference: 'one', digest: claimed } });
    });

    it('an inventory that is sent in cannot take the name of an image, be it added before or after', async () => {
      const place = await newPlace();
      await using server = await openFleetServer(place);
      const token = await server.token('write');
      const send = async (name: string) =>
        (
          await server.ask(`/api/v1/inventories?name=${encodeURIComponent(name)}`, {
            ...{ method: 'POST', token, headers: json, body: JSON.stringify(inventory) },
          })
        ).status;
      const { database } = server.context;
      const kinds = async () => (await names(database)).map(({ kind, reference }) => `${kind} ${reference}`);
      const [known, later] = ['registry.example/app:1', 'registry.example/app:2'];
      const add = async (reference: string, kind: 'image' | 'registry' = 'image') => {
        const { id } = await addWatch(database, { kind, place: reference }, new Date());
        return addNames(database, id, [reference], new Date());
      };
      await add(known);
      expect(await send(known)).toBe(400);
      expect(await send(later)).toBe(201);
      expect(await kinds()).toEqual([`image ${known}`, `import ${later}`]);
      // Somebody who lists the tags of the registry later finds it, and reads it.
      expect(await add(later, 'registry')).toBe(1);
      expect(await kinds()).toEqual([`image ${known}`, `registry ${later}`]);
      expect(await add(later)).toBe(0);
      expect(await send(later)).toBe(400);
      expect(await send('host1')).toBe(201);
      expect(await send('host1')).toBe(201);
    });

    it('refuses a request of 1 GB before it is read', async () => {
      await using server = await openFleetServer(await newPlace());
      const token = await server.token('write');
      const send = (headers: Record<string, string>, chunk: Buffer) =>
        new Promise<{ status: number; sent: number }>((resolve, reject) => {
          let sent = 0;
          const sending = request(`${server.origin}/api/v1/inventories`, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, ...json, ...headers },
          });
          sending.on('response', (answer) => {
            answer.resume();
            resolve({ status: answer.statusCode!, sent });
            sending.destroy();
          });
          sending.on('error', (error: NodeJS.ErrnoException) => {
            if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
          });
          sending.on('close', () => resolve({ status: 0, sent }));
          const more = () => {
            while (sent < 1 << 30 && !sending.destroyed) {
              sent += chunk.length;
              if (!sending.write(chunk)) return;
            }
          };
          sending.on('drain', more);
          more();
        });
      const chunk = randomBytes(1 << 20);
      // An answer to somebody who is still sending can be lost when the connection is closed: then it is asked for again.
      const answerTo = async (headers: Record<string, string>) => {
        for (let attempt = 0; attempt < 4; attempt++) {
          const answer = await send(headers, chunk);
          if (answer.status !== 0) return answer;
        }
        return send(headers, chunk);
      };
      const announced = await answerTo({ 'content-length': String(1 << 30) });
      expect(announced.status).toBe(413);
      expect(announced.sent).toBeLessThan(64 << 20);
      const endless = await answerTo({ 'transfer-encoding': 'chunked' });
      expect(endless.status).toBe(413);
      expect(endless.sent).toBeLessThan(128 << 20);
      const bomb = await server.ask('/api/v1/inventories', {
        ...{ method: 'POST', token, headers: { ...json, 'content-encoding': 'gzip' } },
        body: gzipSync(Buffer.alloc(100 << 20)),
      });
      expect(bomb.status).toBe(413);
      expect((await server.ask('/healthz')).status).toBe(200);
    });

    it('what is asked is a value, and never a part of a statement or a header', async () => {
      const place = await newPlace();
      await addImages(place, [`dir:${imageOf('a')}`]);
      await night(place, feedOf({ vulnerability: 'CVE-2024-0001', package: 'a' }));
      await using server = await openFleetServer(place);
      const token = await server.token('admin');
      const hostile = [
        "'; DROP TABLE fleet.names; --",
        '\0',
        '\ud800',
        'x\r\nset-cookie: a=b',
        '%',
        '\\',
        '$1',
        "a' OR '1'='1",
      ];
      const names = [
        'q',
        'kind',
        'system',
        'platform',
        'state',
        'severity',
        'digest',
        'sort',
        'limit',
        'cursor',
      ];
      const encoded = (text: string) => encodeURIComponent(Buffer.from(text).toString('utf8'));
      const cursors = hostile.map((text) => Buffer.from(JSON.stringify([1, text])).toString('base64url'));
      const asked = hostile.flatMap((text) => [
        ...names.map((name) => `/api/v1/images?${name}=${encoded(text)}`),
        ...['images', 'vulnerabilities', 'packages', 'runs'].map(
          (kind) => `/api/v1/${kind}/${encoded(text)}`,
        ),
        ...['vulnerabilities', 'packages'].map((kind) => `/api/v1/${kind}?q=${encoded(text)}`),
        `/api/v1/names?reference=${encoded(text)}`,
        `/api/v1/news?since=${encoded(text)}`,
        `/sign-in?next=${encoded(text)}`,
      ]);
      for (const path of [...asked, ...cursors.map((cursor) => `/api/v1/images?cursor=${cursor}`)]) {
        const { status, headers } = await server.ask(path, { token });
        expect([200, 400, 404], path).toContain(status);
        expect(headers.get('set-cookie'), path).toBeNull();
      }
      for (const text of hostile) {
        const body = JSON.stringify({ ...inventory, image: { reference: `web ${text}`, layers: [] } });
        const sent = await server.ask('/api/v1/inventories', { method: 'POST', token, headers: json, body });
        expect(sent.status).toBe(201);
      }
      const left = await server.ask('/api/v1/images?q=web', { token });
      expect(((await left.json()) as { items: object[] }).items.length).toBeGreaterThan(5);
      expect(server.warnings).toEqual([]);
    });

    it('shows what it knows to Prometheus', async () => {
      const place = await newPlace();
      await addImages(place, [`dir:${imageOf('a', 'b')}`, `dir:${imageOf('a')}`, 'dir:/nowhere']);
      await night(place, feedOf({ vulnerability: 'CVE-2024-0001', package: 'a' }));
      await using server = await openFleetServer(place);
      const answer = await server.ask('/metrics');
      expect(answer.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
      const text = await answer.text();
      expect(text).toMatch(/# EOF\n$/);
      for (const line of [
        'scapfeed_fleet_flaws{severity="high"} 2',
        'scapfeed_fleet_exploited_flaws 0',
        'scapfeed_fleet_images{state="unread"} 1',
        'scapfeed_fleet_images{state="judged"} 2',
        'scapfeed_fleet_images{state="partly"} 0',
        'scapfeed_fleet_queue_jobs{kind="read",state="waiting"} 0',
        'scapfeed_feed_platform_statements{platform="debian-12"} 1',
      ])
        expect(text).toContain(`\n${line}\n`);
      expect(text).toMatch(/\nscapfeed_feed_platform_age_seconds\{platform="debian-12"\} \d+\n/);
      expect(text).toMatch(/\nscapfeed_fleet_last_run_duration_seconds [\d.]+\n/);
      // Data without a date is not of 1970.
      await server.context.database.query(
        `UPDATE fleet.feeds SET created = $1::text::timestamptz, platforms = jsonb_set(platforms, '{0,updated}', to_jsonb($1::text))`,
        [undated],
      );
      const withoutDate = await (await server.ask('/metrics')).text();
      expect(withoutDate).toContain('scapfeed_feed_platform_statements{platform="debian-12"} 1');
      expect(withoutDate).not.toMatch(/^scapfeed_feed_(?:platform_)?age_seconds.* \d/m);
    });
  });
}
