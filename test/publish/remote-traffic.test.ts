import { hash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PrivateCache } from '../../src/io/private-cache.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { judge } from '../../src/runtime/index.ts';
import { completely } from '../../src/tasks/feed.ts';
import { openFeedOver } from '../../src/tasks/remote-feed.ts';
import { certificate } from '../image/support/tls.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type HostileServer, makePublisher, type Publisher, serve, signingDay } from './support/publisher.ts';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await makePublisher();
  // As much as a shard of a real release has, and as hard to compress.
  const statements = Array.from({ length: 5000 }, (_, at) => ({
    ...{ vulnerability: `CVE-2024-${1000 + at}`, package: `package-${at}`, status: 'fixed' as const },
    fixed: `1.${hash('sha256', `${at}`).slice(0, 40)}-1`,
    advisories: [`DSA-${at + 1}-1`],
  }));
  await publisher.publish([writeSmallFeed([{ platform: bookworm, statements }])], { blocks: true });
}, 60_000);

describe('150 packages by a feed at its address', () => {
  it.each(['http', 'https', 'h2'] as const)(
    'take one connection of %s, 12 requests and 400 kB, and where nothing changed 1 request and 3 kB',
    async (protocol) => {
      const server = await serve(publisher.site, {}, protocol);
      const judged = client(server);
      try {
        const [cold, warm] = [await judged(150), await judged(150)];
        expect(cold.verdicts).toHaveLength(150);
        expect(cold.bytes).toBeGreaterThan(100_000);
        expect(cold.bytes).toBeLessThanOrEqual(400_000);
        expect(cold.requests.length).toBeLessThanOrEqual(12);
        expect(cold.connections).toBe(1);
        expect(warm.verdicts).toEqual(cold.verdicts);
        expect(warm.requests).toEqual(['metadata/timestamp.json']);
        expect(warm.bytes).toBeLessThanOrEqual(3000);
      } finally {
        await server.close();
      }
    },
  );

  it('let the server see nothing but GET of files of the feed', async () => {
    const server = await serve(publisher.site);
    try {
      for (const count of [3, 150]) await client(server)(count);
      expect(server.requests.length).toBeGreaterThan(12);
      for (const { method, url = '', headers } of server.heads) {
        const path = url.slice(1);
        const isThere = existsSync(join(publisher.site, path)) || path === 'metadata/2.root.json';
        expect([method, path, isThere]).toEqual(['GET', path, true]);
        expect(Object.keys(headers).sort()).toEqual(['accept-encoding', 'connection', 'host', 'user-agent']);
        expect(headers['user-agent']).toMatch(/^scapfeed[\w./ -]*$/);
      }
    } finally {
      await server.close();
    }
  });
});

/** A user of a server who has nothing yet: gives the verdicts on so many packages, and what they took. */
function client(server: HostileServer) {
  const home = temporaryFolder();
  return async (count: number) => {
    const { requests, connections } = server;
    const before = { requests: requests.length, connections: connections.length };
    const feed = await openFeedOver({
      ...{ from: server.url, chosen: 'option', folder: join(home, 'trust'), pinned: publisher.root },
      cache: new PrivateCache(join(home, 'blocks'), { files: 5000, bytes: 2 ** 28 }),
      access: { http: { env: {}, ca: certificate } },
      now: signingDay,
      progress: () => {},
    });
    const inventory = inventoryOf(count);
    const { verdicts } = await completely(feed, (whole) => judge(whole, inventory, { now: signingDay }));
    feed.close();
    const asked = requests.slice(before.requests);
    return {
      verdicts,
      requests: asked,
      bytes: asked.reduce((sum, path) => sum + lengthOf(path), 0),
      connections: connections.length - before.connections,
    };
  };
}

function lengthOf(path: string): number {
  return statSync(join(publisher.site, path), { throwIfNoEntry: false })?.size ?? 0;
}

function inventoryOf(count: number): Inventory {
  return {
    os: { id: 'debian', versionId: '12', codename: 'bookworm', found: 'etc/os-release' },
    databases: [{ kind: 'dpkg', path: 'var/lib/dpkg/status', packages: count }],
    packages: Array.from({ length: count }, (_, at) => deb(`package-${at * 33}`, '0.9-1')),
    notes: [],
  } as unknown as Inventory;
}
