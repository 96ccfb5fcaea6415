import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DebianDefinition } from '../../../src/distros/debian/definition.ts';
import { createSource } from '../../../src/distros/debian/source.ts';
import { Collector, compile } from '../../../src/feed/compile/index.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { archiveKey, clearsigned, releaseText } from '../../sources/suite-server.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import {
  announce,
  dated,
  hurriedLimits,
  misbehaviours,
  send,
  status,
  webPage,
} from '../../support/misbehaviour.ts';
import { collectingSink } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const tracker = JSON.stringify({
  zlib: {
    'CVE-2022-37434': { releases: { bookworm: { status: 'resolved', fixed_version: '1:1.2.11.dfsg-4.1' } } },
  },
});
const list =
  '[25 Aug 2022] DSA-5218-1 zlib - security update\n\t{CVE-2022-37434}\n\t[bullseye] - zlib 1:1.2.11.dfsg-2+deb11u2\n';
const packages = gzipSync('Package: zlib1g\nSource: zlib\nVersion: 1:1.2.13.dfsg-1\n');

const [main, security] = [
  '/debian/dists/bookworm/main/binary-amd64',
  '/security/dists/bookworm-security/main/binary-amd64',
];

/** A small Debian in good order; tests put one path out of order. */
const good: Record<string, Behaviour> = {
  '/json': dated(tracker, '"t1"'),
  '/DSA/list': dated(list, '"d1"'),
  '/DLA/list': dated('[01 Sep 2026] DLA-1-1 nothing\n', '"l1"'),
  [`${main}/Packages.gz`]: dated(packages, '"p1"'),
  [`${security}/Packages.gz`]: dated(packages, '"p2"'),
};

describe('fetch', () => {
  it('takes all inputs, .xz before .gz', async () => {
    await using server = await serve(good);

    const snapshots = await fetchFrom(server.origin, openSnapshotStore(temporaryFolder()));

    expect(snapshots.map(({ id }) => id)).toEqual([
      'debian-tracker',
      'debian-dsa',
      'debian-dla',
      'debian-packages-bookworm-main-amd64',
      'debian-packages-bookworm-security-main-amd64',
    ]);
    expect(snapshots[0]).toMatchObject({ etag: '"t1"', lastModified: '2026-11-24T10:00:00.000Z' });
    const paths = server.requests.map(({ path }) => path);
    expect(paths.indexOf(`${main}/Packages.xz`)).toBeLessThan(paths.indexOf(`${main}/Packages.gz`));
  });

  it('asks again by condition, and keeps what did not change', async () => {
    await using server = await serve(good);
    const store = openSnapshotStore(temporaryFolder());
    const first = await fetchFrom(server.origin, store);
    const before = server.requests.length;

    const second = await fetchFrom(server.origin, store);

    expect(second).toEqual(first);
    const again = server.requests.slice(before).filter(({ path }) => !/xz$|InRelease$/.test(path));
    expect(again.map(({ headers }) => headers['if-none-match']).sort()).toEqual([
      '"d1"',
      '"l1"',
      '"p1"',
      '"p2"',
      '"t1"',
    ]);
    expect(again[0]?.headers['if-modified-since']).toBe('Tue, 24 Nov 2026 10:00:00 GMT');
  });

  it('begins anew when the document changes in the middle of a download', async () => {
    const changing: Behaviour = (request, response, count) => {
      if (count > 1) return dated(tracker, '"t2"')(request, response, count);
      response.writeHead(200, { etag: '"t1"', 'content-length': String(tracker.length) });
      response.write('{"old', () => response.destroy());
    };
    await using server = await serve({ ...good, '/json': changing });
    const store = openSnapshotStore(temporaryFolder());

    const snapshots = await fetchFrom(server.origin, store);

    expect((await store.read(snapshots[0]!)).toString()).toBe(tracker);
  });

  it('forgets inputs that are no longer asked for', async () => {
    await using server = await serve(good);
    const store = openSnapshotStore(temporaryFolder());
    await fetchFrom(server.origin, store);

    await fetchFrom(server.origin, store, { releases: [] });

    expect((await store.list('debian')).map(({ id }) => id)).toEqual([
      'debian-dla',
      'debian-dsa',
      'debian-tracker',
    ]);
  });
});

describe('a fetch that fails leaves the last good snapshots', () => {
  const bad: { name: string; path: string; behaviour: Behaviour; code: string; message?: string }[] = [
    {
      name: 'HTML instead of JSON',
      path: '/json',
      behaviour: webPage,
      code: 'SOURCE_NOT_JSON',
      message: 'expected JSON, found "<!DOCTYPE html><title>Sign in</title>"',
    },
    {
      name: 'a JSON file that stops in the middle',
      path: '/json',
      behaviour: send('{"zlib": {"CVE-2022-37434": {'),
      code: 'SOURCE_NOT_JSON',
    },
    {
      name: 'JSON that breaks in the middle',
      path: '/json',
      behaviour: send('{"zlib": {"CVE-2022-37434": oops}, "bash": {}}'),
      code: 'SOURCE_NOT_JSON',
    },
    { name: 'JSON that says nothing', path: '/json', behaviour: send('{}'), code: 'SOURCE_MALFORMED' },
    { name: 'no bytes at all', path: '/json', behaviour: send(''), code: 'SOURCE_NOT_JSON' },
    { name: 'HTML instead of a list', path: '/DSA/list', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    {
      name: 'HTML instead of an index',
      path: `${main}/Packages.gz`,
      behaviour: webPage,
      code: 'SOURCE_MALFORMED',
    },
    { name: 'a server in trouble', path: '/DLA/list', behaviour: status(500), code: 'FETCH_FAILED' },
    { name: 'a refusal', path: '/json', behaviour: status(403), code: 'FETCH_FAILED' },
    { name: 'a tracker that moved', path: '/json', behaviour: status(404), code: 'FETCH_NOT_FOUND' },
    {
      name: 'one of two indexes gone',
      path: `${security}/Packages.gz`,
      behaviour: status(404),
      code: 'FETCH_NOT_FOUND',
      message: 'expected all 2 package indexes of bookworm, 1 are not there',
    },

    {
      name: 'a document that never ends',
      path: '/DSA/list',
      behaviour: announce(2 ** 40),
      code: 'FETCH_TOO_LARGE',
    },
    ...misbehaviours.map((one) => ({ ...one, path: '/DSA/list' })),
  ];

  it.each(bad)('$name', async ({ path, behaviour, code, message }) => {
    const behaviours = { ...good };
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const last = await fetchFrom(server.origin, store);
    behaviours[path] = behaviour;

    const failing = fetchFrom(server.origin, store);

    await expect(failing).rejects.toMatchObject({ code, ...(message && { message }) });
    const byId = (a: Snapshot, b: Snapshot) => (a.id < b.id ? -1 : 1);
    expect(await store.list('debian')).toEqual([...last].sort(byId));
    for (const snapshot of last) expect(readFileSync(store.path(snapshot))).toHaveLength(snapshot.size);
  });

  it('a release that left the archive as a whole is judged without its roster', async () => {
    await using server = await serve({
      ...good,
      [`${main}/Packages.gz`]: status(404),
      [`${security}/Packages.gz`]: status(404),
    });
    const store = openSnapshotStore(temporaryFolder());

    const snapshots = await fetchFrom(server.origin, store);

    const sink = collectingSink('debian');
    await createSource(definition(server.origin)).read(snapshots, store, sink);
    expect(sink.platforms).toMatchObject([{ platform: { id: 'debian-12' } }]);
    expect(sink.platforms[0]?.data.roster).toBeUndefined();
  });
});

describe('a release that the tracker drops', () => {
  const both = JSON.stringify({
    zlib: {
      'CVE-2022-37434': {
        releases: {
          bullseye: { status: 'resolved', fixed_version: '1:1.2.11.dfsg-2+deb11u2' },
          bookworm: { status: 'resolved', fixed_version: '1:1.2.11.dfsg-4.1' },
        },
      },
    },
  });
  const bullseye = {
    codename: 'bullseye',
    platform: 'debian-11',
    version: '11',
    name: 'Debian GNU/Linux 11 (bullseye)',
    life: [{ phase: 'lts', until: '2026-08-31' }],
    suites: [],
  };

  it('keeps its last state, marked, until it comes back', async () => {
    const behaviours: Record<string, Behaviour> = { ...good, '/json': dated(both, '"t0"') };
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const releases = [...definition(server.origin).releases, bullseye];
    const ids = async () => (await fetchFrom(server.origin, store, { releases })).map(({ id }) => id);
    await ids();

    behaviours['/json'] = dated(tracker, '"t1"');
    expect(await ids()).toContain('debian-tracker-bullseye');
    behaviours['/json'] = dated(`${tracker}\n`, '"t2"');
    expect(await ids()).toContain('debian-tracker-bullseye');
    expect(await ids()).toContain('debian-tracker-bullseye');

    const sink = collectingSink('debian');
    await createSource(definition(server.origin, { releases })).read(await store.list('debian'), store, sink);
    expect(sink.statements.find(({ platform }) => platform === 'debian-11')).toMatchObject({
      fixed: '1:1.2.11.dfsg-2+deb11u2',
      advisories: ['DSA-5218-1'],
      evidence: 'debian-tracker-bullseye#/{package}/{vulnerability}/releases/bullseye',
    });
    expect(
      sink.platforms.map(({ platform: { id }, data: { marks, updated } }) => [id, marks, updated]),
    ).toEqual([
      ['debian-12', undefined, undefined],
      // The last advisory that named it, not the last of all.
      ['debian-11', ['last_state', 'release_end_of_life', 'no_package_list'], '2022-08-25T00:00:00Z'],
    ]);
    expect(sink.ledger.records).toBe(4);

    behaviours['/json'] = dated(both, '"t3"');
    expect(await ids()).not.toContain('debian-tracker-bullseye');
  });
});

describe('signed archives', () => {
  const suites = {
    '/debian/dists/bookworm': 'bookworm',
    '/security/dists/bookworm-security': 'bookworm-security',
  };
  const index = 'main/binary-amd64/Packages.gz';
  const signed = async (dates: Record<string, string> = {}): Promise<Record<string, Behaviour>> => {
    const releases = Object.entries(suites).map(async ([place, Codename]) => {
      const date = dates[Codename];
      const fields = { Codename, ...(date && { Date: date }) };
      const text = releaseText({ fields, files: { [index]: packages } });
      return [`${place}/InRelease`, send(await clearsigned(text))] as const;
    });
    return { ...good, ...Object.fromEntries(await Promise.all(releases)) };
  };
  const fetchSigned = (origin: string, store = openSnapshotStore(temporaryFolder())) =>
    fetchFrom(origin, store, { signingKeys: archiveKey.armored }, false);

  it('need nobody to accept anything: the InRelease files are inputs, nothing is marked', async () => {
    await using server = await serve(await signed());
    const snapshots = await fetchSigned(server.origin);
    expect(snapshots.map(({ id }) => id).slice(3)).toEqual([
      'debian-release-bookworm',
      'debian-packages-bookworm-main-amd64',
      'debian-release-bookworm-security',
      'debian-packages-bookworm-security-main-amd64',
    ]);
    expect(snapshots.some(({ unsigned }) => unsigned)).toBe(false);
  });

  it.each([
    [
      'of a security suite, in a quiet week without advisories',
      'Wed, 09 Sep 2026 20:14:00 UTC',
      '2026-09-09T20:14:00Z',
    ],
    ['with an offset', 'Wed, 09 Sep 2026 20:14:00 +0200', '2026-09-09T18:14:00Z'],
    ['without a zone is UTC', 'Wed, 09 Sep 2026 20:14:00', '2026-09-09T20:14:00Z'],
    ['older than the newest advisory', 'Sat, 08 Aug 2026 20:14:00 UTC', '2026-09-01T00:00:00Z'],
  ])('the date of an InRelease file %s dates the platform', async (_, date, updated) => {
    const dates = { bookworm: 'Sat, 11 Jul 2026 09:00:00 UTC', 'bookworm-security': date };
    await using server = await serve(await signed(dates));
    const store = openSnapshotStore(temporaryFolder());
    const { platform, marks } = await built(await fetchSigned(server.origin, store), store);
    expect(platform).toEqual(updated);
    expect(marks).toEqual([]);
  });

  it('what stands around its signature does not', async () => {
    const behaviours = await signed({ bookworm: 'Sat, 11 Jul 2026 09:00:00 UTC' });
    const text = releaseText({ fields: { Codename: 'bookworm-security' }, files: { [index]: packages } });
    const forged = 'Date: Thu, 01 Jan 2032 00:00:00 UTC\n';
    const armor = await clearsigned(text.replace(/^Date.*$/m, 'Date: Wed, 09 Sep 2026 20:14:00 UTC'));
    for (const around of [`${forged}\n${armor}\n${forged}`, armor.replace('\n\n', `\n${forged}\n`)]) {
      behaviours['/security/dists/bookworm-security/InRelease'] = send(around);
      await using server = await serve(behaviours);
      const store = openSnapshotStore(temporaryFolder());
      const fetched = await fetchSigned(server.origin, store).catch(({ code }) => code as string);
      if (typeof fetched === 'string') expect(fetched).toBe('SOURCE_SIGNATURE_WRONG');
      else expect((await built(fetched, store)).platform).toBe('2026-09-09T20:14:00Z');
    }
  });

  it.each([
    ['an index of other bytes', `${security}/Packages.gz`, send('\x1f\x8b'), 'SOURCE_MALFORMED'],
    [
      'a whole other index',
      `${security}/Packages.gz`,
      send(gzipSync('Package: evil\n')),
      'SOURCE_SIGNATURE_WRONG',
    ],
    ['no InRelease', '/security/dists/bookworm-security/InRelease', status(404), 'SOURCE_UNSIGNED'],
    [
      'the InRelease of another suite',
      '/security/dists/bookworm-security/InRelease',
      'other',
      'SOURCE_SIGNATURE_WRONG',
    ],
  ])('%s ends the fetch, the last good ones stay', async (_, path, behaviour, code) => {
    const behaviours = await signed();
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    await fetchSigned(server.origin, store);
    const before = (await store.list('debian')).filter(({ id }) => id.includes('packages'));

    const release = behaviours['/debian/dists/bookworm/InRelease']!;
    behaviours[path] = typeof behaviour === 'string' ? release : behaviour;
    if (path.endsWith('gz')) {
      const files = { [index]: gzipSync('Package: zlib1g\nVersion: 2\n') };
      const text = releaseText({ fields: { Codename: 'bookworm-security' }, files });
      behaviours['/security/dists/bookworm-security/InRelease'] = send(await clearsigned(text));
    }

    await expect(fetchSigned(server.origin, store)).rejects.toMatchObject({ code });
    expect((await store.list('debian')).filter(({ id }) => id.includes('packages'))).toEqual(before);
  });
});

describe('read', () => {
  it('needs the tracker', async () => {
    await using server = await serve(good);
    const store = openSnapshotStore(temporaryFolder());
    const [, ...others] = await fetchFrom(server.origin, store);

    const reading = createSource(definition(server.origin)).read(others, store, collectingSink('debian'));

    await expect(reading).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING', where: 'debian-tracker' });
  });
});

function definition(origin: string, other: Partial<DebianDefinition> = {}): DebianDefinition {
  return {
    tracker: { id: 'debian-tracker', url: `${origin}/json` },
    advisoryLists: [
      { id: 'debian-dsa', url: `${origin}/DSA/list` },
      { id: 'debian-dla', url: `${origin}/DLA/list` },
    ],
    archives: { main: `${origin}/debian`, security: `${origin}/security` },
    components: ['main'],
    architectures: ['amd64'],
    signingKeys: '',
    malformedShare: 0.01,
    releases: [
      {
        codename: 'bookworm',
        platform: 'debian-12',
        version: '12',
        name: 'Debian GNU/Linux 12 (bookworm)',
        life: [{ phase: 'lts', until: '2028-06-30' }],
        suites: [
          { archive: 'main', suite: 'bookworm' },
          { archive: 'security', suite: 'bookworm-security' },
        ],
      },
    ],
    ...other,
  };
}

/** A build of Debian 12 from these snapshots. */
async function built(snapshots: readonly Snapshot[], store: SnapshotStore) {
  const collector = new Collector('debian');
  await createSource(definition('http://127.0.0.1')).read(snapshots, store, collector);
  const inputs = snapshots.map((snapshot) => {
    const date = collector.notes.dateOf(snapshot.id);
    return { ...snapshot, ...(date && { date }) };
  });
  const index = compile([collector], inputs).indexes.find(({ platform }) => platform.id === 'debian-12')!;
  return { platform: index.updated, marks: index.marks };
}

async function fetchFrom(
  origin: string,
  store: SnapshotStore,
  other?: Partial<DebianDefinition>,
  unsignedMirror = true,
): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  try {
    return await createSource(definition(origin, other)).fetch({
      http,
      store,
      now: new Date(),
      progress: () => {},
      unsignedMirror,
    });
  } finally {
    await http.close();
  }
}
