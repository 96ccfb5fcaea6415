import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { createSource, source as ubuntu } from '../../../src/distros/ubuntu/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { archiveKey, clearsigned, digest, releaseText, serveFiles } from '../../sources/suite-server.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import { archiveMisbehaviours, hurriedLimits } from '../../support/misbehaviour.ts';
import { collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { tar } from './support.ts';

const record = JSON.stringify({
  id: 'UBUNTU-CVE-2024-0001',
  affected: [
    {
      package: {
        ecosystem: 'Ubuntu:22.04:LTS',
        name: 'demo',
        purl: 'pkg:deb/ubuntu/demo@1.0?arch=source&distro=jammy',
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.0' }] }],
    },
  ],
});
const osv = gzipSync(tar({ 'osv/cve/2024/UBUNTU-CVE-2024-0001.json': record }));
const vex = gzipSync(tar({}));
const packages = gzipSync('Package: demo\nVersion: 1.0\n');

const paths = {
  osv: '/security-metadata.canonical.com/osv/osv-all.tar.xz',
  vex: '/security-metadata.canonical.com/vex/vex-all.tar.xz',
  usn: '/usn.ubuntu.com/usn-db/database-all.json.bz2',
  main: '/archive.ubuntu.com/ubuntu/dists/jammy-security/main/binary-amd64/Packages.xz',
};

const good: Record<string, Behaviour> = {
  [paths.osv]: dated(osv, '"o1"'),
  [paths.vex]: dated(vex, '"v1"'),
  [paths.usn]: dated(gzipSync('{}'), '"n1"'),
  [paths.main]: dated(packages, '"p1"'),
};

async function fetchFrom(mirror: string, store: SnapshotStore, said: string[] = [], limits = {}) {
  const http = createHttp({ mirror, limits: { retries: 1, firstDelay: 1, ...limits } });
  try {
    return await ubuntu.fetch({
      http,
      store,
      now: new Date(),
      progress: (text) => said.push(text),
      unsignedMirror: true,
    });
  } finally {
    await http.close();
  }
}

describe('fetch', () => {
  it('takes what is there, in the order of the inputs', async () => {
    await using server = await serve(good);
    const snapshots = await fetchFrom(server.origin, openSnapshotStore(temporaryFolder()));
    expect(snapshots.map(({ id }) => id)).toEqual([
      'ubuntu-osv',
      'ubuntu-vex',
      'ubuntu-usn',
      'ubuntu-packages-jammy-security-main',
    ]);
    expect(snapshots[0]).toMatchObject({
      etag: '"o1"',
      lastModified: '2026-11-20T10:00:00.000Z',
      size: osv.length,
    });
  });

  it('asks again by condition, and keeps what did not change', async () => {
    await using server = await serve(good);
    const store = openSnapshotStore(temporaryFolder());
    const first = await fetchFrom(server.origin, store);
    const before = server.requests.length;
    expect(await fetchFrom(server.origin, store)).toEqual(first);
    const conditions = server.requests.slice(before).map(({ headers }) => headers['if-none-match']);
    expect(conditions.filter((etag) => etag !== undefined).sort()).toEqual(['"n1"', '"o1"', '"p1"', '"v1"']);
  });

  it('takes up a body that was cut where it was cut', async () => {
    const large = gzipSync(tar({ 'osv/README': randomBytes(300_000).toString('base64') }));
    const headers = { etag: '"o1"', 'accept-ranges': 'bytes' };
    const cut: Behaviour = (request, response, count) => {
      if (count === 1) {
        response.writeHead(200, { ...headers, 'content-length': String(large.length) });
        // Time for the first half to arrive before the connection breaks.
        response.write(large.subarray(0, large.length >> 1), () => setTimeout(() => response.destroy(), 100));
        return;
      }
      const from = Number(/\d+/.exec(request.headers['range'] ?? '')?.[0]);
      response.writeHead(206, {
        ...headers,
        'content-range': `bytes ${from}-${large.length - 1}/${large.length}`,
      });
      response.end(large.subarray(from));
    };
    await using server = await serve({ ...good, [paths.osv]: cut });
    const store = openSnapshotStore(temporaryFolder());
    const [snapshot] = await fetchFrom(server.origin, store);
    expect(await store.read(snapshot!)).toEqual(large);
    const asked = server.requests
      .filter(({ path }) => path === paths.osv)
      .map((request) => request.headers['range']);
    expect(asked).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  it('reads a mirror folder; what it lacks is a finding of the build', async () => {
    const mirror = temporaryFolder();
    mkdirSync(dirname(join(mirror, paths.osv)), { recursive: true });
    writeFileSync(join(mirror, paths.osv), osv);
    const store = openSnapshotStore(temporaryFolder());
    const snapshots = await fetchFrom(mirror, store);
    expect(snapshots.map(({ id }) => id)).toEqual(['ubuntu-osv']);

    const sink = collectingSink('ubuntu');
    await ubuntu.read(snapshots, store, sink);
    expect(sink.statements).toMatchObject([
      { vulnerability: 'CVE-2024-0001', platform: 'ubuntu-22.04', fixed: '1.0' },
    ]);
    expect(findingCounts(sink.ledger)).toEqual({ input_absent: 4 });
  });
});

describe('a fetch that fails', () => {
  it.each([
    ['without OSV', { [paths.osv]: status(404) }, 'FETCH_NOT_FOUND'],
    ['with a server in trouble', { [paths.osv]: status(500) }, 'FETCH_FAILED'],
    ['with a page in the place of the archive', { [paths.osv]: page }, 'SOURCE_MALFORMED'],
  ])('%s leaves the last good snapshots', async (_, behaviours, code) => {
    const store = openSnapshotStore(temporaryFolder());
    await using server = await serve(good);
    const first = await fetchFrom(server.origin, store);
    await using broken = await serve({ ...good, ...behaviours });
    await expect(fetchFrom(broken.origin, store)).rejects.toMatchObject({ code });
    expect(await store.list('ubuntu')).toEqual([...first].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  it.each(archiveMisbehaviours)('$name leaves the last good snapshots', async ({ behaviour, code }) => {
    const store = openSnapshotStore(temporaryFolder());
    await using server = await serve(good);
    const first = await fetchFrom(server.origin, store);
    await using broken = await serve({ ...good, [paths.osv]: behaviour });
    await expect(fetchFrom(broken.origin, store, [], hurriedLimits)).rejects.toMatchObject({ code });
    expect(await store.list('ubuntu')).toEqual([...first].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  it.each(archiveMisbehaviours)(
    '$name, of an optional input: the last good one stays, marked',
    async (bad) => {
      const store = openSnapshotStore(temporaryFolder());
      await using server = await serve(good);
      const first = await fetchFrom(server.origin, store);
      await using broken = await serve({ ...good, [paths.usn]: bad.behaviour });
      const kept = first.map((each) => (each.id === 'ubuntu-usn' ? { ...each, refused: bad.code } : each));
      expect(await fetchFrom(broken.origin, store, [], hurriedLimits)).toEqual(kept);
    },
  );

  it('on an optional input goes on with the last good one, marked until a new one comes', async () => {
    const store = openSnapshotStore(temporaryFolder());
    await using server = await serve(good);
    const first = await fetchFrom(server.origin, store);
    await using broken = await serve({ ...good, [paths.vex]: status(500), [paths.usn]: page });
    const said: string[] = [];
    const refusals = { 'ubuntu-vex': 'FETCH_FAILED', 'ubuntu-usn': 'SOURCE_MALFORMED' };
    const kept = first.map((snapshot) => {
      const refused = new Map(Object.entries(refusals)).get(snapshot.id);
      return refused === undefined ? snapshot : { ...snapshot, refused };
    });
    expect(await fetchFrom(broken.origin, store, said)).toEqual(kept);
    expect(said.filter((text) => /^ubuntu-(vex|usn): expected/.test(text))).toHaveLength(2);
    expect(await fetchFrom(server.origin, store)).toEqual(first);
  });

  it.each([404, 410])('and one that is gone (%i)', async (code) => {
    const store = openSnapshotStore(temporaryFolder());
    await using server = await serve(good);
    await fetchFrom(server.origin, store);
    await using without = await serve({ ...good, [paths.vex]: status(code) });
    const snapshots = await fetchFrom(without.origin, store);
    expect(snapshots.find(({ id }) => id === 'ubuntu-vex')).toMatchObject({ refused: 'FETCH_NOT_FOUND' });
  });
});

describe('the archive, which is read over plain http', () => {
  const place = (pocket: string) => `/archive.example/dists/${pocket}`;
  const index = 'main/binary-amd64/Packages.xz';
  const pocketFiles = async (pocket: string, content: Uint8Array) => {
    const fields = { Suite: pocket, Codename: 'jammy' };
    const text = releaseText({ fields, files: { [index]: content } });
    return {
      [`${place(pocket)}/InRelease`]: await clearsigned(text),
      [`${place(pocket)}/${index}`]: content,
    };
  };
  const fetchSigned = async (origin: string, store: SnapshotStore) => {
    const http = createHttp({ mirror: origin, limits: { retries: 0 } });
    const signed = createSource({
      ...ubuntuDefinition,
      archive: { ...ubuntuDefinition.archive, url: 'http://archive.example' },
      signingKeys: archiveKey.armored,
    });
    try {
      return await signed.fetch({ http, store, now: new Date(), progress: () => {} });
    } finally {
      await http.close();
    }
  };
  const indexes = async (store: SnapshotStore) =>
    (await store.list('ubuntu'))
      .filter(({ id }) => id.includes('packages'))
      .map(({ id, sha256, refused }) => [id, sha256, refused]);

  it('counts as its pockets list it; one that is altered on the way keeps its last good index, marked', async () => {
    const files: Record<string, string | Uint8Array> = {
      [paths.osv]: osv,
      ...(await pocketFiles('jammy', packages)),
      ...(await pocketFiles('jammy-updates', packages)),
    };
    await using server = await serveFiles(files);
    const store = openSnapshotStore(temporaryFolder());
    await fetchSigned(server.origin, store);
    const good = [
      ['ubuntu-packages-jammy-main', digest(packages), undefined],
      ['ubuntu-packages-jammy-updates-main', digest(packages), undefined],
    ];
    expect(await indexes(store)).toEqual(good);

    const newer = gzipSync('Package: demo\nVersion: 2.0\n');
    Object.assign(files, await pocketFiles('jammy-updates', newer));
    files[`${place('jammy-updates')}/${index}`] = gzipSync('Package: evil\nVersion: 1\n');
    const snapshots = await fetchSigned(server.origin, store);
    const kept = ['ubuntu-packages-jammy-updates-main', digest(packages), 'SOURCE_SIGNATURE_WRONG'];
    expect(await indexes(store)).toEqual([good[0], kept]);
    const sink = collectingSink('ubuntu');
    await ubuntu.read(snapshots, store, sink);
    expect(sink.platforms.map(({ data }) => data.marks)).toEqual([['last_good_input', 'no_package_list']]);

    files[`${place('jammy-updates')}/${index}`] = newer;
    await fetchSigned(server.origin, store);
    expect(await indexes(store)).toEqual([good[0], [good[1]![0], digest(newer), undefined]]);
  });

  it('without InRelease files is refused', async () => {
    await using server = await serveFiles({ [paths.osv]: osv, [`${place('jammy')}/${index}`]: packages });
    const fetching = fetchSigned(server.origin, openSnapshotStore(temporaryFolder()));
    await expect(fetching).rejects.toMatchObject({ code: 'SOURCE_UNSIGNED' });
  });
});

function dated(content: Uint8Array, etag: string): Behaviour {
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, 'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT' }).end(content);
  };
}

function status(code: number): Behaviour {
  return (_, response) => response.writeHead(code).end();
}

function page(_: unknown, response: { end(text: string): void }): void {
  response.end('<!DOCTYPE html><title>Sign in</title>');
}
