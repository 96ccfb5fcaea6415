import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readRedHat } from '../../../src/distros/redhat/read.ts';
import { createSource } from '../../../src/distros/redhat/source.ts';
import { treesOf } from '../../../src/distros/redhat/trees.ts';
import { Collector } from '../../../src/feed/compile/index.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { treeEvidence } from '../../../src/sources/csaf-tree/evidence.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { legacyVex } from '../../distros/redhat/support.ts';
import {
  archiveFile,
  asked,
  fetchFrom,
  serveTree,
  type TreeState,
  treeFiles,
  treePath,
  withEtag,
} from '../../distros/redhat/tree-server.ts';
import type { Behaviour } from '../../support/http-server.ts';
import { hurriedLimits, misbehaviours } from '../../support/misbehaviour.ts';
import { seededRandom } from '../../support/mutate-json.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** A document whose fix tells which version of it was read. */
function document(number: number, release: number): string {
  const packages = [`pkg${number}-0:1.0-${release}.el9`];
  return JSON.stringify(
    legacyVex(`CVE-2024-000${number}`, { fixed: [{ on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages }] }),
  );
}

const path = (number: number) => `2024/cve-2024-000${number}.json`;

const state: TreeState = {
  archiveDay: '2026-05-01',
  archived: { [path(1)]: document(1, 1), [path(2)]: document(2, 1), [path(3)]: document(3, 1) },
  changed: {
    [path(2)]: { text: document(2, 2), time: '2026-05-03T10:00:00+00:00' },
    [path(4)]: { text: document(4, 1), time: '2026-05-02T10:00:00+00:00' },
  },
  deleted: { [path(3)]: '2026-05-02T11:00:00+00:00' },
};
const files = await treeFiles(state);

const newStore = () => openSnapshotStore(temporaryFolder());

/** `pkg1 0:1.0-1.el9` for each fix that a build would see, marks behind it; then findings. */
async function read(snapshots: readonly Snapshot[], store: SnapshotStore): Promise<string[]> {
  const collector = new Collector('redhat');
  await readRedHat(snapshots, store, collector, { ...redHatDefinition, maps: {} });
  const fixes = collector.platforms.flatMap(({ packages }) =>
    [...packages].flatMap(([name, claims]) =>
      [...claims.keys()].map((key) => {
        const { fixed, marks = [] } = JSON.parse(key) as { fixed: string; marks?: string[] };
        return [name, fixed, ...marks].join(' ');
      }),
    ),
  );
  const findings = collector.ledger.findings().map(({ reason, count }) => `${reason} ${count}`);
  return [...fixes.sort(), ...findings];
}

const expected = ['pkg1 0:1.0-1.el9', 'pkg2 0:1.0-2.el9', 'pkg4 0:1.0-1.el9'];

const status =
  (code: number): Behaviour =>
  (_, response) =>
    response.writeHead(code).end();

describe('the directory protocol', () => {
  it('takes the archive, then changes and deletions since its day', async () => {
    await using server = await serveTree(files);
    const store = newStore();

    const snapshots = await fetchFrom(server, store);

    expect(await read(snapshots, store)).toEqual(expected);
    expect(asked(server)).toEqual([
      'archive_latest.txt',
      'changes.csv',
      'deletions.csv',
      'index.txt',
      archiveFile(state),
      path(4),
      path(2),
    ]);
  });

  it.each(['/vex/', '/vex-feed/', '/advisories/'])(
    '%s alone is missing: the others are fetched',
    async (gone) => {
      const at = (tree: string) =>
        Object.entries(files).map(([name, content]) => [name.replace(treePath, tree), content] as const);
      const present = ['/vex/', '/vex-feed/', '/advisories/'].filter((tree) => tree !== gone);
      await using server = await serveTree(Object.fromEntries(present.flatMap(at)));
      const store = newStore();

      const snapshots = await fetchFrom(server, store);

      const parts = ['', '-archive', '-changes', '-deletions'];
      const ids = present.flatMap((tree) => parts.map((part) => `redhat-${tree.slice(1, -1)}${part}`));
      expect(snapshots.map(({ id }) => id).sort()).toEqual(ids.sort());
      for (const tree of present)
        expect(server.requests.map(({ path: asked }) => asked)).toContain(tree + path(2));
    },
  );

  it('a second run fetches nothing but lists, and those by condition', async () => {
    await using server = await serveTree(files);
    const store = newStore();
    const first = await fetchFrom(server, store);
    const before = server.requests.length;

    const second = await fetchFrom(server, store);

    expect(second).toEqual(first);
    expect(asked(server, before)).toEqual([
      'archive_latest.txt',
      'changes.csv',
      'deletions.csv',
      'index.txt',
    ]);
    const lists = server.requests.slice(before).filter(({ path: asked }) => asked.endsWith('.csv'));
    expect(lists.every(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true);
  });

  it('an incremental run fetches only what changed', async () => {
    const store = newStore();
    {
      await using server = await serveTree(files);
      await fetchFrom(server, store);
    }
    const later = structuredClone(state);
    later.changed[path(1)] = { text: document(1, 9), time: '2026-05-04T10:00:00+00:00' };
    later.deleted = { ...later.deleted, [path(4)]: '2026-05-04T11:00:00+00:00' };
    await using server = await serveTree(await treeFiles(later));

    const snapshots = await fetchFrom(server, { ...store, list: movedTo(store, server.origin) });

    expect(asked(server).filter((name) => name.endsWith('.json'))).toEqual([path(1)]);
    expect(await read(snapshots, store)).toEqual(['pkg1 0:1.0-9.el9', 'pkg2 0:1.0-2.el9']);
  });

  it('takes the newest archive when most has changed', async () => {
    const store = newStore();
    {
      await using server = await serveTree(files);
      await fetchFrom(server, store);
    }
    const later: TreeState = {
      archiveDay: '2026-06-01',
      archived: { [path(1)]: document(1, 5), [path(2)]: document(2, 5) },
      changed: {
        [path(1)]: { text: document(1, 5), time: '2026-05-30T10:00:00+00:00' },
        [path(2)]: { text: document(2, 5), time: '2026-05-30T10:00:00+00:00' },
      },
    };
    await using server = await serveTree(await treeFiles(later));

    const snapshots = await fetchFrom(
      server,
      { ...store, list: movedTo(store, server.origin) },
      { archiveAbove: 1 },
    );

    expect(asked(server)).toContain(archiveFile(later));
    expect(asked(server).filter((name) => name.endsWith('.json'))).toEqual([]);
    expect(await read(snapshots, store)).toEqual(['pkg1 0:1.0-5.el9', 'pkg2 0:1.0-5.el9']);
  });

  it('fetches what the index lists and the archive lacks, however old', async () => {
    const old = structuredClone(state);
    old.changed[path(5)] = { text: document(5, 1), time: '2020-01-01T00:00:00+00:00' };
    const index = Buffer.from([1, 2, 4, 5].map((number) => `${path(number)}\n`).join(''));
    await using server = await serveTree({ ...(await treeFiles(old)), [`${treePath}index.txt`]: index });
    const store = newStore();

    const snapshots = await fetchFrom(server, store);

    expect(await read(snapshots, store)).toEqual([...expected, 'pkg5 0:1.0-1.el9']);
  });

  it('the same snapshots give the same records from the kept file and from the archive', async () => {
    await using server = await serveTree(files);
    const store = newStore();
    const snapshots = await fetchFrom(server, store);
    const first = await read(snapshots, store);
    expect(await read(snapshots, store)).toEqual(first);
  });
});

describe('the document behind a verdict', () => {
  it.each([
    ['in the archive', 1, 1],
    ['changed since', 2, 2],
  ])('%s', async (_, number, release) => {
    await using server = await serveTree(files);
    const store = newStore();
    const snapshots = await fetchFrom(server, store);
    const tree = snapshots.find(({ id }) => id === 'redhat-vex')!;
    const found = await treeEvidence(
      treesOf(redHatDefinition),
      tree,
      `${path(number)}/vulnerabilities/0`,
      snapshots,
      store,
    );
    expect(found?.bytes.toString()).toBe(document(number, release));
    expect(found).toMatchObject({ place: tree.url + path(number), pointer: '/vulnerabilities/0' });
  });

  it('deleted, of no tree, or never there', async () => {
    await using server = await serveTree(files);
    const store = newStore();
    const snapshots = await fetchFrom(server, store);
    for (const [id, name] of [
      ['redhat-vex', path(9)],
      ['redhat-vex', path(3)],
      ['redhat-vex-changes', path(1)],
    ] as const) {
      const input = snapshots.find((snapshot) => snapshot.id === id)!;
      expect(await treeEvidence(treesOf(redHatDefinition), input, name, snapshots, store)).toBeUndefined();
    }
  });
});

describe('a server that misbehaves', () => {
  it('403 to a client in a hurry: waits and goes on', async () => {
    let refused = 0;
    const hurried: Behaviour = (request, response, count) => {
      if (count > 3) withEtag(files[`${treePath}${path(2)}`]!)(request, response, count);
      else {
        refused += 1;
        response.writeHead(403).end();
      }
    };
    await using server = await serveTree(files, { [treePath + path(2)]: hurried });
    const store = newStore();

    expect(await read(await fetchFrom(server, store), store)).toEqual(expected);
    expect(refused).toBe(3);
  });

  it('a document that is listed as changed and not there: the last good one stays, marked, and is asked for again', async () => {
    let gone = true;
    const late: Behaviour = (request, response, count) =>
      (gone ? status(404) : withEtag(files[`${treePath}${path(2)}`]!))(request, response, count);
    await using server = await serveTree(files, { [treePath + path(2)]: late });
    const store = newStore();

    expect(await read(await fetchFrom(server, store), store)).toEqual([
      'pkg1 0:1.0-1.el9',
      'pkg2 0:1.0-1.el9 stale',
      'pkg4 0:1.0-1.el9',
      'document_absent 1',
    ]);
    gone = false;
    expect(await read(await fetchFrom(server, store), store)).toEqual(expected);
  });

  it('killed in the middle: what was fetched is kept, the rest is fetched by the next run', async () => {
    const store = newStore();
    let down = true;
    const flaky: Behaviour = (request, response, count) => {
      if (down) response.writeHead(403).end();
      else withEtag(files[`${treePath}${path(2)}`]!)(request, response, count);
    };
    await using server = await serveTree(files, { [treePath + path(2)]: flaky });
    await expect(fetchFrom(server, store, { concurrency: 1, tries: 2 })).rejects.toMatchObject({
      code: 'FETCH_FAILED',
    });
    const before = server.requests.length;
    down = false;

    const snapshots = await fetchFrom(server, store);

    expect(asked(server, before).filter((name) => /json|tar/.test(name))).toEqual([path(2)]);
    expect(await read(snapshots, store)).toEqual(expected);
  });

  it.each([
    ['truncated', (bytes: Buffer) => bytes.subarray(0, bytes.length - 700)],
    ['of other bytes', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ])('an archive %s is refused by its signature, and nothing of it stays', async (_, spoil) => {
    const name = treePath + archiveFile(state);
    await using server = await serveTree({ ...files, [name]: spoil(files[name]!) });
    const store = newStore();

    await expect(fetchFrom(server, store)).rejects.toMatchObject({ code: 'SOURCE_SIGNATURE_WRONG' });
    expect((await store.list('redhat')).map(({ id }) => id)).not.toContain('redhat-vex-archive');
  });

  it("a document with a wrong signature is not read: the archive's stays, the finding says so, the next run asks again", async () => {
    const wrong = { [`${treePath}${path(2)}.asc`]: files[`${treePath}${path(4)}.asc`]! };
    await using server = await serveTree({ ...files, ...wrong });
    const store = newStore();
    const snapshots = await fetchFrom(server, store);
    const before = server.requests.length;
    await fetchFrom(server, store);

    expect(await read(snapshots, store)).toEqual([
      'pkg1 0:1.0-1.el9',
      'pkg2 0:1.0-1.el9 stale',
      'pkg4 0:1.0-1.el9',
      'signature_rejected 1',
    ]);
    expect(asked(server, before)).toContain(path(2));
  });

  it('an archive without a signature is refused', async () => {
    await using server = await serveTree(files, { [`${treePath}${archiveFile(state)}.asc`]: status(404) });
    await expect(fetchFrom(server, newStore())).rejects.toMatchObject({ code: 'SOURCE_UNSIGNED' });
  });

  it('so is one that the vendor redirects to, and a document without a signature', async () => {
    const elsewhere = await serveTree(files, { [`${treePath}${archiveFile(state)}.asc`]: status(404) });
    await using _ = elsewhere;
    const redirect: Behaviour = (_, response) =>
      response.writeHead(302, { location: `${elsewhere.origin}${treePath}${archiveFile(state)}` }).end();
    await using server = await serveTree(files, {
      [treePath + archiveFile(state)]: redirect,
      [`${treePath}${archiveFile(state)}.asc`]: status(404),
    });
    await expect(fetchFrom(server, newStore())).rejects.toMatchObject({ code: 'SOURCE_UNSIGNED' });

    await using bare = await serveTree(files, { [`${treePath}${path(2)}.asc`]: status(404) });
    const store = newStore();
    expect(await read(await fetchFrom(bare, store), store)).toEqual([
      'pkg1 0:1.0-1.el9',
      'pkg2 0:1.0-1.el9 stale',
      'pkg4 0:1.0-1.el9',
      'signature_rejected 1',
    ]);
  });

  it('an old validator that hides a new list: asked again without it', async () => {
    const store = newStore();
    const older = structuredClone(state);
    delete older.changed[path(2)];
    older.changed[path(4)]!.time = '2026-04-30T23:00:00+00:00';
    const stale =
      (content: Buffer): Behaviour =>
      (request, response) => {
        if (request.headers['if-none-match']) response.writeHead(304).end();
        else response.writeHead(200, { etag: '"always"' }).end(content);
      };
    const oldFiles = await treeFiles(older);
    let current = oldFiles;
    const changes: Behaviour = (request, response, count) =>
      stale(current[`${treePath}changes.csv`]!)(request, response, count);
    await using server = await serveTree(files, { [`${treePath}changes.csv`]: changes });
    await fetchFrom(server, store);
    current = files;

    const snapshots = await fetchFrom(server, store);

    expect(await read(snapshots, store)).toEqual(expected);
  });

  it.each(
    ['changes.csv', archiveFile(state)].flatMap((name) =>
      misbehaviours.map((bad) => ({ ...bad, path: name, label: bad.name })),
    ),
  )('$label in place of $path: nothing that was good is lost', async ({ path: name, behaviour, code }) => {
    const store = newStore();
    let broken = false;
    const turning: Behaviour = (request, response, count) =>
      (broken ? behaviour : withEtag(files[treePath + name]!))(request, response, count);
    await using server = await serveTree(files, { [treePath + name]: turning });
    const first = await fetchFrom(server, store);
    broken = true;

    const failing = fetchFrom(server, store, {}, {}, hurriedLimits);

    // The archive of a day is not asked for again.
    if (name === archiveFile(state)) expect(await failing).toEqual(first);
    else await expect(failing).rejects.toMatchObject({ code });
    const byId = (a: Snapshot, b: Snapshot) => (a.id < b.id ? -1 : 1);
    expect(await store.list('redhat')).toEqual([...first].sort(byId));
    expect(await read(first, store)).toEqual(expected);
  });

  it.each(misbehaviours)('$name in place of the first archive', async ({ behaviour, code }) => {
    await using server = await serveTree(files, { [treePath + archiveFile(state)]: behaviour });
    const store = newStore();
    const limits = { ...hurriedLimits };
    await expect(fetchFrom(server, store, {}, {}, limits)).rejects.toMatchObject({ code });
    expect((await store.list('redhat')).map(({ id }) => id)).not.toContain('redhat-vex-archive');
  });

  it('a web page in place of a list', async () => {
    const page = Buffer.from('<!doctype html><title>sign in</title>');
    await using server = await serveTree({ ...files, [`${treePath}changes.csv`]: page });
    await expect(fetchFrom(server, newStore())).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it('paths that lead elsewhere are findings and never asked for', async () => {
    const evil = Buffer.concat([
      files[`${treePath}changes.csv`]!,
      Buffer.from('"../../etc/passwd.json","2026-05-03T10:00:00+00:00"\n'),
    ]);
    await using server = await serveTree({ ...files, [`${treePath}changes.csv`]: evil });
    const store = newStore();
    const snapshots = await fetchFrom(server, store);

    expect(await read(snapshots, store)).toEqual([...expected, 'malformed_change 1']);
    expect(server.requests.some(({ path: asked }) => asked.includes('passwd'))).toBe(false);
  });

  it('no tree at all', async () => {
    await using server = await serveTree({});
    await expect(fetchFrom(server, newStore())).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
  });
});

describe('the maps of repositories and containers', () => {
  const map = (cpe: string) =>
    Buffer.from(JSON.stringify({ data: { 'rhel-9-for-x86_64-baseos-rpms': { cpes: [cpe] } } }));
  const names = { 'redhat-repositories': 'repository-to-cpe.json', 'redhat-containers': 'names.json' };
  const contents = {
    '/repository-to-cpe.json': map('cpe:/o:redhat:enterprise_linux:9::baseos'),
    '/names.json': Buffer.from(JSON.stringify({ data: { 'ubi9-container': ['ubi9'] } })),
  };
  const fetchMaps = (server: Parameters<typeof fetchFrom>[0], store: SnapshotStore) => {
    const maps = Object.entries(names).map(([id, name]) => [id, `${server.origin}/${name}`]);
    return fetchFrom(server, store, {}, Object.fromEntries(maps));
  };
  const mapsOf = (snapshots: readonly Snapshot[]) =>
    snapshots.filter(({ id }) => id in names).map(({ id, sha256 }) => [id, sha256]);

  it('are fetched, and by condition the next time', async () => {
    await using server = await serveTree({ ...files, ...contents });
    const store = newStore();
    const first = await fetchMaps(server, store);
    const before = server.requests.length;

    expect(mapsOf(await fetchMaps(server, store))).toEqual(mapsOf(first));
    expect(mapsOf(first)).toHaveLength(2);
    const again = server.requests.slice(before).filter(({ path: asked }) => asked in contents);
    expect(again.map(({ headers }) => headers['if-none-match'] !== undefined)).toEqual([true, true]);
  });

  it.each<[string, Behaviour]>([
    ['refused', status(403)],
    ['gone', status(404)],
    ['a web page', withEtag(Buffer.from('<!doctype html>'))],
    ['cut off', withEtag(contents['/repository-to-cpe.json'].subarray(0, 40))],
    ['torn in its middle', withEtag(Buffer.from('{"data":{"a":{"cpes":[}}}'))],
    ['of another form', withEtag(Buffer.from('{"data":[]}'))],
  ])('one that is %s: the last good one stays, the other goes on', async (_, bad) => {
    const store = newStore();
    let broken = false;
    const turning: Behaviour = (request, response, count) =>
      (broken ? bad : withEtag(contents['/repository-to-cpe.json']))(request, response, count);
    await using server = await serveTree({ ...files, ...contents }, { '/repository-to-cpe.json': turning });
    const first = await fetchMaps(server, store);
    broken = true;

    const second = await fetchMaps(server, store);

    expect(mapsOf(second)).toEqual(mapsOf(first));
    expect(await read(second, store)).toEqual(expected);
  });

  it('a validator that some proxy answers with 200: the new bytes count', async () => {
    const store = newStore();
    let content = contents['/repository-to-cpe.json'];
    const deaf: Behaviour = (_, response) => response.writeHead(200, { etag: '"same"' }).end(content);
    await using server = await serveTree({ ...files, ...contents }, { '/repository-to-cpe.json': deaf });
    const first = await fetchMaps(server, store);
    content = map('cpe:/o:redhat:enterprise_linux:9::appstream');
    expect(mapsOf(await fetchMaps(server, store))).not.toEqual(mapsOf(first));
  });
});

describe('a mirror, which has no signatures', () => {
  const unsigned = Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith('.asc')));
  const tree = 'https://security.access.redhat.com/data/csaf/v2';
  const mirrored = (bad: Record<string, Buffer> = {}) => {
    const place = (name: string) => name.replace(treePath, '/security.access.redhat.com/data/csaf/v2/vex/');
    const entries = Object.entries({ ...unsigned, ...bad });
    return serveTree(Object.fromEntries(entries.map(([name, content]) => [place(name), content])));
  };
  const fetchMirror = async (origin: string, store: SnapshotStore, unsignedMirror = true) => {
    const http = createHttp({ limits: { firstDelay: 1, retries: 1 }, mirror: origin });
    const trees = {
      'redhat-vex': `${tree}/vex/`,
      'redhat-vex-feed': `${tree}/vex-feed/`,
      'redhat-advisories': `${tree}/advisories/`,
    };
    try {
      const source = createSource({ ...redHatDefinition, trees, maps: {} });
      return await source.fetch({ http, store, now: new Date(), unsignedMirror, progress: () => {} });
    } finally {
      await http.close();
    }
  };

  it('is refused, even where the archive was accepted without one before', async () => {
    await using server = await mirrored();
    const store = newStore();
    const refused = { code: 'SOURCE_UNSIGNED', where: expect.stringContaining(archiveFile(state)) };
    await expect(fetchMirror(server.origin, store, false)).rejects.toMatchObject(refused);
    await fetchMirror(server.origin, store);
    await expect(fetchMirror(server.origin, store, false)).rejects.toMatchObject(refused);
  });

  it('is read without them where the user accepts that, and every tree of it says so', async () => {
    await using server = await mirrored();
    const store = newStore();
    const snapshots = await fetchMirror(server.origin, store);
    expect(await read(snapshots, store)).toEqual([...expected, 'signature_absent 2']);
    const marked = snapshots.filter(({ unsigned }) => unsigned).map(({ id }) => id);
    expect(marked.sort()).toEqual(['redhat-vex', 'redhat-vex-archive']);
  });

  it.each([20, 700, 5000])(
    'an archive that lacks its last %i bytes is refused, the last one stays',
    async (lost) => {
      const store = newStore();
      const name = treePath + archiveFile(state);
      const whole = files[name]!;
      await using server = await mirrored({ [name]: whole.subarray(0, whole.length - lost) });
      await expect(fetchMirror(server.origin, store)).rejects.toBeInstanceOf(ScapfeedError);
      expect((await store.list('redhat')).map(({ id }) => id)).not.toContain('redhat-vex-archive');
    },
  );
});

describe('documents that cannot be read', () => {
  const broken = '{"document": "torn';

  it("a new version that is broken: the archive's stays in force, marked", async () => {
    const later = structuredClone(state);
    later.changed[path(2)]!.text = broken;
    await using server = await serveTree(await treeFiles(later));
    const store = newStore();

    const found = await read(await fetchFrom(server, store), store);

    expect(found).toEqual([
      'pkg1 0:1.0-1.el9',
      'pkg2 0:1.0-1.el9 stale',
      'pkg4 0:1.0-1.el9',
      'document_malformed 1',
    ]);
  });

  it('one that was good in an earlier run: that version stays in force', async () => {
    const store = newStore();
    {
      await using server = await serveTree(files);
      await fetchFrom(server, store);
    }
    const later = structuredClone(state);
    later.changed[path(2)] = { text: broken, time: '2026-05-05T10:00:00+00:00' };
    await using server = await serveTree(await treeFiles(later));

    const snapshots = await fetchFrom(server, { ...store, list: movedTo(store, server.origin) });

    expect(await read(snapshots, store)).toEqual([
      'pkg1 0:1.0-1.el9',
      'pkg2 0:1.0-2.el9 stale',
      'pkg4 0:1.0-1.el9',
      'document_malformed 1',
    ]);
  });

  it('one inside the signed archive is requested by itself, once', async () => {
    const later = { ...state, archived: { ...state.archived, [path(1)]: broken } };
    const single = Buffer.from(document(1, 3));
    const good = { [path(1)]: { text: String(single), time: '' } };
    const files = await treeFiles({ ...later, changed: { ...state.changed, ...good } });
    const lists = await treeFiles(later);
    const list = `${treePath}changes.csv`;
    await using server = await serveTree({ ...files, [list]: lists[list]! });
    const store = newStore();

    const expected = ['pkg1 0:1.0-3.el9', 'pkg2 0:1.0-2.el9', 'pkg4 0:1.0-1.el9'];
    expect(await read(await fetchFrom(server, store), store)).toEqual(expected);
    const before = server.requests.length;
    expect(await read(await fetchFrom(server, store), store)).toEqual(expected);
    expect(asked(server, before).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('and by every later night, as long as it cannot be read; the account has it once', async () => {
    const later = { ...state, archived: { ...state.archived, [path(1)]: broken } };
    const files = await treeFiles(later);
    const store = newStore();
    await using server = await serveTree(files);
    for (const _ of [1, 2, 3]) {
      const before = server.requests.length;
      const found = await read(await fetchFrom(server, store), store);
      expect(found).toEqual(['pkg2 0:1.0-2.el9', 'pkg4 0:1.0-1.el9', 'document_malformed 1']);
      expect(asked(server, before)).toContain(path(1));
    }
  });

  it.each(['archive', 'set'])(
    'one of a new archive, broken by itself too: the version of the last %s stays in use, marked, until it comes',
    async (last) => {
      const store = newStore();
      const first = structuredClone(state);
      if (last === 'set') first.changed[path(1)] = { text: document(1, 2), time: '2026-05-02T10:00:00Z' };
      {
        await using server = await serveTree(await treeFiles(first));
        await fetchFrom(server, store);
      }
      const later: TreeState = {
        archiveDay: '2026-06-01',
        archived: { [path(1)]: broken, [path(2)]: document(2, 5) },
        changed: { [path(2)]: { text: document(2, 5), time: '2026-05-30T10:00:00+00:00' } },
      };
      const files = await treeFiles(later);
      const good = await treeFiles({ ...later, archived: { [path(1)]: document(1, 7) } });
      await using server = await serveTree(files);
      await using mended = await serveTree({ ...good, ...pick(files, archiveFile(later)) });
      const night = async (from: typeof server) => {
        const moved = { ...store, list: movedTo(store, from.origin) };
        return read(await fetchFrom(from, moved, { archiveAbove: 0 }), store);
      };

      const release = last === 'set' ? 2 : 1;
      for (const _ of [1, 2]) {
        const before = server.requests.length;
        expect(await night(server)).toEqual([
          `pkg1 0:1.0-${release}.el9 stale`,
          'pkg2 0:1.0-5.el9',
          'document_malformed 1',
        ]);
        expect(asked(server, before)).toContain(path(1));
      }
      expect(await night(mended)).toEqual(['pkg1 0:1.0-7.el9', 'pkg2 0:1.0-5.el9']);
    },
  );

  it('names inside an archive never become other addresses', async () => {
    const names = ['../../../etc/passwd.json', '2024/../../x.json', '2024/a.json?b=.json', '2024/\n.json'];
    const archived = Object.fromEntries(names.map((name) => [name, broken]));
    const later = { ...state, archived: { ...state.archived, ...archived } };
    await using server = await serveTree(await treeFiles(later));
    const store = newStore();

    const found = await read(await fetchFrom(server, store), store);

    expect(found).toEqual([...expected, 'document_malformed 4']);
    expect(asked(server).filter((name) => name.includes('json'))).toEqual([path(4), path(2)]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'whatever breaks in archives and single documents, night after night: what was read once never goes away (%i)',
    async (seed) => {
      const random = seededRandom(seed);
      const numbers = [1, 2, 3];
      const store = newStore();
      const versions = new Map(numbers.map((number) => [number, 1]));
      const times = new Map<string, string>();
      let shown = new Map<string, number>();
      let archived: Record<string, string> = {};
      let archiveDay = '';
      for (let night = 1; night <= 6; night++) {
        const calm = night === 6;
        const day = `2026-06-${String(10 + 2 * night)}`;
        const torn = (number: number) =>
          !calm && random(3) === 0 ? broken : document(number, versions.get(number)!);
        for (const number of numbers) {
          if (random(2) === 0 && night > 1) continue;
          versions.set(number, night);
          times.set(path(number), `${day}T01:00:00+00:00`);
        }
        if (night === 1 || random(2) === 0) {
          archiveDay = day;
          archived = Object.fromEntries(numbers.map((number) => [path(number), torn(number)]));
        }
        const changed = Object.fromEntries(
          numbers.map((number) => [path(number), { text: torn(number), time: times.get(path(number))! }]),
        );
        await using server = await serveTree(await treeFiles({ archiveDay, archived, changed }));
        const moved = { ...store, list: movedTo(store, server.origin) };
        const snapshots = await fetchFrom(server, moved, { archiveAbove: random(2) });

        const now = await read(snapshots, store);

        const rows = now.map((row) => /^(pkg\d) 0:1\.0-(\d+)\.el9/.exec(row)).filter((row) => row !== null);
        const next = new Map(rows.map(([, name, release]) => [name!, Number(release)]));
        for (const [name, release] of shown) expect(next.get(name) ?? 0).toBeGreaterThanOrEqual(release);
        shown = next;
        if (calm)
          expect(now).toEqual(numbers.map((number) => `pkg${number} 0:1.0-${versions.get(number)}.el9`));
      }
    },
  );

  it('a list of them that was cut off is made again', async () => {
    const folder = temporaryFolder();
    const store = openSnapshotStore(folder);
    const later = { ...state, archived: { ...state.archived, [path(1)]: broken } };
    await using server = await serveTree(await treeFiles(later));
    await fetchFrom(server, store);
    const kept = readdirSync(join(folder, 'cache')).find((name) => name.endsWith('.malformed'))!;
    truncateSync(join(folder, 'cache', kept), 3);
    const before = server.requests.length;

    await fetchFrom(server, store);

    expect(asked(server, before)).toContain(path(1));
  });

  it('too many of them refuse the build, and none is requested by itself', async () => {
    const archived = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [path(at), at < 6 ? broken : document(at, 1)]),
    );
    await using server = await serveTree(
      await treeFiles({ archiveDay: '2026-05-01', archived, changed: {} }),
    );
    const store = newStore();
    const snapshots = await fetchFrom(server, store);
    expect(asked(server).filter((name) => name.endsWith('.json'))).toEqual([]);

    const refused = read(snapshots, store);
    await expect(refused).rejects.toBeInstanceOf(ScapfeedError);
    await expect(refused).rejects.toMatchObject({ code: 'SOURCE_OVER_BUDGET', where: 'redhat-vex' });
  });
});

/** A file of a tree and its signature. */
function pick(files: Record<string, Buffer>, name: string): Record<string, Buffer> {
  const paths = [treePath + name, `${treePath}${name}.asc`];
  return Object.fromEntries(paths.map((each) => [each, files[each]!]));
}

/** The store as if its snapshots had come from another address: each test server has a port of its own. */
function movedTo(store: SnapshotStore, origin: string): SnapshotStore['list'] {
  return async (source) =>
    (await store.list(source)).map((snapshot) => ({
      ...snapshot,
      url: snapshot.url.replace(/^http:\/\/127\.0\.0\.1:\d+/, origin),
    }));
}
