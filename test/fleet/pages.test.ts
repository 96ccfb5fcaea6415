import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageFilters } from '../../src/fleet/pages/tables/images.ts';
import type { OpenServer } from '../../src/fleet/serve/open-server.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { addWaiver } from '../../src/fleet/store/waivers.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { openPageServer } from '../support/page-server.ts';
import { makeSampleFleet, sampleMorning } from '../support/sample-fleet.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { smallStream } from '../support/small-stream.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Served {
  database: Database;
  server: OpenServer;
  text(address: string, accept?: string): Promise<{ status: number; type: string; body: string }>;
  json(address: string): Promise<{ table: string; rows: Record<string, unknown>[] }>;
  close(): Promise<void>;
}

async function serve(place: string, now = sampleMorning): Promise<Served> {
  const database = await openDatabase(place, now);
  const server = await openPageServer(database, () => now);
  const text: Served['text'] = async (address, accept = 'text/html') => {
    const { statusCode, headers, body } = await server.app.inject({ url: address, headers: { accept } });
    return { status: statusCode, type: String(headers['content-type']), body };
  };
  return {
    ...{ database, server, text },
    async json(address) {
      const { body } = await text(address, 'application/json');
      return JSON.parse(body) as Awaited<ReturnType<Served['json']>>;
    },
    async close() {
      await server.close();
      await database.close();
    },
  };
}

/** The page's text, without markup. */
const plain = (body: string) =>
  body
    .replaceAll(/<(?:wbr)>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

/** Where a page leads inside the server. */
const links = (body: string) =>
  [
    ...new Set(
      [...body.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, link]) => link!.replaceAll('&amp;', '&')),
    ),
  ].filter((link) => link !== 'data:,' && !/^(?:#|https:\/\/)/.test(link));

describe("the pages of a fleet's server", { timeout: 240_000 }, () => {
  let served: Served;
  let cart: string;

  beforeAll(async () => {
    const place = await newEmbedded();
    await makeSampleFleet(place, temporaryFolder('sample'), 3);
    served = await serve(place);
    const { rows } = await served.json('/images?q=shop/checkout');
    cart = `/images/${String(rows[0]!['digest'])}`;
  }, 240_000);
  afterAll(() => served.close());

  it('have in the list of images what `fleet list` has, and no number for what is not known', async () => {
    const { rows } = await served.json('/images?sort=image');
    expect(rows).toHaveLength(20);
    const heads = plain((await served.text('/images')).body);
    for (const head of ['Unknown', 'Signature']) expect(heads).toContain(head);
    const known = await served.database.query<{ digest: string; critical: number }>(
      `SELECT digest, (counts->'flaws'->>'critical')::integer AS critical FROM fleet.images JOIN fleet.name_images ON name_images.image = images.id
       AND until IS NULL JOIN fleet.image_counts ON image_counts.image = images.id JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL AND platform IS NOT NULL`,
    );
    for (const { digest, critical } of known)
      expect(rows.find((row) => row['digest'] === digest)).toMatchObject({ critical });
    expect(rows.filter(({ state }) => state === 'unread' || state === 'uncovered')).toEqual([
      expect.objectContaining({
        image: 'dir:/srv/images/legacy-reports',
        state: 'unread',
        critical: null,
        fixable: null,
      }),
      expect.objectContaining({
        image: 'host.example/build2',
        state: 'uncovered',
        critical: null,
        fixable: null,
      }),
    ]);
  });

  it('filter images as the API does, by every filter that both have', async () => {
    const api = async (query: string) => {
      const { body } = await served.text(`/api/v1/images?limit=1000&${query}`, 'application/json');
      const { items } = JSON.parse(body) as { items: { reference: string; owners: string[] }[] };
      return items;
    };
    const shared = imageFilters.filter(({ label, schema }) => label !== undefined && schema);
    expect(shared.map(({ name }) => name)).toEqual([
      ...['state', 'owner', 'severity', 'exploited', 'overdue', 'base'],
    ]);
    let found = 0;
    for (const { name, choices = [{ value: 'payments' }] } of shared)
      for (const { value } of choices) {
        const asked = value === 'yes' ? 'true' : value;
        const { rows } = await served.json(`/images?sort=image&${name}=${value}`);
        const items = await api(`${name}=${asked}`);
        expect(items.map(({ reference }) => reference)).toEqual(rows.map(({ image }) => image));
        found += items.length;
      }
    expect(found).toBeGreaterThan(20);
  });

  it('never call anything clean, and name what is not known on each page', async () => {
    for (const address of [
      '/',
      '/images',
      cart,
      '/vulnerabilities',
      '/packages',
      '/profiles',
      '/news',
      '/waivers',
      '/feed',
    ]) {
      const { status, body } = await served.text(address);
      expect(status, address).toBe(200);
      expect(plain(body).replace('is therefore not clean', ''), address).not.toMatch(/\bclean\b/);
    }
    const overview = plain((await served.text('/')).body);
    for (const word of ['1 not read', '1 not covered', '1 judged in part', '1 unsigned', 'not looked at'])
      expect(overview).toContain(word);
    const images = plain((await served.text('/images')).body);
    expect(images).toContain('Not everything is known of this fleet');
    expect(images).toContain('IMAGE_NOT_FOUND');
  });

  it('say of a vulnerability that nobody is known to have it which images may have it', async () => {
    const { status, body } = await served.text('/vulnerabilities/CVE-1999-0001');
    expect(status).toBe(200);
    const text = plain(body);
    expect(text).toContain('0 images have it as an open flaw');
    expect(text).toContain(
      'Others may have it too, because not everything is known of them 1 image not read 1 image not covered',
    );
  });

  it('tell who has a vulnerability, as the verdicts do', async () => {
    const { rows } = await served.json('/vulnerabilities?severity=high');
    const [first] = rows;
    const id = String(first!['vulnerability']);
    const holders = (await served.json(`/vulnerabilities/${id}`)).rows;
    const expected = await served.database.query<{ reference: string }>(
      `SELECT DISTINCT reference FROM fleet.verdicts JOIN fleet.images ON packages @> ARRAY[package]
       JOIN fleet.name_images ON image = images.id AND until IS NULL JOIN fleet.names ON names.id = name
       WHERE vulnerability = $1 AND verdicts.to_run IS NULL `,
      [id],
    );
    expect(holders.map(({ image }) => image)).toEqual(expected.map(({ reference }) => reference).sort());
    expect(first!['images']).toBe(holders.length);
  });

  it('tell who has a CVE that was written in small letters or with a space', async () => {
    const { rows } = await served.json('/vulnerabilities?severity=high');
    const id = String(rows[0]!['vulnerability']);
    const expected = (await served.json(`/vulnerabilities/${id}`)).rows;
    expect(expected.length).toBeGreaterThan(0);
    for (const written of [id.toLowerCase(), `%20${id}`, `${id}%20`]) {
      expect((await served.json(`/vulnerabilities/${written}`)).rows, written).toEqual(expected);
      const { status, body } = await served.text(`/api/v1/vulnerabilities/${written}`, 'application/json');
      expect([status, (JSON.parse(body) as { id: string }).id], written).toEqual([200, id]);
    }
  });

  it('count a list of names without a judged image as unknown, not as without flaws', async () => {
    expect(plain((await served.text('/images?state=unread')).body)).toContain(
      '1 of 20 images; no platform judges any of them, and nothing is known of their flaws',
    );
    expect(plain((await served.text('/images')).body)).toMatch(
      /20 images; [\d,]+ open flaws known in 18 images that a platform judges/,
    );
  });

  it('count what an upgrade brings, as the verdicts do', async () => {
    const { rows } = await served.json('/packages');
    const { source, flaws, images } = rows[0]!;
    const [expected] = await served.database.query<{ flaws: number; images: number }>(
      `SELECT count(DISTINCT vulnerability)::integer AS flaws, count(DISTINCT images.id)::integer AS images FROM fleet.verdicts
       JOIN fleet.packages ON packages.id = package JOIN fleet.images ON images.packages @> ARRAY[package]
       JOIN fleet.name_images ON image = images.id AND until IS NULL
       WHERE source = $1 AND verdicts.to_run IS NULL AND fix_state = 'available' AND status = 'affected' AND hidden IS NULL`,
      [source],
    );
    expect({ flaws, images }).toEqual(expected);
    const page = plain((await served.text(`/packages/${String(source)}`)).body);
    expect(page).toMatch(/Upgrade this debian-1[23]: upgrade to/);
    // The store does not know which of several versions is the last: none is told as the one to upgrade to.
    const all = plain((await served.text('/packages/openssl')).body);
    const told = [...all.matchAll(/: upgrade to (.*?), and \d+ flaws? goe?s? in/g)].map(([, to = '']) => to);
    expect(told.some((to) => to.includes(','))).toBe(true);
    for (const to of told)
      expect(to.startsWith('the newest that can be installed of '), to).toBe(to.includes(','));
  });

  it('tell of an image what changed and why, its layers, signatures, history, and what another one has', async () => {
    const changes = await served.json(`${cart}?view=changes`);
    expect(new Set(changes.rows.map(({ cause }) => cause))).toEqual(new Set(['feed', 'image']));
    const layers = await served.json(`${cart}?view=layers`);
    expect(layers.rows).toHaveLength(2);
    expect(layers.rows.every(({ packages }) => Number(packages) > 0)).toBe(true);
    const flaws = await served.json(cart);
    const counts = await served.json('/images?q=shop/checkout');
    const counted = (severity: string) => flaws.rows.filter((row) => row['severity'] === severity).length;
    for (const severity of ['critical', 'high', 'medium', 'low'])
      expect(counts.rows[0]![severity], severity).toBe(counted(severity));
    expect((await served.json(`${cart}?view=signatures`)).rows).toEqual([
      expect.objectContaining({ state: 'verified', signer: 'https://ci.example/shop' }),
    ]);
    const history = await served.json(`${cart}?view=history`);
    expect(history.rows).toHaveLength(2);
    const former = String(history.rows[1]!['digest']);
    const compared = plain((await served.text(`${cart}?view=compare`)).body);
    expect(compared).toContain('Packages that differ');
    expect(compared).toContain(former.slice(0, 19));
    const none = plain((await served.text(`${cart}?view=rules`)).body);
    expect(none).toContain('No run has evaluated it');
  });

  it('filter, sort and page by their address', async () => {
    expect((await served.json('/images?state=uncovered')).rows).toHaveLength(1);
    expect((await served.json('/images?signed=unsigned')).rows).toHaveLength(1);
    expect((await served.json('/images?signed=unchecked')).rows).toHaveLength(11);
    expect((await served.json('/images?q=data%20redis')).rows).toHaveLength(1);
    const sorted = (await served.json('/images?sort=critical&order=down')).rows.map(
      ({ critical }) => critical,
    );
    const numbers = sorted.filter((value) => value !== null) as number[];
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(sorted.slice(-2)).toEqual([null, null]);
    const all = await served.json('/vulnerabilities');
    const first = await served.text('/vulnerabilities');
    const second = await served.text('/vulnerabilities?vulnerabilities-page=2');
    const shown = (body: string) =>
      [...body.matchAll(/href="\/vulnerabilities\/(CVE[^"]*)"/g)].map(([, id]) => id);
    expect(shown(first.body)).toEqual(all.rows.slice(0, 50).map(({ vulnerability }) => vulnerability));
    expect(shown(second.body)).toEqual(all.rows.slice(50, 100).map(({ vulnerability }) => vulnerability));
    expect((await served.text('/vulnerabilities?vulnerabilities-page=999999999')).status).toBe(200);
  });

  it('refuse a value that no filter has: an empty list, or all of it, would be taken for the answer', async () => {
    const filters = {
      '/images': ['state', 'signed', 'files', 'severity', 'exploited', 'sort', 'order'],
      '/vulnerabilities': ['severity', 'exploited', 'fix'],
      '/packages': ['severity'],
      '/news': ['kind', 'cause'],
      '/waivers': ['ended'],
      [cart]: ['view', 'severity', 'fix', 'show'],
    };
    for (const [path, names] of Object.entries(filters))
      for (const name of names)
        for (const value of ['bogus', 'false', '-1', '__proto__', 'critical,high', '%00']) {
          const answer = await served.text(`${path}?${name}=${value}&format=json`);
          expect(answer.status, `${path} ${name}=${value}`).toBe(400);
          expect(answer.body).toContain(`for ${name}, found`);
        }
    for (const run of ['0', '999', '1.0', '01', '-1', 'NaN'])
      expect((await served.text(`/news?run=${run}`)).status, run).toBe(404);
    for (const address of [
      '/images?state=',
      '/images?severity=low',
      '/vulnerabilities?fix=none',
      '/news?run=1',
    ])
      expect((await served.text(address)).status, address).toBe(200);
  });

  it('have the day on which a flaw was first seen, and since when its fix can be installed', async () => {
    const images = (await served.json('/images')).rows.flatMap(({ digest }) =>
      digest ? [String(digest)] : [],
    );
    const pages = await Promise.all([...new Set(images)].map((digest) => served.json(`/images/${digest}`)));
    const rows = pages.flatMap((page) => (page.rows ?? []) as Record<string, string | null>[]);
    expect(new Set(rows.map((row) => row['fix_state']))).toContain('available');
    for (const row of rows) {
      expect(row['first_seen']! <= row['since']!).toBe(true);
      if (row['fix_state'] === 'available') expect(row['fix_since']! >= row['first_seen']!).toBe(true);
      else expect(row['fix_since']).toBeNull();
    }
  });

  it('put aside what is waived, and say so', async () => {
    const page = plain((await served.text('/waivers')).body);
    expect(page).toContain('the parser is not reachable from the network');
    const flaw = (await served.json(cart)).rows[0]!;
    await addWaiver(
      served.database,
      { vulnerability: String(flaw['vulnerability']), reason: 'accepted', image: 'registry.example/shop/*' },
      'ops@example.test',
      sampleMorning,
    );
    const again = await freshServer(served.database);
    const after = (await again(`${cart}?format=json`)) as { rows: Record<string, unknown>[] };
    expect(after.rows.map((row) => row['vulnerability'])).not.toContain(flaw['vulnerability']);
    const all = (await again(`${cart}?show=all&format=json`)) as { rows: Record<string, unknown>[] };
    expect(all.rows.find((row) => row['vulnerability'] === flaw['vulnerability'])).toMatchObject({
      waived: 'accepted',
    });
  });

  it('answer in CSV and JSON by the same address, for each of their tables', async () => {
    const asked = await served.text('/images', 'text/csv');
    expect(asked).toMatchObject({ status: 200, type: expect.stringContaining('text/csv') });
    expect(asked.body.split('\r\n')[0]).toMatch(/^image,digest,platform,owners,system,critical/);
    expect((await served.text('/images?format=csv')).body).toBe(asked.body);
    for (const [address, table] of [
      ['/', 'upgrades'],
      ['/', 'trend'],
      ['/feed', 'sources'],
      ['/news', 'runs'],
      [cart, 'flaws'],
    ] as const) {
      const { rows, table: name } = await served.json(`${address}?table=${table}`);
      expect(name).toBe(table);
      expect(rows.length, `${address} ${table}`).toBeGreaterThan(0);
    }
    expect(await served.text('/images?format=xml')).toMatchObject({ status: 400 });
    expect(await served.text('/images?format=csv&table=none')).toMatchObject({ status: 400 });
    expect((await served.text('/', '*/*')).type).toContain('text/html');
  });

  it('lead nowhere that is not there, and have every table they offer', async () => {
    const seen = new Set<string>(['/']);
    const pending = ['/'];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { status, body, type } = await served.text(next);
      expect([200, 303], next).toContain(status);
      if (!type.startsWith('text/html')) continue;
      for (const link of links(body)) {
        const address = link.split('#')[0]!;
        const kind = address
          .replace(/\/(images|vulnerabilities|packages)\/[^?]*/, '/$1/*')
          .replaceAll(/=[^&]*/g, '=');
        if (!address.startsWith('/') || seen.has(kind)) continue;
        seen.add(kind);
        pending.push(address);
      }
    }
    expect(seen.size).toBeGreaterThan(40);
  });

  it('find images, packages and vulnerabilities by one field', async () => {
    const { server } = served;
    const found = await server.app.inject({ url: '/search?q=cve-2026-20111' });
    expect(found).toMatchObject({
      statusCode: 303,
      headers: expect.objectContaining({ location: '/vulnerabilities/CVE-2026-20111' }),
    });
    const page = plain((await served.text('/search?q=redis')).body);
    expect(page).toContain('registry.example/data/redis:stable');
    expect(page).toContain('Source packages');
  });

  it('say so where there is nothing', async () => {
    for (const address of ['/images/sha256:0', '/packages/nothing', '/profiles/nothing'])
      expect(await served.text(address), address).toMatchObject({
        status: 404,
        type: expect.stringContaining('text/html'),
      });
  });

  it('have no inline script and no style of their own', async () => {
    const { body } = await served.text('/');
    expect(/<style|style="|<script>|\son[a-z]+="/.exec(body)).toBeNull();
    for (const [, address] of body.matchAll(/(?:src|rel="stylesheet" href)="(\/assets\/[^"]+)"/g))
      expect(await served.text(address!), address).toMatchObject({ status: 200 });
  });
});

it('the page of an empty fleet has no numbers that would read as clean', { timeout: 60_000 }, async () => {
  const served = await serve(await newEmbedded());
  const text = plain((await served.text('/')).body);
  expect(text).toContain('The fleet is empty');
  expect(text).toContain('Known to be exploited – Nothing is judged yet.');
  expect(text).not.toMatch(/\b0 vulnerabilities/);
  // Nobody asked for signatures.
  expect(plain((await served.text('/images')).body)).not.toContain('Signature');
  await served.close();
});

/** A server that has not looked at the store before. */
async function freshServer(database: Database) {
  const server = await openPageServer(database, () => sampleMorning);
  return async (url: string): Promise<unknown> => {
    const { body } = await server.app.inject({ url });
    return JSON.parse(body);
  };
}

/** Text that means something to a browser, a terminal or a spreadsheet. */
const hostile = `=cmd|'/c calc'!A1"></script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202ejavascript:alert(1)`;

describe('the pages of a fleet in which every name is hostile', { timeout: 240_000 }, () => {
  let served: Served;

  beforeAll(async () => {
    const place = await newEmbedded();
    const folder = temporaryFolder();
    const file = join(folder, 'inventory.json');
    const inventory = {
      os: { id: 'debian', versionId: '12', prettyName: hostile, found: '/etc/os-release' },
      databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 3 }],
      packages: [{ ...deb(hostile, '1'), layer: 0 }, deb('..', '1'), deb('javascript:alert(1)', '1')],
      notes: [{ code: hostile, where: hostile, detail: hostile }],
      unjudged: [{ ecosystem: hostile, packages: 1, places: [hostile] }],
    };
    writeFileSync(file, JSON.stringify(inventory));
    const strange = {
      id: hostile.replaceAll(/\W/g, ''),
      versionId: '1',
      prettyName: hostile,
      found: '/etc/os-release',
    };
    writeFileSync(join(folder, 'other.json'), JSON.stringify({ ...inventory, os: strange }));
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    await addImages(place, [
      `sbom:${file}`,
      `sbom:${join(folder, 'other.json')}`,
      `dir:${root}`,
      `dir:/nowhere/${hostile}`,
      'javascript:alert(1)',
    ]);
    const feed = writeSmallFeed([
      {
        platform: bookworm,
        statements: [hostile, 'javascript:alert(1)', '..'].map((name, at) => ({
          vulnerability: at === 0 ? hostile : `CVE-2024-000${at}`,
          package: name,
          status: 'affected',
          fixState: 'none_yet',
          reason: hostile,
          advisories: [hostile],
          severity: 'high',
        })),
      },
    ]);
    const content = join(folder, 'content.xml');
    writeFileSync(content, smallStream().replaceAll('Setting 1', hostile.replaceAll(/[<>&"\x1b]/g, '')));
    await night(place, feed, ['--content', content, '--profile', 'strict']);
    const now = new Date();
    served = await serve(place, now);
    await addWaiver(
      served.database,
      { vulnerability: 'CVE-2024-0001', reason: hostile, image: hostile },
      hostile,
      now,
    );
  }, 240_000);
  afterAll(() => served.close());

  it('hold none of it as markup, as a link, as a control or as a formula', async () => {
    const { rows } = await served.json('/images');
    const digests = rows.flatMap(({ digest }) => (digest === null ? [] : `/images/${String(digest)}`));
    const addresses = [
      ...[
        '/',
        '/images',
        '/vulnerabilities',
        '/packages',
        '/profiles',
        '/profiles/strict',
        '/profiles/strict?view=matrix',
      ],
      ...[
        '/profiles/strict?view=images',
        '/news',
        '/waivers',
        '/feed',
        '/search',
        `/search?q=${encodeURIComponent(hostile)}`,
      ],
      ...[`/images?q=${encodeURIComponent(hostile)}`, `/images?state=${encodeURIComponent(hostile)}`],
      ...[`/vulnerabilities/${encodeURIComponent(hostile)}`, `/packages/${encodeURIComponent(hostile)}`],
      ...[
        'changes',
        'gaps',
        'layers',
        'rules',
        'signatures',
        'history',
        'compare',
        'flaws&show=all',
        `compare&with=${encodeURIComponent(hostile)}`,
      ].flatMap((view) => digests.map((digest) => `${digest}?view=${view}`)),
    ];
    let told = 0;
    for (const address of addresses) {
      const { body, status } = await served.text(address);
      expect(address.includes('?state=') ? [400] : [200, 404], address).toContain(status);
      if (status === 400) continue;
      told += Number(body.includes('&lt;img src=x onerror=alert(1)&gt;'));
      expect(body.match(/<script/g), address).toHaveLength(1);
      expect(
        /<img|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.exec(body)?.[0],
        address,
      ).toBeUndefined();
      for (const link of links(body)) expect(link, address).toMatch(/^\/(?!\/)/);
      const csv = await served.text(`${address}${address.includes('?') ? '&' : '?'}format=csv`);
      if (csv.status !== 200) continue;
      for (const cell of csv.body.split(/\r\n|,/)) expect(cell, address).not.toMatch(/^"?[=+@]/);
      expect(csv.body, address).not.toMatch(/[\x00-\x09\x0b\x0c\x0e-\x1f\u202e]/);
    }
    expect(told).toBeGreaterThan(15);
  });

  it('are reached by the links of the pages', async () => {
    const { body } = await served.text('/vulnerabilities');
    const link = links(body).find((each) => each.startsWith('/vulnerabilities/%3Dcmd'))!;
    const page = await served.text(link);
    expect(plain(page.body)).toContain('1 image has it as an open flaw');
  });

  it('answer what is too long or no request of theirs', async () => {
    for (const address of [
      '/images?images-page=-1',
      '/images?images-page=1e9',
      '/images?images-page=NaN',
      '/images?q=%00%ff%c0%af',
    ])
      expect((await served.text(address)).status, address).toBe(200);
    for (const address of [
      `/images?q=${'a'.repeat(5000)}`,
      '/images?q=a&q=b',
      '/images?format=csv&format=csv',
    ])
      expect((await served.text(address)).status, address).toBe(400);
    expect((await served.text('/news?run=x')).status).toBe(404);
    expect((await served.text(`/packages/${'a'.repeat(3000)}`)).status).toBeGreaterThanOrEqual(400);
  });
});
