import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readClusterImages } from '../../src/cli/fleet-images.ts';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { readAudit } from '../../src/fleet/store/audit.ts';
import { keepOwnerRules } from '../../src/fleet/store/keep-owner-rules.ts';
import { listNames } from '../../src/fleet/store/list.ts';
import { makeToken } from '../../src/fleet/store/tokens.ts';
import { addWaiver, endWaiver, listWaivers } from '../../src/fleet/store/waivers.ts';
import { endWatching } from '../../src/fleet/store/watches.ts';
import type { AuditEntry } from '../../src/model/fleet/index.ts';
import { readPolicyFile } from '../../src/policy/index.ts';
import { addToFleet } from '../../src/tasks/fleet/add.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, stanza } from '../support/cli.ts';
import { addImages, fleetCommands, heldStore, night } from '../support/fleet.ts';
import { openFleetServer, routesOf } from '../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const flaw = (vulnerability: string, name: string) =>
  ({ vulnerability, package: name, status: 'affected', fixState: 'none_yet', severity: 'high' }) as const;

const feed = () =>
  writeSmallFeed([
    { platform: bookworm, statements: [flaw('CVE-2024-0001', 'a'), flaw('CVE-2024-0002', 'bshop')] },
  ]);

/** Writes images below a folder: by name, the packages and labels of each. */
function writeImages(
  images: Readonly<Record<string, { packages: readonly string[]; labels?: Record<string, string> }>>,
) {
  const folder = temporaryFolder();
  const references = Object.entries(images).map(([name, { packages, labels = {} }]) => {
    const layer = [
      file('etc/os-release', debianRelease('12', 'bookworm')),
      file('var/lib/dpkg/status', packages.map((each) => stanza(each, '1')).join('')),
    ];
    return `oci:${writeFiles(join(folder, name), imageLayout({ layers: [layer], labels }))}:latest`;
  });
  return { references, short: (name: string) => name.replace(`oci:${folder}/`, '').replace(':latest', '') };
}

const policyText = `owners:
  - owner: pay
    names: "**/pay/*"
    labels: { org.opencontainers.image.vendor: "Pay*" }
  - owner: shop
    names: ["**/shop/*"]
    namespaces: shop-*
`;

describe('owners of images', { timeout: 240_000 }, () => {
  it('are found by names and labels; lists, news and waivers show the part of one', async () => {
    await using store = await heldStore();
    const { references, short } = writeImages({
      'nobody/x': { packages: ['a'] },
      'pay/app': { packages: ['a', 'c'] },
      'shop/web': { packages: ['a', 'bshop'] },
      tools: { packages: ['bshop'], labels: { 'org.opencontainers.image.vendor': 'Payments Ltd' } },
    });
    await addImages(store, references);
    await night(store, feed());
    const policy = join(temporaryFolder(), 'scapfeed.yaml');
    writeFileSync(policy, policyText);
    const fleet = fleetCommands(store);
    expect((await fleet('list')).out).not.toContain('OWNER');
    const owners = await fleet('owners', '--policy', policy, '-o', 'table', '-o', `csv=${policy}.csv`);
    expect(owners, owners.err).toMatchObject({ code: 0 });
    expect(owners.out.replaceAll(/ +/g, ' ')).toBe(
      'OWNER IMAGES NOT IN FULL FLAWS EXPLOITED\npay 2 0 2 0\nshop 1 0 2 0\n(none) 1 0 1 0\n2 owners\n',
    );
    expect((await fleet('list')).out).toMatch(/^IMAGE +OWNER +PLATFORM/);
    const audit = await fleet('audit', '-o', 'csv', '--since', '1h', '--kind', 'change');
    expect(audit.out).toMatch(
      /^id,at,actor,kind,act\r\n1,20\S+Z,\w+,change,fleet owners --policy \S+ \(sha256 \w{64}\)\r\n$/,
    );

    const now = new Date();
    const listed = async (owner?: string) =>
      (await listNames(store, new Date(), owner === undefined ? {} : { owner })).map(
        ({ reference, owners: own }) => [short(reference), ...own].join(' '),
      );
    expect(await listed()).toEqual(['nobody/x', 'pay/app pay', 'shop/web shop', 'tools pay']);
    expect(await listed('pay')).toEqual(['pay/app pay', 'tools pay']);
    // The labels that name a maker find their images without a rule, as before.
    expect(await listed('Payments *')).toEqual(['tools pay']);

    const news = await readNews(store, undefined, ['shop']);
    expect(news.runs.flatMap(({ items }) => items.flatMap(({ images }) => images.map(short)))).toEqual([
      'shop/web',
    ]);

    // A waiver of an owner acts in its images alone, and its owner ends no other one.
    const waive = (vulnerability: string, owner?: string) =>
      addWaiver(
        store,
        { vulnerability, reason: 'not built', ...(owner !== undefined && { owner }) },
        'ann',
        now,
      );
    await waive('CVE-2024-0001', 'pay');
    await waive('CVE-2024-0002');
    await expect(waive('CVE-2024-0001', 'pya')).rejects.toMatchObject({ code: 'USAGE' });
    const waivers = async (owner: string) =>
      (await listWaivers(store, now, [owner])).map(({ id, owner: of, images }) => [id, of, images]);
    expect(await waivers('pay')).toEqual([
      [1, 'pay', 1],
      [2, null, 1],
    ]);
    expect(await waivers('shop')).toEqual([[2, null, 1]]);
    for (const id of [1, 2, 3]) expect(await endWaiver(store, id, 'eve', now, ['shop'])).toBe(false);

    // Other rules: what the waiver covers follows them at once.
    await keepOwnerRules(
      store,
      readPolicyFile(Buffer.from('owners:\n  - owner: pay\n    names: "**"\n'), 'x.yaml').owners,
      now,
    );
    expect(await waivers('pay')).toEqual([
      [1, 'pay', 3],
      [2, null, 2],
    ]);
    expect((await listNames(store, new Date())).map(({ counts }) => counts!.waived)).toEqual([1, 1, 2, 1]);
    expect(await endWaiver(store, 1, 'bob', now, ['pay'])).toBe(true);
  });

  it('a token of a team sees and waives the part of its owner, at every address', async () => {
    await using store = await heldStore();
    const { references } = writeImages({
      'pay/app': { packages: ['a'] },
      'pay/both': { packages: ['a', 'c'] },
      'shop/both': { packages: ['a', 'c'] },
      'shop/web': { packages: ['a', 'bshop'] },
    });
    await addImages(store, references);
    await night(store, feed());
    await using server = await openFleetServer(store);
    const { database, now } = server.context;
    await keepOwnerRules(database, readPolicyFile(Buffer.from(policyText), 'x.yaml').owners, now());
    const token = (await makeToken(database, { name: 'ann', role: 'team', owner: 'pay' }, now()))!;
    const names = await listNames(database, new Date());
    const digestOf = (name: string) => names.find(({ reference }) => reference.includes(name))!.digest!;
    const ask = async (path: string, method = 'GET', body?: object) => {
      const answer = await server.ask(path, {
        ...{
          token,
          method,
          headers: { accept: 'text/html', ...(body && { 'content-type': 'application/json' }) },
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    };

    // Routes that do not refuse the token.
    const routes = routesOf(server.app.printRoutes({ commonPrefix: false }));
    const open: string[] = [];
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const { status } = await ask(path.replace(/:(\w+)/g, '1'), method, method === 'POST' ? {} : undefined);
      if (status !== 403) open.push(route);
    }
    expect(routes.length).toBeGreaterThan(40);
    const served = /^(?:GET|POST) \/(?:healthz|readyz|assets\/|sign-(?:in|out)|api\/v1\/openapi)/;
    const things = open.filter((route) => !served.test(route));
    expect(things.sort()).toEqual([
      'DELETE /api/v1/waivers/:id',
      'GET /',
      ...[
        ...['feed', 'images', 'images/:digest', 'images/:digest/history', 'images/:digest/inventory'],
        ...['images/:digest/verdicts', 'images/:digest/verification', 'names', 'news', 'packages'],
        ...['packages/:id', 'vulnerabilities', 'vulnerabilities/:id', 'waivers'],
      ].map((path) => `GET /api/v1/${path}`),
      ...[
        'feed',
        'images',
        'images/:name',
        'news',
        'packages',
        'packages/:name',
        'search',
        'vulnerabilities',
      ].map((path) => `GET /${path}`),
      ...['GET /vulnerabilities/:name', 'GET /waivers', 'POST /api/v1/waivers'],
      'POST /vulnerabilities/:name/waivers',
    ]);

    // Its answers have nothing of the other owner: names, images, packages, flaws.
    const secrets = ['shop', digestOf('shop/web').slice(0, 19), 'CVE-2024-0002'];
    const views = ['changes', 'gaps', 'layers', 'files', 'rules', 'signatures', 'history', 'compare'];
    const own = [
      ...things
        .filter((route) => route.startsWith('GET') && !route.includes(':'))
        .map((route) => route.slice(4)),
      ...[
        '/images?format=csv',
        '/news?format=json',
        '/search?q=b',
        '/api/v1/names?reference=x',
        '/api/v1/feed',
      ],
      ...['app', 'both'].flatMap((name) => {
        const at = `images/${encodeURIComponent(digestOf(`pay/${name}`))}`;
        return [
          ...['', '/verdicts', '/verification', '/history', '/inventory'].map(
            (part) => `/api/v1/${at}${part}`,
          ),
          ...[`/${at}`, ...views.map((view) => `/${at}?view=${view}`)],
        ];
      }),
      ...['/vulnerabilities/CVE-2024-0001', '/api/v1/vulnerabilities/CVE-2024-0001', '/packages/a'],
      ...['/api/v1/packages/a', '/vulnerabilities/CVE-2024-0001?format=csv&table=changes'],
    ];
    for (const path of own) {
      const { status, text } = await ask(path);
      expect([path, status]).toEqual([
        path,
        path.includes('reference=x') ? 404 : path === '/api/v1/names' ? 400 : 200,
      ]);
      for (const secret of secrets) expect(text.includes(secret), `${path}: ${secret}`).toBe(false);
    }
    expect((await ask('/images?format=csv')).text).toContain('pay/app');
    expect((await ask('/vulnerabilities/CVE-2024-0001')).text).toContain('<b>2 images</b>');
    // The same as whoever sees all.
    const all = await server.token('read');
    expect(await (await server.ask('/vulnerabilities/CVE-2024-0001', { token: all })).text()).toContain(
      '<b>3 images</b>',
    );

    // Another owner's data is answered like data that does not exist.
    const nobody = `sha256:${'0'.repeat(64)}`;
    const web = names.find(({ reference }) => reference.includes('shop/web'))!.reference;
    const pairs: readonly (readonly [path: string, theirs: string, none: string])[] = [
      ...['', '/verdicts', '/verification', '/history', '/inventory'].map(
        (part) => [`/api/v1/images/*${part}`, digestOf('shop/web'), nobody] as const,
      ),
      ['/images/*', digestOf('shop/web'), nobody],
      [
        `/images/${encodeURIComponent(digestOf('pay/app'))}?view=compare&with=*`,
        digestOf('shop/web'),
        nobody,
      ],
      ['/api/v1/names?reference=*', web, 'oci:/nowhere'],
      ['/vulnerabilities/*', 'CVE-2024-0002', 'CVE-2024-9999'],
      ['/api/v1/vulnerabilities/*', 'CVE-2024-0002', 'CVE-2024-9999'],
      ['/packages/*', 'bshop', 'bnope'],
      ['/api/v1/packages/*', 'bshop', 'bnope'],
      ['/search?q=*', 'bshop', 'bnope'],
      ['/images?q=*', 'shop/web', 'nope/web'],
      ['/news?q=*', 'shop/web', 'nope/web'],
      ['/api/v1/images?digest=*', digestOf('shop/web'), nobody],
      ['/api/v1/waivers?owner=*', 'shop', 'nope'],
      ['/api/v1/news?owner=*', 'shop', 'nope'],
      ['/images?owner=*', 'shop', 'nope'],
    ];
    for (const [path, theirs, none] of pairs) {
      const [one, two] = [
        await ask(path.replace('*', encodeURIComponent(theirs))),
        await ask(path.replace('*', encodeURIComponent(none))),
      ];
      const neutral = ({ status, text }: typeof one, word: string) => [
        status,
        text.replaceAll(encodeURIComponent(word), '*').replaceAll(word, '*'),
      ];
      expect(neutral(one, theirs), path).toEqual(neutral(two, none));
    }

    // It waives in its own images, and takes back its own waivers only.
    const waive = (owner?: string) =>
      ask('/api/v1/waivers', 'POST', {
        vulnerability: 'CVE-2024-0001',
        reason: 'x',
        ...(owner && { owner }),
      });
    expect((await waive('shop')).status).toBe(403);
    expect((await waive()).status).toBe(201);
    const page = await server.ask('/vulnerabilities/CVE-2024-0001/waivers', {
      ...{ method: 'POST', token, body: new URLSearchParams({ reason: 'y' }) },
    });
    expect(page.status).toBe(303);
    await addWaiver(database, { vulnerability: 'CVE-2024-0001', owner: 'shop', reason: 'z' }, 'bob', now());
    expect(
      (await listWaivers(database, now(), 'all')).map(({ owner, images, author }) => [owner, images, author]),
    ).toEqual([
      ['pay', 1, 'ann'],
      ['pay', 1, 'ann'],
      ['shop', 1, 'bob'],
    ]);
    expect(await ask('/api/v1/waivers/3', 'DELETE')).toEqual(await ask('/api/v1/waivers/9', 'DELETE'));
    expect((await ask('/api/v1/waivers/1', 'DELETE')).status).toBe(204);
    expect((await ask('/waivers')).text).not.toContain('bob');

    // All of that is in the audit log, without parameters of addresses; a change at once, a read when the server has time for it.
    const admin = await server.token('admin');
    const changes = await server.ask('/api/v1/audit?kind=change', { token: admin });
    expect(
      ((await changes.json()) as { items: AuditEntry[] }).items.map(({ actor, act }) => [actor, act]),
    ).toEqual([
      ['ann', 'ended waiver 1'],
      ['bob', 'waiver 3 of CVE-2024-0001 of shop: z'],
      ['ann', 'waiver 2 of CVE-2024-0001 of pay: y'],
      ['ann', 'waiver 1 of CVE-2024-0001 of pay: x'],
    ]);
    expect((await ask('/api/v1/audit')).status).toBe(403);
    await ask('/images?q=secret-in-a-parameter');
    await server.app.close();
    const entries = await readAudit(database, { limit: 10_000, actor: 'ann' });
    const acts = entries.map(({ kind, act }) => `${kind} ${act}`);
    expect(acts.filter((act) => act === 'read GET /images')).toHaveLength(1);
    expect(acts).toContain('refused GET /api/v1/audit');
    expect(acts).toContain('refused POST /api/v1/prune');
    expect(acts).toContain(`read GET /api/v1/images/${encodeURIComponent(digestOf('pay/app'))}/inventory`);
    // A refused request is not recorded as read.
    expect(acts).not.toContain(`read GET /api/v1/images/${encodeURIComponent(digestOf('shop/web'))}`);
    const kept = JSON.stringify(await database.query('SELECT * FROM fleet.audit'));
    for (const secret of [token, admin, 'secret-in-a-parameter']) expect(kept).not.toContain(secret);
    await expect(database.query("UPDATE fleet.audit SET actor = 'eve'")).rejects.toThrow('not changed');

    // An entry that was cut says so: what it limits itself to may be at its end.
    const wide = { vulnerability: 'CVE-2024-0001', image: '*'.repeat(600), owner: 'pay', reason: 'x' };
    await addWaiver(database, wide, 'ann', now());
    const [entry] = await readAudit(database, { limit: 1 });
    expect(entry!.act).toMatch(/^waiver 4 of CVE-2024-0001, images \*+…$/);
    expect(entry!.act).toHaveLength(500);
  });

  it('by namespaces are those whose pods ask for an image, in any cluster', async () => {
    const now = new Date();
    await using store = await heldStore();
    await keepOwnerRules(store, readPolicyFile(Buffer.from(policyText), 'x.yaml').owners, now);
    const add = async (...namespaces: unknown[]) => {
      const pods = join(temporaryFolder(), 'pods.json');
      const spec = { containers: [{ image: 'registry.example/app:1' }] };
      const items = namespaces.map((namespace) => ({ metadata: { namespace }, spec }));
      writeFileSync(pods, JSON.stringify({ items }));
      for (const [place, own] of readClusterImages(pods).namespaces)
        await addToFleet(store, [{ kind: 'image', place, references: [place], namespaces: own }], new Date());
      const [name] = await listNames(store, new Date());
      return name!.owners;
    };
    expect(await add('kube-system', 'Shop-*', 7, null)).toEqual([]);
    expect(await add('shop-eu', 'shop-eu')).toEqual(['shop']);
    expect(await add('kube-system')).toEqual(['shop']);
    await endWatching(store, 'registry.example/app:1', new Date());
    expect(await add('kube-system')).toEqual([]);
  });

  it.each([
    ['owners:\n  - owner: pay\n', 'fewer than 2'],
    ['owners:\n  - owner: "a b"\n    names: x\n', 'must match pattern'],
    [
      'owners:\n  - owner: pay\n    names: x\n  - owner: pay\n    names: y\n',
      '/owners/1: pay has a rule before',
    ],
    ['owners:\n  - owner: pay\n    name: x\n', 'has no member name (names?)'],
  ])('a policy with unusable rules is refused with its place: %j', (text, message) => {
    expect(() => readPolicyFile(Buffer.from(text), 'x.yaml')).toThrow(
      expect.objectContaining({
        code: 'POLICY_INVALID',
        message: expect.stringContaining(message),
        where: expect.stringMatching(/^x\.yaml:\d+$/),
      }),
    );
  });
});
