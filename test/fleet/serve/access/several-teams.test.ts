import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peopleRules, rightsOf, type SignInRules } from '../../../../src/fleet/serve/access/sign-in-rules.ts';
import { ownersSeen, waivingOwner } from '../../../../src/fleet/serve/seen-by.ts';
import { readAudit } from '../../../../src/fleet/store/audit.ts';
import { keepOwnerRules } from '../../../../src/fleet/store/keep-owner-rules.ts';
import { listNames } from '../../../../src/fleet/store/list.ts';
import { migrations } from '../../../../src/fleet/store/migrations.ts';
import { beginPersonSession } from '../../../../src/fleet/store/sessions.ts';
import { digestOf } from '../../../../src/fleet/store/tokens.ts';
import { addWaiver, endWaiver, listWaivers } from '../../../../src/fleet/store/waivers.ts';
import { imageLayout, writeFiles } from '../../../image/support/make-image.ts';
import { file } from '../../../image/support/make-tar.ts';
import { debianRelease, stanza } from '../../../support/cli.ts';
import { addImages, type HeldStore, heldStore, night } from '../../../support/fleet.ts';
import { openFleetServer, type TestFleetServer } from '../../../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const rules: SignInRules = {
  ...{ issuer: 'http://127.0.0.1:9', clientId: 'fleet', address: 'http://127.0.0.1:9' },
  roles: [
    { group: 'admins', role: 'admin' },
    { group: 'payments', role: 'team', owner: 'pay' },
    { group: 'readers', role: 'read' },
    { group: 'shops', role: 'team', owner: 'shop' },
    { group: 'tills', role: 'team', owner: 'shop' },
  ],
};

/** The images of the fleet by owner, each with a package and a flaw of its own, and one flaw that all have. */
const owners = ['pay', 'shop', 'till', 'none'] as const;
type Owner = (typeof owners)[number];
const flawOf: Readonly<Record<Owner, string>> = {
  ...{ pay: 'CVE-2024-0001', shop: 'CVE-2024-0002', till: 'CVE-2024-0003', none: 'CVE-2024-0004' },
};
const everywhere = 'CVE-2024-0009';

/** The groups of people, and whose images they see. */
const people: readonly (readonly [who: string, groups: readonly string[], sees: readonly Owner[]])[] = [
  ['ann', ['payments'], ['pay']],
  ['bob', ['shops', 'payments', 'tills'], ['pay', 'shop']],
  ['eve', ['admins', 'payments', 'shops'], owners],
];

describe('the rights of a person in several groups', () => {
  it.each<[readonly string[], ReturnType<typeof rightsOf>]>([
    [[], undefined],
    [['staff'], undefined],
    [['payments'], { role: 'team', owners: ['pay'] }],
    [['shops', 'payments'], { role: 'team', owners: ['pay', 'shop'] }],
    // Two groups of one team, and a reader's right that stands behind a team's.
    [['tills', 'shops'], { role: 'team', owners: ['shop'] }],
    [['payments', 'readers', 'shops'], { role: 'team', owners: ['pay', 'shop'] }],
    [['readers', 'shops'], { role: 'read' }],
    [['payments', 'admins'], { role: 'admin' }],
  ])('%j', (groups, rights) => {
    expect(rightsOf(groups, rules.roles)).toEqual(rights);
  });

  it('are never those of the whole fleet where something is missing', () => {
    const caller = (seen: readonly string[]) => ({ name: 'x', role: 'team', seen, isBrowser: true }) as const;
    const refused = expect.objectContaining({ code: 'NOT_ALLOWED' });
    for (const nobody of [undefined, caller([])]) {
      expect(ownersSeen(nobody, undefined)).toEqual([]);
      expect(() => ownersSeen(nobody, 'pay')).toThrow(refused);
      expect(() => waivingOwner(nobody, undefined)).toThrow(refused);
      expect(() => waivingOwner(nobody, 'pay')).toThrow(refused);
    }
    expect(waivingOwner(caller(['pay']), undefined)).toEqual({ owner: 'pay' });
    expect(() => waivingOwner(caller(['pay', 'shop']), undefined)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.stringContaining('pay, shop') }),
    );
    expect(waivingOwner(caller(['pay', 'shop']), 'shop')).toEqual({ owner: 'shop' });
    expect(() => waivingOwner(caller(['pay', 'shop']), 'till')).toThrow(refused);
  });
});

describe('people of no, one and two teams', { timeout: 240_000 }, () => {
  let store: HeldStore;
  let server: TestFleetServer;
  let sessions: ReadonlyMap<string, string>;
  let digests: Readonly<Record<Owner, string>>;
  const now = () => new Date();

  beforeAll(async () => {
    store = await heldStore();
    const folder = temporaryFolder();
    const references = owners.map((owner) => {
      const packages = [`of-${owner}`, 'zlib'];
      const layer = [
        file('etc/os-release', debianRelease('12', 'bookworm')),
        file('var/lib/dpkg/status', packages.map((each) => stanza(each, '1')).join('')),
      ];
      return `oci:${writeFiles(join(folder, owner, 'app'), imageLayout({ layers: [layer] }))}:latest`;
    });
    await addImages(store, references);
    const flaw = (vulnerability: string, name: string) =>
      ({ vulnerability, package: name, status: 'fixed', fixed: '2', severity: 'high' }) as const;
    const statements = [
      ...owners.map((owner) => flaw(flawOf[owner], `of-${owner}`)),
      flaw(everywhere, 'zlib'),
    ];
    await night(store, writeSmallFeed([{ platform: bookworm, statements }]));
    await keepOwnerRules(
      store,
      ['pay', 'shop', 'till'].map((owner) => ({
        owner,
        names: [`**/${owner}/*`],
        labels: {},
        namespaces: [],
      })),
      now(),
    );
    const names = await listNames(store, now());
    digests = Object.fromEntries(
      owners.map((owner) => [
        owner,
        names.find(({ reference }) => reference.includes(`/${owner}/app`))!.digest!,
      ]),
    ) as Record<Owner, string>;
    for (const owner of ['pay', 'shop', 'till'])
      await addWaiver(store, { vulnerability: everywhere, owner, reason: `for ${owner}` }, 'ops', now());
    await addWaiver(store, { vulnerability: flawOf.none, reason: 'for none' }, 'ops', now());
    sessions = new Map(
      await Promise.all(
        people.map(async ([who, groups]) => {
          const person = { name: who, rights: rightsOf(groups, rules.roles)!, idToken: 'x' };
          return [who, await beginPersonSession(store, person, peopleRules(rules), now())] as const;
        }),
      ),
    );
    server = await openFleetServer(store, { signIn: rules });
  }, 240_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await store?.close();
  });

  const ask = async (who: string, path: string, init: RequestInit = {}) => {
    const answer = await server.ask(path, {
      ...init,
      headers: {
        ...{ accept: 'text/html', cookie: `scapfeed=${sessions.get(who)}`, origin: server.origin },
        ...init.headers,
      },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const post = (who: string, body: object) =>
    ask(who, '/api/v1/waivers', {
      ...{ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    });
  /** Owners of the images, flaws, packages and waivers in a text. */
  const foundIn = (text: string) =>
    owners.filter((owner) =>
      [`/${owner}/app`, flawOf[owner], `of-${owner}`, digests[owner].slice(0, 19), `for ${owner}`].some(
        (secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)),
      ),
    );

  /** Lists with something of every image, in all forms in which they are served. */
  const lists = [
    ...['/images', '/vulnerabilities', '/packages', '/news'].flatMap((path) => [
      ...[path, `${path}?format=csv`, `${path}?format=json`],
    ]),
    ...['/search?q=app', '/search?q=of-', '/', `/vulnerabilities/${everywhere}`],
    ...[`/vulnerabilities/${everywhere}?format=csv`, '/packages/zlib', '/waivers', '/waivers?format=csv'],
    ...['images', 'vulnerabilities', 'packages', 'news', 'waivers', 'feed'].map((path) => `/api/v1/${path}`),
    ...[`/api/v1/vulnerabilities/${everywhere}`, '/api/v1/packages/zlib'],
  ];
  /** Pages about data alone, or with only the worst findings, need not name each image. */
  const isPart = (path: string) => path === '/' || path === '/api/v1/feed';

  it.each(people)('%s of the groups %j sees the part of %j at every door', async (who, _groups, sees) => {
    for (const path of lists) {
      const { status, text } = await ask(who, path);
      expect([path, status]).toEqual([path, 200]);
      if (isPart(path)) expect(sees, path).toEqual(expect.arrayContaining(foundIn(text)));
      else expect([path, foundIn(text)]).toEqual([path, sees]);
    }
    for (const owner of owners) {
      const isSeen = sees.includes(owner);
      for (const path of [
        ...['', '/verdicts', '/history', '/inventory'].map(
          (part) => `/api/v1/images/${digests[owner]}${part}`,
        ),
        `/images/${encodeURIComponent(digests[owner])}`,
      ])
        expect([path, (await ask(who, path)).status]).toEqual([path, isSeen ? 200 : 404]);
      for (const path of [`/api/v1/news?owner=${owner}`, `/api/v1/waivers?owner=${owner}`]) {
        const { status, text } = await ask(who, path);
        expect([path, status]).toEqual([path, isSeen || who === 'eve' ? 200 : 403]);
        if (status === 200 && who !== 'eve') expect(foundIn(text), path).toEqual([owner]);
      }
      if (who === 'eve') continue;
      const filtered = await ask(who, `/images?owner=${owner}&format=csv`);
      expect(foundIn(filtered.text), owner).toEqual(isSeen ? [owner] : []);
    }
    // The log, and what is about all images, is not theirs; evidence of a flaw is asked for by a command, not at the server.
    for (const path of ['/api/v1/audit', '/api/v1/runs', '/profiles', '/metrics'])
      expect([path, (await ask(who, path)).status]).toEqual([path, who === 'eve' ? 200 : 403]);
    expect((await ask(who, `/api/v1/evidence/${everywhere}`)).status).toBe(404);
  });

  it('a person of two teams says for which one a waiver is, and takes back those of both', async () => {
    const body = { vulnerability: flawOf.shop, reason: 'not built' };
    const { status, text } = await post('bob', body);
    expect([status, text]).toEqual([400, expect.stringContaining('found none of pay, shop')]);
    expect((await post('bob', { ...body, owner: 'till' })).status).toBe(403);
    expect((await post('bob', { ...body, owner: '' })).status).toBe(403);
    const made = await post('bob', { ...body, owner: 'shop' });
    expect(made.status).toBe(201);
    const { id } = JSON.parse(made.text) as { id: number };
    const whose = async () =>
      (await listWaivers(store, now(), 'all', { ended: true })).map(({ id, owner, endedBy }) => [
        ...[id, owner, endedBy],
      ]);
    expect((await whose()).at(-1)).toEqual([id, 'shop', null]);

    const form = (who: string, more: Record<string, string>) =>
      ask(who, `/vulnerabilities/${everywhere}/waivers`, {
        ...{ method: 'POST', body: new URLSearchParams({ reason: 'x', ...more }) },
      });
    expect((await form('bob', {})).status).toBe(400);
    expect((await form('bob', { owner: 'till' })).status).toBe(403);
    expect((await form('bob', { owner: 'pay' })).status).toBe(303);
    expect((await form('ann', {})).status).toBe(303);
    expect((await form('eve', {})).status).toBe(303);
    expect((await whose()).slice(-3).map(([, owner]) => owner)).toEqual(['pay', 'pay', null]);

    const end = async (who: string, number: number) =>
      (await ask(who, `/api/v1/waivers/${number}`, { method: 'DELETE' })).status;
    // 3 is of another team, 4 of no owner.
    expect([await end('bob', 3), await end('bob', 4), await end('bob', 99)]).toEqual([404, 404, 404]);
    expect([await end('ann', id), await end('bob', id), await end('bob', 1)]).toEqual([404, 204, 204]);
    for (const number of [2, 3, 4]) expect(await endWaiver(store, number, 'x', now(), [])).toBe(false);
    const acts = await readAudit(store, { limit: 100, kind: 'change', actor: 'bob' });
    expect(acts.map(({ act }) => act)).toContain(`waiver ${id} of ${flawOf.shop} of shop: not built`);
  });

  it('the form of a waiver offers the teams of a person of several, and the one that has the flaw', async () => {
    const choices = async (who: string, flaw: string) =>
      [
        ...(await ask(who, `/vulnerabilities/${flaw}`)).text.matchAll(/<option value="(\w*)"( selected)?>/g),
      ].map(([, team, selected]) => `${team}${selected ?? ''}`);
    expect(await choices('bob', everywhere)).toEqual([' selected', 'pay', 'shop']);
    expect(await choices('bob', flawOf.shop)).toEqual(['', 'pay', 'shop selected']);
    expect(await choices('bob', flawOf.none)).toEqual([' selected', 'pay', 'shop']);
    expect(await choices('ann', everywhere)).toEqual([]);
    expect(await choices('eve', everywhere)).toEqual([]);
  });

  it('a person without a team sees nothing, whatever a row says; the store takes no such row', async () => {
    const digest = digestOf(sessions.get('ann')!);
    const set = (value: string) =>
      store.query(`UPDATE fleet.sessions SET owners = ${value} WHERE digest = $1`, [digest]);
    for (const value of ['NULL', "'{}'", 'ARRAY[NULL]::text[]'])
      await expect(set(value), value).rejects.toThrow('sessions_whose');
    await store.query('ALTER TABLE fleet.sessions DROP CONSTRAINT sessions_whose');
    for (const value of ['NULL', "'{}'"]) {
      await set(value);
      for (const path of lists) {
        const { status, text } = await ask('ann', path);
        expect(status === 200 || status === 404, path).toBe(true);
        expect([path, foundIn(text)]).toEqual([path, []]);
      }
      for (const owner of owners)
        expect((await ask('ann', `/api/v1/images/${digests[owner]}`)).status).toBe(404);
      expect((await post('ann', { vulnerability: everywhere, reason: 'x' })).status).toBe(403);
      expect((await ask('ann', '/api/v1/waivers/2', { method: 'DELETE' })).status).toBe(404);
      expect((await ask('ann', `/vulnerabilities/${everywhere}`)).text).not.toContain('class="waive"');
    }
  });
});

it('a person of several teams who signed in when one counted signs in again', async () => {
  await using store = await heldStore();
  const now = new Date();
  const before = { ...peopleRules(rules), rules: Buffer.alloc(32) };
  const person = { name: 'bob', rights: { role: 'team', owners: ['pay'] }, idToken: 'x' } as const;
  const session = await beginPersonSession(store, person, before, now);
  await using server = await openFleetServer(store, { signIn: rules });
  expect((await server.ask('/api/v1/images', { headers: { cookie: `scapfeed=${session}` } })).status).toBe(
    401,
  );
});

it('sessions of one team in an older store keep it, and others have none', async () => {
  await using store = await heldStore();
  const place = migrations.findIndex(({ name }) => name === '0016-several-teams');
  await store.execute('DROP SCHEMA fleet CASCADE; CREATE SCHEMA fleet');
  for (const { sql } of migrations.slice(0, place)) await store.execute(sql);
  const insert = (digest: string, role: string, owner: string | null) =>
    store.query(
      `INSERT INTO fleet.sessions (digest, person, role, owner, rules, created, used, expires)
       VALUES ($1, 'ann', $2, $3, '\\x00', now(), now(), now())`,
      [Buffer.from(digest), role, owner],
    );
  await insert('a', 'team', 'pay');
  await insert('b', 'read', null);
  for (const { sql } of migrations.slice(place)) await store.execute(sql);
  expect(await store.query('SELECT role, owners FROM fleet.sessions ORDER BY digest')).toEqual([
    { role: 'team', owners: ['pay'] },
    { role: 'read', owners: null },
  ]);
});
