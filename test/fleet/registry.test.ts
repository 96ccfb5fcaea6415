import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readClusterImages, registryImages } from '../../src/cli/fleet-images.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const pageSize = 1000;

/** A registry that lists by pages, as the distribution specification says; `huge` has a hundred thousand tags. */
const tagsOf: Record<string, (at: number) => string | undefined> = {
  'team/app': (at) => ['v1', 'v2', 'latest'][at],
  'team/db': (at) => ['v1'][at],
  huge: (at) => (at < 100_000 ? `v${at}` : undefined),
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

  it('are 10,000 at most, and what is left out is said', async () => {
    const { references, cut } = await list('/huge', '*');
    expect(references).toHaveLength(10_000);
    expect(cut).toEqual([expect.stringContaining('more than 10000 tags')]);
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
  expect(readClusterImages(file)).toEqual(['registry.example/app:1', 'registry.example/init:1']);
  writeFileSync(file, '{"items": []}');
  expect(() => readClusterImages(file)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
