import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { offlineSnapshots, openSnapshotStore } from '../../src/sources/snapshots.ts';
import { bodyOf } from '../support/sources.ts';
import { temporaryFolder } from '../support/temporary.ts';

const origin = { id: 'debian-tracker', source: 'debian', url: 'https://vendor.invalid/json' };
const clock = () => new Date('2026-11-24T10:00:00Z');
/** printf '{}' | sha256sum */
const digest = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

describe('save', () => {
  it('puts the bytes under their digest and their description into the index', async () => {
    const folder = temporaryFolder();
    const store = openSnapshotStore(folder, clock);

    const snapshot = await store.save({ ...origin, etag: '"one"' }, bodyOf('{}'));

    expect(snapshot).toEqual({
      ...origin,
      sha256: digest,
      size: 2,
      fetched: '2026-11-24T10:00:00.000Z',
      etag: '"one"',
    });
    expect(readFileSync(join(folder, 'sha256', '44', digest), 'utf8')).toBe('{}');
    expect(await openSnapshotStore(folder).list('debian')).toEqual([snapshot]);
  });

  it('keeps the first time of bytes that did not change, so that builds of them are equal', async () => {
    const folder = temporaryFolder();
    const first = await openSnapshotStore(folder, clock).save(origin, bodyOf('{}'));

    const later = () => new Date('2026-11-25T10:00:00Z');
    const second = await openSnapshotStore(folder, later).save({ ...origin, etag: '"two"' }, bodyOf('{}'));

    expect(second).toEqual({ ...first, etag: '"two"' });
  });

  it('leaves the last good snapshot when a body breaks, and no litter', async () => {
    const folder = temporaryFolder();
    const store = openSnapshotStore(folder, clock);
    const good = await store.save(origin, bodyOf('{}'));
    async function* breaking() {
      yield Buffer.from('{"a":');
      throw new Error('cut');
    }

    await expect(store.save(origin, breaking())).rejects.toThrow('cut');

    expect(await store.list('debian')).toEqual([good]);
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual(
      [],
    );
  });

  it('leaves the last good snapshot when the new bytes do not convince', async () => {
    const store = openSnapshotStore(temporaryFolder(), clock);
    const good = await store.save(origin, bodyOf('{}'));
    const verify = async (blob: { sha256: string; size: number }) => {
      throw new Error(`not ${(await store.read(blob)).toString()}`);
    };

    await expect(store.save(origin, bodyOf('bad'), verify)).rejects.toThrow('not bad');

    expect(await store.list('debian')).toEqual([good]);
  });

  it('holds many at once', async () => {
    const store = openSnapshotStore(temporaryFolder(), clock);
    const ids = Array.from({ length: 50 }, (_, at) => `input-${String(at).padStart(2, '0')}`);

    await Promise.all(ids.map((id) => store.save({ ...origin, id }, bodyOf(id))));

    expect((await store.list('debian')).map(({ id }) => id)).toEqual(ids);
  });
});

describe('reading', () => {
  it('gives the bytes of a snapshot', async () => {
    const store = openSnapshotStore(temporaryFolder());
    const snapshot = await store.save(origin, bodyOf('{"a": 1}', 3));

    expect((await store.read(snapshot)).toString()).toBe('{"a": 1}');
  });

  it.each([
    ['another content', '[]'],
    ['a cut content', '{'],
  ])('notices %s', async (_, content) => {
    const store = openSnapshotStore(temporaryFolder());
    const snapshot = await store.save(origin, bodyOf('{}'));
    writeFileSync(store.path(snapshot), content);

    await expect(store.read(snapshot)).rejects.toMatchObject({
      code: 'SNAPSHOT_CORRUPT',
      where: store.path(snapshot),
      remedy: expect.stringContaining('fetch again'),
    });
  });

  it('is bounded', async () => {
    const store = openSnapshotStore(temporaryFolder());
    const snapshot = await store.save(origin, bodyOf('x'.repeat(100)));

    await expect(store.read(snapshot, 99)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });

  it('tells bytes that are not there', async () => {
    const store = openSnapshotStore(temporaryFolder());

    await expect(store.read({ sha256: digest, size: 2 })).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING' });
  });

  it.each([
    ['no JSON', '{'],
    ['another format', '{"format": 2, "snapshots": []}'],
    [
      'a digest that is a path',
      JSON.stringify({ format: 1, snapshots: [{ ...origin, size: 1, fetched: '', sha256: '../x' }] }),
    ],
  ])('refuses an index of %s', async (_, text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'debian.json'), text);

    await expect(openSnapshotStore(folder).list('debian')).rejects.toMatchObject({
      code: 'SNAPSHOT_CORRUPT',
    });
  });
});

describe('sets', () => {
  it('are named by what they list, in whatever order it came', async () => {
    const store = openSnapshotStore(temporaryFolder(), clock);
    const a = { name: '2023/a.json', ...(await store.put(bodyOf('a'))) };
    const b = {
      name: '2024/b.json',
      ...(await store.put(bodyOf('b'))),
      lastModified: '2024-01-01T00:00:00Z',
    };

    const set = await store.saveSet({ ...origin, id: 'vex' }, [b, a]);
    const again = await store.saveSet({ ...origin, id: 'vex' }, [a, b]);

    expect(set).toMatchObject({ id: 'vex', set: true });
    expect(again).toEqual(set);
    expect(await store.documents(set)).toEqual([a, b]);
    expect((await store.read(b)).toString()).toBe('b');
  });
});

describe('prune', () => {
  it('removes what no index names, and keeps the documents of sets', async () => {
    const store = openSnapshotStore(temporaryFolder(), clock);
    const old = await store.save(origin, bodyOf('old'));
    const current = await store.save(origin, bodyOf('new'));
    const document = { name: 'a', ...(await store.put(bodyOf('a'))) };
    await store.saveSet({ ...origin, id: 'vex', source: 'redhat' }, [document]);

    expect(await store.prune()).toMatchObject({ files: 1 });

    expect(existsSync(store.path(old))).toBe(false);
    expect((await store.read(current)).toString()).toBe('new');
    expect((await store.read(document)).toString()).toBe('a');
  });

  it('removes what a killed run left half-written, and no file that can be used again', async () => {
    const folder = temporaryFolder();
    const store = openSnapshotStore(folder, clock);
    for (const name of ['pending.0123456789ab.tmp', 'whole.records']) {
      mkdirSync(dirname(store.cache(name)), { recursive: true });
      writeFileSync(store.cache(name), 'x');
    }
    await store.save(origin, bodyOf('a'));
    writeFileSync(join(folder, 'debian.json.0123456789ab.tmp'), '{}');

    await store.prune();

    expect(readdirSync(folder).sort()).toEqual(['cache', 'debian.json', 'sha256']);
    expect(readdirSync(store.cache(''))).toEqual(['whole.records']);
  });

  it('after retain removes inputs that are no longer asked for', async () => {
    const store = openSnapshotStore(temporaryFolder(), clock);
    const kept = await store.save(origin, bodyOf('a'));
    await store.save({ ...origin, id: 'gone' }, bodyOf('b'));

    await store.retain('debian', [kept]);

    expect(await store.list('debian')).toEqual([kept]);
    expect(await store.prune()).toMatchObject({ files: 1 });
  });
});

describe('offline', () => {
  it('needs snapshots', async () => {
    const store = openSnapshotStore(temporaryFolder());

    await expect(offlineSnapshots(store, 'debian')).rejects.toMatchObject({
      code: 'SNAPSHOT_MISSING',
      remedy: expect.stringContaining('--offline'),
    });
  });
});
