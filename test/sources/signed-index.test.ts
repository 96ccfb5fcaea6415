import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { limitTo } from '../../src/io/at-once.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { fetchSuite } from '../../src/sources/signed-index.ts';
import type { Suite } from '../../src/sources/signed-release.ts';
import { openSnapshotStore, type SnapshotStore } from '../../src/sources/snapshots.ts';
import type { TestServer } from '../support/http-server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { archiveKey, clearsigned, digest, newKey, releaseText, serveFiles } from './suite-server.ts';

const path = 'main/binary-amd64/Packages.gz';
const index = gzipSync('Package: zlib1g\nVersion: 1\n');
const newer = gzipSync('Package: zlib1g\nVersion: 2\n');
const other = gzipSync('Package: evil\nVersion: 1\n');
const newStore = () => openSnapshotStore(temporaryFolder());
const inRelease = '/dists/bookworm/InRelease';
const place = `/dists/bookworm/${path}`;

const release = (fields: Record<string, string> = {}, content: Uint8Array = index) =>
  releaseText({ fields, files: { [path]: content } });

interface Asking extends Partial<Suite> {
  unsignedMirror?: boolean;
}

/** The digest of the index that a fetch takes, and what marks it; `undefined`: there is none. */
async function fetchFrom(server: TestServer, store: SnapshotStore, asking: Asking = {}) {
  const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 0 } });
  const { unsignedMirror = false, ...other } = asking;
  const suite: Suite = {
    id: 'release',
    source: 'debian',
    url: `${server.origin}/dists/bookworm`,
    named: { field: 'codename', value: 'bookworm' },
    armoredKeys: archiveKey.armored,
    archived: false,
    ...other,
  };
  const wanted = [{ id: 'index', paths: [path.replace('.gz', '.xz'), path], maxBytes: 1e6 }];
  try {
    const context = { http, store, now: new Date(), unsignedMirror, progress: () => {} };
    const { indexes } = await fetchSuite(context, suite, wanted, limitTo(2));
    const snapshot = indexes[0]?.snapshot;
    return snapshot && [snapshot.sha256, ...(snapshot.unsigned ? ['unsigned'] : [])];
  } finally {
    await http.close();
  }
}

describe('a package index and its InRelease file', () => {
  it('is taken as it is listed, and not asked for while the list names the same bytes', async () => {
    const files: Record<string, string | Uint8Array> = {
      [inRelease]: await clearsigned(release()),
      [place]: index,
    };
    await using server = await serveFiles(files);
    const store = newStore();
    expect(await fetchFrom(server, store)).toEqual([digest(index)]);
    const before = server.requests.length;
    expect(await fetchFrom(server, store)).toEqual([digest(index)]);
    expect(server.requests.slice(before).map(({ path: asked }) => asked)).toEqual([inRelease]);

    Object.assign(files, { [inRelease]: await clearsigned(release({}, newer)), [place]: newer });
    expect(await fetchFrom(server, store)).toEqual([digest(newer)]);
  });

  it('of other bytes than listed is refused, however good the signature', async () => {
    await using server = await serveFiles({ [inRelease]: await clearsigned(release()), [place]: other });
    const store = newStore();
    await expect(fetchFrom(server, store)).rejects.toMatchObject({
      code: 'SOURCE_SIGNATURE_WRONG',
      where: expect.stringContaining(path),
    });
    await expect(fetchFrom(server, store, { unsignedMirror: true })).rejects.toThrow();
    expect((await store.list('debian')).map(({ id }) => id)).toEqual(['release']);
  });

  it('in the middle of an update of the mirror comes by its digest', async () => {
    const byHash = `/dists/bookworm/main/binary-amd64/by-hash/SHA256/${digest(index)}`;
    const text = release({ 'Acquire-By-Hash': 'yes' });
    await using server = await serveFiles({
      [inRelease]: await clearsigned(text),
      [place]: newer,
      [byHash]: index,
    });
    expect(await fetchFrom(server, newStore())).toEqual([digest(index)]);
  });

  it.each<[string, () => Promise<string>]>([
    ['of another key', async () => clearsigned(release(), [await newKey()])],
    ['edited after it was signed', async () => (await clearsigned(release())).replace(/amd64/, 'amd46')],
    [
      'whose lists stand before the signed part',
      async () => `${release({}, other)}${await clearsigned('Codename: bookworm\n')}`,
    ],
    [
      'whose lists stand behind it',
      async () => `${await clearsigned('Codename: bookworm\n')}\n${release({}, other)}`,
    ],
    ['without a signature', async () => release()],
    ['a page of HTML', async () => '<!doctype html><title>sign in</title>\n'],
    ['an empty body', async () => ''],
    ['cut', async () => (await clearsigned(release())).slice(0, 300)],
    ['without digests', async () => clearsigned('Codename: bookworm\nDate: Tue, 24 Nov 2026 00:00:00 UTC\n')],
    ['of another suite', async () => clearsigned(release({ Codename: 'bullseye' }))],
  ])('an InRelease file %s is refused', async (_, text) => {
    await using server = await serveFiles({ [inRelease]: await text(), [place]: other });
    const refused = { code: expect.stringMatching(/^SOURCE_(SIGNATURE_WRONG|MALFORMED)$/) };
    await expect(fetchFrom(server, newStore())).rejects.toMatchObject(refused);
    await expect(fetchFrom(server, newStore(), { unsignedMirror: true })).rejects.toMatchObject(refused);
  });

  it('needs one good signature of several, as when keys change', async () => {
    const signed = await clearsigned(release(), [await newKey(), archiveKey]);
    await using server = await serveFiles({ [inRelease]: signed, [place]: index });
    expect(await fetchFrom(server, newStore())).toEqual([digest(index)]);
  });

  it('a key that has expired does not count, even for what it signed before', async () => {
    const date = new Date('2020-01-01T00:00:00Z');
    const old = await newKey({ date, lifetime: 86_400 });
    const signed = await clearsigned(release(), [old], new Date('2020-01-01T01:00:00Z'));
    await using server = await serveFiles({ [inRelease]: signed, [place]: index });
    await expect(fetchFrom(server, newStore(), { armoredKeys: old.armored })).rejects.toMatchObject({
      code: 'SOURCE_SIGNATURE_WRONG',
    });
  });

  it("tells Ubuntu's pockets apart, which share their codename", async () => {
    const text = release({ Suite: 'jammy-updates', Codename: 'jammy' });
    await using server = await serveFiles({ [inRelease]: await clearsigned(text), [place]: index });
    const named = (value: string) => ({ named: { field: 'suite', value } }) as const;
    await expect(fetchFrom(server, newStore(), named('jammy'))).rejects.toMatchObject({
      code: 'SOURCE_SIGNATURE_WRONG',
    });
    expect(await fetchFrom(server, newStore(), named('jammy-updates'))).toEqual([digest(index)]);
  });
});

describe('old lists passed off as new ones', () => {
  const ended = { 'Valid-Until': 'Tue, 02 Jan 2024 00:00:00 UTC' };

  it('are refused when their term is over', async () => {
    await using server = await serveFiles({ [inRelease]: await clearsigned(release(ended)), [place]: index });
    await expect(fetchFrom(server, newStore())).rejects.toMatchObject({
      code: 'SOURCE_EXPIRED',
      message: expect.stringContaining('2024-01-02'),
    });
  });

  it('are taken of a suite past its end of life, and where the user accepts it, marked', async () => {
    await using server = await serveFiles({ [inRelease]: await clearsigned(release(ended)), [place]: index });
    expect(await fetchFrom(server, newStore(), { archived: true })).toEqual([digest(index)]);
    expect(await fetchFrom(server, newStore(), { unsignedMirror: true })).toEqual([
      digest(index),
      'unsigned',
    ]);
  });

  it('are refused when newer ones were seen before, which stay', async () => {
    const files = { [inRelease]: await clearsigned(release({}, newer)), [place]: newer };
    await using server = await serveFiles(files);
    const store = newStore();
    await fetchFrom(server, store);
    const before = release({ Date: 'Mon, 23 Nov 2026 00:00:00 UTC' });
    Object.assign(files, { [inRelease]: await clearsigned(before), [place]: index });
    await expect(fetchFrom(server, store)).rejects.toMatchObject({ code: 'SOURCE_EXPIRED' });
    const kept = (await store.list('debian')).find(({ id }) => id === 'index');
    expect(kept?.sha256).toBe(digest(newer));
  });
});

describe('a mirror without InRelease files', () => {
  it('is refused, unless the user accepts it; the next fetch by signature drops the mark', async () => {
    const files: Record<string, string | Uint8Array> = { [place]: index };
    await using server = await serveFiles(files);
    const store = newStore();
    await expect(fetchFrom(server, store)).rejects.toMatchObject({ code: 'SOURCE_UNSIGNED' });
    expect(await fetchFrom(server, store, { unsignedMirror: true })).toEqual([digest(index), 'unsigned']);
    await expect(fetchFrom(server, store)).rejects.toMatchObject({ code: 'SOURCE_UNSIGNED' });

    files[inRelease] = await clearsigned(release());
    expect(await fetchFrom(server, store)).toEqual([digest(index)]);
  });

  it('and without indexes has nothing to sign: the release left the archive', async () => {
    await using server = await serveFiles({});
    expect(await fetchFrom(server, newStore())).toBeUndefined();
  });
});
