import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readClusterImages, registryImages } from '../../src/cli/fleet-images.ts';
import { names } from '../../src/fleet/store/watches.ts';
import { parseReference } from '../../src/image/index.ts';
import { addToFleet } from '../../src/tasks/fleet/add.ts';
import { addImages, heldStore, night } from '../support/fleet.ts';
import { serve } from '../support/http-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const pageSize = 1000;

/** A registry that lists by pages, as the distribution specification says; `huge` has a hundred thousand tags. */
const tagsOf: Record<string, (at: number) => string | undefined> = {
  'team/app': (at) => ['v1', 'v2', 'latest'][at],
  'team/db': (at) => ['v1'][at],
  signed: (at) =>
    [
      'v1',
      ...['', '.sig', '.att', '.sbom'].map((kind) => `sha256-${'a'.repeat(64)}${kind}`),
      `sha512-${'b'.repeat(64)}`,
      'sha256-abc.sig',
      `v1-sha256-${'a'.repeat(64)}`,
    ][at],
  huge: (at) => (at < 100_000 ? `v${at}` : undefined),
  'full/a': (at) => (at < 10_000 ? `v${at}` : undefined),
  'full/b': (at) => ['v1'][at],
  endless: (at) => `v${at % 10}`,
};

let asked = 0;
const server = createServer((request, answer) => {
  asked += 1;
  const url = new URL(request.url ?? '', 'http://registry');
  const first = Number(url.searchParams.get('last') ?? 0);
  const [, name] = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname) ?? [];
  const at = name === undefined ? (index: number) => Object.keys(tagsOf)[index] : tagsOf[name];
  if (!at) {
    answer.writeHead(404).end('{}');
    return;
  }
  const page = Array.from({ length: pageSize }, (_, index) => at(first + index)).filter(
    (tag) => tag !== undefined,
  );
  const more =
    page.length === pageSize
      ? { link: `<${url.pathname}?n=${pageSize}&last=${first + pageSize}>; rel="next"` }
      : {};
  answer.writeHead(200, { 'content-type': 'application/json', ...more });
  answer.end(JSON.stringify(name === undefined ? { repositories: page } : { name, tags: page }));
});

let host = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const list = (place: string, tags: string) =>
  registryImages(
    `${host}${place}`,
    tags,
    { 'insecure-registry': [host], 'ca-file': undefined },
    { HOME: noHome() },
  );

describe('the images of a registry', () => {
  it('are the tags below a prefix that match', async () => {
    const { references, cut } = await list('/team', 'v*');
    expect(references).toEqual(['team/app:v1', 'team/app:v2', 'team/db:v1'].map((name) => `${host}/${name}`));
    expect(cut).toEqual([]);
  });

  it('are not what is attached to them, which is counted', async () => {
    const { references, attached, cut } = await list('/signed', '*');
    const images = ['sha256-abc.sig', 'v1', `v1-sha256-${'a'.repeat(64)}`];
    expect(references).toEqual(images.map((tag) => `${host}/signed:${tag}`));
    expect([attached, cut]).toEqual([5, []]);
  });

  it('are 10,000 at most, and what is left out is said', async () => {
    const { references, cut } = await list('/huge', '*');
    expect(references).toHaveLength(10_000);
    expect(cut).toEqual([expect.stringContaining('more than 10000 tags')]);
  });

  it('are said to be more if the first repository fills the list with its last tag', async () => {
    const { references, cut } = await list('/full', '*');
    expect(references).toHaveLength(10_000);
    expect(cut).toEqual([expect.stringContaining('at full/b')]);
  });

  it('end also where the registry never ends its list', async () => {
    asked = 0;
    const { references, cut } = await list('/endless', '*');
    expect(references).toHaveLength(10);
    expect(cut).toHaveLength(1);
    expect(asked).toBeLessThan(210);
  });

  it('are an error where nothing is there', async () => {
    await expect(list('/nowhere/at/all', 'v*')).resolves.toMatchObject({ references: [] });
  });
});

const podsFile = (...images: unknown[]) => {
  const file = join(temporaryFolder(), 'pods.json');
  const containers = images.map((image) => ({ image }));
  writeFileSync(file, JSON.stringify({ items: [{ spec: { containers } }] }));
  return file;
};

describe('the names in a cluster, which whoever may start a pod chooses', () => {
  it('are those of registries, whatever scheme they seem to have', () => {
    const names = ['-', 'dir:/', 'docker:24', 'nginx', 'registry:2', 'sbom:/etc/passwd'];
    const file = podsFile(...names, 'x'.repeat(9_000));
    const { references, cut } = readClusterImages(file);
    expect(cut).toEqual([`1 container whose image no registry can have, in ${file}`]);
    expect(references).toEqual([
      'nginx',
      'registry:-',
      'registry:dir:/',
      'registry:docker:24',
      'registry:registry:2',
      'registry:sbom:/etc/passwd',
    ]);
    expect(parseReference('registry:docker:24')).toMatchObject({ host: 'docker.io', name: 'library/docker' });
  });

  it('are never read from this machine: one that no registry can have is listed as not readable', async () => {
    await using store = await heldStore();
    const { references } = readClusterImages(podsFile('dir:/', '/etc/passwd', 'Not a Name'));
    await addImages(store, references);
    const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
    const { summary, news } = await night(store, feed);
    expect(summary).toMatchObject({ names: 3, unread: 3, read: 0 });
    for (const { kind, detail } of news)
      expect([kind, detail]).toEqual(['unread', expect.stringContaining('IMAGE_REFERENCE_INVALID')]);
  });
});

it('a folder where a run is does not stand for an image of its name', async () => {
  const before = process.cwd();
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'nginx'));
  await using store = await heldStore();
  await addImages(store, ['nginx']);
  const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
  process.chdir(folder);
  try {
    const { news } = await night(store, feed, [], undefined, { HTTPS_PROXY: 'http://127.0.0.1:9' });
    expect(news).toEqual([
      expect.objectContaining({ kind: 'unread', detail: expect.stringContaining('UNREACHABLE') }),
    ]);
  } finally {
    process.chdir(before);
  }
});

describe('a run that lists a registry', () => {
  const answers: Record<string, string> = {};
  const open = () =>
    serve({
      '/v2/team/app/tags/list?n=1000': (_, response) => response.end(answers['tags']),
      '/v2/_catalog?n=1000': (_, response) => response.end(answers['catalog']),
    });
  const rows = (names: readonly string[]) =>
    names.map((name) => expect.objectContaining({ reference: name }));

  it.each([
    ['shows nothing any more', '{"tags": null}', '{"repositories": []}', 'lists no image now and had 2'],
    ['answers a page to log in', '<html>', '<html>', 'expected a list of repositories'],
    ['answers another document', '{"errors": []}', '{}', 'expected a list of repositories'],
    [
      'answers another kind of list',
      '{"tags": "v1"}',
      '{"repositories": 7}',
      'expected a list of repositories',
    ],
  ])('that %s keeps its images, and says so', async (_, tags, catalog, reason) => {
    await using server = await open();
    const host = new URL(server.origin).host;
    await using store = await heldStore();
    const images = ['v1', 'v2'].map((tag) => `${host}/team/app:${tag}`);
    await addToFleet(
      store,
      [{ kind: 'registry', place: `${host}/team/app`, tags: '*', references: images }],
      new Date(),
    );
    Object.assign(answers, { tags, catalog });
    const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
    const { summary } = await night(store, feed, ['--insecure-registry', host], async (fleet) => {
      expect(await names(fleet.database)).toEqual(rows(images));
    });
    expect(summary.unlisted).toEqual([
      { place: `${host}/team/app`, reason: expect.stringContaining(reason) },
    ]);
  });

  describe('of which it cannot list some repositories', () => {
    const reach = (host: string) => ({ 'insecure-registry': [host], 'ca-file': undefined });
    const tags = (...names: string[]) => ({ status: 200, text: JSON.stringify({ tags: names }) });

    /** A registry of ours with one answer for each repository. */
    async function registry(repositories: Record<string, { status: number; text: string }>) {
      const asked: string[] = [];
      const server = await serve({
        '/v2/_catalog?n=1000': (_, response) =>
          response.end(JSON.stringify({ repositories: Object.keys(repositories) })),
        ...Object.fromEntries(
          Object.keys(repositories).map((name) => [
            `/v2/${name}/tags/list?n=1000`,
            (_: unknown, response: ServerResponse) => {
              asked.push(name);
              const { status, text } = repositories[name]!;
              response.writeHead(status).end(text);
            },
          ]),
        ),
      });
      return Object.assign(server, { host: new URL(server.origin).host, asked });
    }

    it.each([
      ['a repository is refused', 403, '{}', ['the registry refuses the request (status 403)']],
      ['a repository asks for a login', 401, '{}', ['the registry refuses the request (status 401)']],
      ['a repository answers something else', 200, '<html>', ['expected a list of tags']],
      // The images below are looked up, and the news say that they are not there.
      ['a repository is in the catalog only', 404, '{}', []],
    ])('lists the others and ends the watching of nothing below it: %s', async (_, status, text, reasons) => {
      const repositories = { 'a/app': tags('v1', 'v3'), 'a/secret': { status, text }, 'b/db': tags('v1') };
      await using server = await registry(repositories);
      const { host } = server;
      const at = (...names: string[]) => names.map((name) => `${host}/${name}`);
      await using store = await heldStore();
      const known = at('a/app:v1', 'a/app:v2', 'a/secret:v1', 'a/secret:v2', 'b/db:v0');
      const added = { kind: 'registry', place: host, tags: '*', references: known } as const;
      await addToFleet(store, [added], new Date());
      const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
      const watched: string[][] = [];
      const run = () =>
        night(store, feed, ['--insecure-registry', host], async (fleet) => {
          watched.push((await names(fleet.database)).map(({ reference }) => reference).sort());
        });

      const { summary, news } = await run();
      expect(watched).toEqual([at('a/app:v1', 'a/app:v3', 'a/secret:v1', 'a/secret:v2', 'b/db:v1')]);
      expect(summary.unlisted).toEqual(
        reasons.map((reason) => ({
          place: host,
          reason: expect.stringContaining(`${host}/a/secret: ${reason}`),
        })),
      );
      expect(news.filter(({ kind }) => kind === 'unread')).toHaveLength(5);

      repositories['a/secret'] = tags('v2', `sha256-${'a'.repeat(64)}.sig`);
      const next = await run();
      expect(watched[1]).toEqual(at('a/app:v1', 'a/app:v3', 'a/secret:v2', 'b/db:v1'));
      expect(next.summary).toMatchObject({ unlisted: [], attached: 1 });
    });

    it('asks a registry in trouble for a few repositories only, and keeps what is below the rest', async () => {
      const names = Array.from({ length: 9 }, (_, n) => `r${n}`);
      const broken = Object.fromEntries(names.map((name) => [name, { status: 200, text: '<html>' }]));
      await using server = await registry({ first: tags('v1'), ...broken });
      const listed = await registryImages(server.host, '*', reach(server.host), { HOME: noHome() });
      expect(server.asked).toEqual(['first', 'r0', 'r1', 'r2']);
      expect(listed).toMatchObject({
        references: [`${server.host}/first:v1`],
        unlisted: names.map((name) => `${server.host}/${name}`),
        cut: [],
      });
      expect(listed.refusals).toHaveLength(6);
      expect(listed.refusals.at(-1)).toBe('and 4 more of its repositories');
    });

    it('asks for each of many that are refused: catalogs show what a login may not list', async () => {
      const refused = Array.from({ length: 9 }, (_, n) => [`a${n}`, { status: 403, text: '{}' }] as const);
      await using server = await registry({ ...Object.fromEntries(refused), last: tags('v1') });
      const { references, unlisted } = await registryImages(server.host, '*', reach(server.host), {
        HOME: noHome(),
      });
      expect(references).toEqual([`${server.host}/last:v1`]);
      expect(unlisted).toHaveLength(9);
    });

    it('is an error if it can list none', async () => {
      await using server = await registry({ a: { status: 403, text: '{}' }, b: tags() });
      await expect(
        registryImages(server.host, '*', reach(server.host), { HOME: noHome() }),
      ).rejects.toMatchObject({ code: 'IMAGE_UNREACHABLE' });
    });
  });

  it('asks for no repository that cannot be one', async () => {
    await using server = await open();
    const host = new URL(server.origin).host;
    answers['tags'] = '{"tags": ["v1"]}';
    answers['catalog'] = '{"repositories": ["../../x", "a?b", "team/app", "UPPER", "team/app:v1", 7]}';
    const reach = { 'insecure-registry': [host], 'ca-file': undefined };
    const { references } = await registryImages(host, '*', reach, { HOME: noHome() });
    expect(references).toEqual([`${host}/team/app:v1`]);
  });

  it.each(['http://registry.example', 'registry.example/', 'registry.example/../x', 'a b'])(
    'is told that %j is no registry',
    async (place) => {
      const listed = registryImages(place, '*', { 'insecure-registry': [], 'ca-file': undefined }, {});
      await expect(listed).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID', where: place });
    },
  );

  it('leaves out names that no image can have, and says so', async () => {
    await using server = await open();
    const host = new URL(server.origin).host;
    answers['tags'] = JSON.stringify({ tags: ['v1', 'a b', '../x', 'y'.repeat(9_000), '\0'] });
    const { references, cut } = await registryImages(
      `${host}/team/app`,
      '*',
      { 'insecure-registry': [host], 'ca-file': undefined },
      { HOME: noHome() },
    );
    expect(references).toEqual([`${host}/team/app:v1`]);
    expect(cut).toEqual(['3 names that no image can have, at team/app']);
  });
});

it('the images of a cluster are those of all containers of its pods, each once', () => {
  const file = join(temporaryFolder(), 'pods.json');
  const spec = {
    initContainers: [{ image: 'registry.example/init:1' }],
    containers: [
      { image: 'registry.example/app:1' },
      { image: 'registry.example/app:1' },
      { image: 7 },
      null,
    ],
  };
  writeFileSync(file, JSON.stringify({ items: [{ spec }, { spec: null }, 3] }));
  expect(readClusterImages(file)).toEqual({
    references: ['registry.example/app:1', 'registry.example/init:1'],
    namespaces: new Map([
      ['registry.example/init:1', []],
      ['registry.example/app:1', []],
    ]),
    cut: [`2 containers whose image no registry can have, in ${file}`],
  });
  writeFileSync(file, '{"items": []}');
  expect(() => readClusterImages(file)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
