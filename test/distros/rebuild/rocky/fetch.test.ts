import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/rocky.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { rocky } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../../support/http-server.ts';
import {
  hurriedLimits,
  misbehaviours,
  send,
  status,
  unasked304,
  webPage,
} from '../../../support/misbehaviour.ts';
import { collectingSink } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { zipOf } from '../../../support/zip.ts';
import { osvRecord, pageText, type RockyAdvisory } from './world.ts';

const size = 2;
const osv = '/all.zip';
const path = (page: number) => `/api/v3/advisories/?size=${size}&page=${page}`;

/** Newest first, as the API has them. */
const advisories = (count: number, from = 1): RockyAdvisory[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `RLSA-2024:${1000 + from + count - 1 - at}`,
    cves: [`CVE-2024-${1000 + from + count - 1 - at}`],
    packages: ['openssl-1:3.0.7-25.el9_3.x86_64'],
  }));

/** The server's list at every request. */
interface Api {
  list: RockyAdvisory[];
  /** Paths of the pages that were asked for. */
  asked: number[];
  /** Called before a page is answered. */
  before?: (page: number) => void;
  changes?: (page: number) => object;
}

function behavioursOf(api: Api): Record<string, Behaviour> {
  const behaviours: Record<string, Behaviour> = {
    [osv]: send(
      zipOf([
        {
          name: 'all/RLSA-2024:1001.json',
          content: JSON.stringify(
            osvRecord('RLSA-2024:1001', '9', ['CVE-2024-1001'], { openssl: '1:3.0.7-25.el9_3' }),
          ),
        },
      ]),
    ),
  };
  for (let page = 1; page <= 9; page++)
    behaviours[path(page)] = (_, response) => {
      api.asked.push(page);
      api.before?.(page);
      response.end(pageText(api.list, page, size, api.changes?.(page)));
    };
  return behaviours;
}

async function fetchFrom(origin: string, store: SnapshotStore): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  const own = {
    ...definition,
    advisories: `${origin}/api/v3/advisories/`,
    osv: origin + osv,
    packages: origin,
    pageSize: size,
  };
  try {
    return await rebuildSource(rocky, own).fetch({ http, store, now: new Date(), progress: () => {} });
  } finally {
    await http.close();
  }
}

async function vulnerabilities(inputs: readonly Snapshot[], store: SnapshotStore): Promise<string[]> {
  const sink = collectingSink('rocky');
  await rebuildSource(rocky, definition).read(inputs, store, sink);
  return sink.statements.map(({ vulnerability }) => vulnerability).sort();
}

const listed = async (store: SnapshotStore) =>
  (await store.list('rocky')).find(({ id }) => id === 'rocky-advisories');

describe('the pages of a list', () => {
  it('are all read once; the next fetch reads the first page only, while that is the same', async () => {
    const api: Api = { list: advisories(5), asked: [] };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());
    const inputs = await fetchFrom(server.origin, store);

    expect([...api.asked].sort()).toEqual([1, 2, 3]);
    expect(inputs.map(({ id, set }) => [id, set])).toEqual([
      ['rocky-advisories', true],
      ['rocky-osv', undefined],
    ]);
    expect(await vulnerabilities(inputs, store)).toHaveLength(5);
    expect(readdirSync(store.cache('.')).filter((name) => name.endsWith('.pages'))).toEqual([]);

    api.asked = [];
    expect((await fetchFrom(server.origin, store))[0]).toEqual(inputs[0]);
    expect(api.asked).toEqual([1]);
  });

  it('are read again when there is a newer advisory', async () => {
    const api: Api = { list: advisories(4), asked: [] };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());
    await fetchFrom(server.origin, store);
    api.list = advisories(5);

    expect(await vulnerabilities(await fetchFrom(server.origin, store), store)).toHaveLength(5);
  });

  it('that repeat and skip, because the list grew while they were read, are read again', async () => {
    const api: Api = { list: advisories(6), asked: [] };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());
    api.before = (page) => {
      if (page > 1 && api.list.length === 6) api.list = advisories(7);
    };

    expect(await vulnerabilities(await fetchFrom(server.origin, store), store)).toHaveLength(7);
    expect(api.asked.filter((page) => page === 1)).toHaveLength(2);
  });

  it('of a list that lost one and gained another, with the same total, are read again', async () => {
    const api: Api = { list: advisories(6), asked: [] };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());
    api.before = (page) => {
      if (page > 1 && api.asked.length < 4) api.list = advisories(6, 2);
    };

    const found = await vulnerabilities(await fetchFrom(server.origin, store), store);
    expect([found.length, found[0]]).toEqual([6, 'CVE-2024-1002']);
  });

  it('of a list that never stands still are an error, and the last good ones stay', async () => {
    const api: Api = { list: advisories(6), asked: [] };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());
    const [last] = await fetchFrom(server.origin, store);
    let count = 6;
    api.before = () => {
      count += 1;
      api.list = advisories(count);
    };

    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({
      code: 'FETCH_CHANGED',
      message: expect.stringMatching(/advisories/),
      remedy: expect.stringMatching(/later/),
    });
    expect(await listed(store)).toEqual(last);
  });

  it('go on where a fetch was interrupted, if the list is still the same', async () => {
    const api: Api = { list: advisories(9), asked: [] };
    const behaviours = behavioursOf(api);
    const good = behaviours[path(5)]!;
    behaviours[path(5)] = status(500);
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    expect([...new Set(api.asked)].sort()).toEqual([1, 2, 3, 4]);

    api.asked = [];
    behaviours[path(5)] = good;
    expect(await vulnerabilities(await fetchFrom(server.origin, store), store)).toHaveLength(9);
    expect(api.asked.sort()).toEqual([1, 5]);
  });

  it('do not go on with pages that are no longer stored, or of another list', async () => {
    const api: Api = { list: advisories(9), asked: [] };
    const behaviours = behavioursOf(api);
    const good = behaviours[path(5)]!;
    behaviours[path(5)] = status(500);
    await using server = await serve(behaviours);
    const folder = temporaryFolder();
    const store = openSnapshotStore(folder);
    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    rmSync(join(folder, 'sha256'), { recursive: true });
    mkdirSync(join(folder, 'sha256'));
    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    behaviours[path(5)] = good;
    api.list = advisories(9, 2);
    api.asked = [];
    const found = await vulnerabilities(await fetchFrom(server.origin, store), store);
    expect([found.length, found.at(-1), [...api.asked].sort()]).toEqual([
      9,
      'CVE-2024-1010',
      [1, 2, 3, 4, 5],
    ]);
  });

  it('are as long as the server makes them', async () => {
    const api: Api = { list: advisories(3), asked: [] };
    const behaviours = behavioursOf(api);
    for (let page = 1; page <= 3; page++) behaviours[path(page)] = send(pageText(api.list, page, 1));
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());

    expect(await vulnerabilities(await fetchFrom(server.origin, store), store)).toHaveLength(3);
  });

  it('with records that are none are kept: they are findings of the build', async () => {
    const api: Api = { list: advisories(3), asked: [] };
    const behaviours = behavioursOf(api);
    const broken = [{ value: { name: 5 } }, ...advisories(1)];
    behaviours[path(1)] = send(pageText(broken, 1, size));
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());

    expect(await vulnerabilities(await fetchFrom(server.origin, store), store)).toEqual(['CVE-2024-1001']);
  });
});

describe('a fetch that fails leaves the last good snapshots', () => {
  const whole = pageText(advisories(5), 2, size);
  const bad = [
    ...misbehaviours,
    { name: 'nothing there', behaviour: status(404), code: 'FETCH_NOT_FOUND' },
    { name: 'not modified, unasked', behaviour: unasked304, code: 'FETCH_FAILED' },
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_NOT_JSON' },
    { name: 'no bytes', behaviour: send(''), code: 'SOURCE_NOT_JSON' },
    {
      name: 'a page that stops in the middle',
      behaviour: send(whole.slice(0, -40)),
      code: 'SOURCE_NOT_JSON',
    },
    { name: 'another document', behaviour: send('{"detail":"Not Found"}'), code: 'SOURCE_MALFORMED' },
    { name: 'a list', behaviour: send('[]'), code: 'SOURCE_MALFORMED' },
    {
      name: 'another page',
      behaviour: send(pageText(advisories(5), 3, size)),
      code: 'SOURCE_MALFORMED',
    },
    ...[-1, 1.5, 1e300, '5', null].map((total) => ({
      name: `a total of ${JSON.stringify(total)}`,
      behaviour: send(pageText(advisories(5), 2, size, { total })),
      code: 'SOURCE_MALFORMED',
    })),
    ...[0, -1, 1e9, '2'].map((told) => ({
      name: `pages of ${JSON.stringify(told)}`,
      behaviour: send(pageText(advisories(5), 2, size, { size: told })),
      code: 'SOURCE_MALFORMED',
    })),
  ];

  it.each(bad.flatMap((each) => [1, 2].map((page) => ({ ...each, page }))))(
    '$name, on page $page',
    async ({ behaviour, code, page }) => {
      const api: Api = { list: advisories(5), asked: [] };
      const behaviours = behavioursOf(api);
      await using server = await serve(behaviours);
      const store = openSnapshotStore(temporaryFolder());
      const last = await fetchFrom(server.origin, store);
      api.list = advisories(5, 2);
      behaviours[path(page)] = behaviour;

      await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code });
      expect(await listed(store)).toEqual(last[0]);
      for (const document of await store.documents(last[0]!))
        expect(readFileSync(store.path(document))).toHaveLength(document.size);
    },
  );

  it('more pages than any list has', async () => {
    const api: Api = { list: advisories(5), asked: [], changes: () => ({ total: 900_000 }) };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());

    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    expect(api.asked).toEqual([1]);
  });

  it('an empty list', async () => {
    const api: Api = { list: advisories(5), asked: [] };
    await using server = await serve(behavioursOf(api));
    const store = openSnapshotStore(temporaryFolder());
    const [last] = await fetchFrom(server.origin, store);
    api.list = [];

    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    expect(await listed(store)).toEqual(last);
  });
});

describe('OSV records, which are for comparison,', () => {
  it.each([...misbehaviours, { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' }])(
    'stay as they were last, and advisories are renewed without them: $name',
    async ({ behaviour }) => {
      const api: Api = { list: advisories(3), asked: [] };
      const behaviours = behavioursOf(api);
      await using server = await serve(behaviours);
      const store = openSnapshotStore(temporaryFolder());
      const last = await fetchFrom(server.origin, store);
      behaviours[osv] = behaviour;
      api.list = advisories(4);

      const again = await fetchFrom(server.origin, store);
      const [held, before] = [again, last].map((all) => all.find(({ id }) => id === 'rocky-osv'));
      expect([held?.sha256, typeof held?.refused]).toEqual([before!.sha256, 'string']);
      expect(await vulnerabilities(again, store)).toHaveLength(4);
    },
  );
});
