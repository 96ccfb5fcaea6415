import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImageReadOptions, openImage } from '../../../src/image/index.ts';
import { cacheKey, PrivateCache } from '../../../src/io/private-cache.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { dockerArchive, imageLayout, temporaryFile, writeFiles } from '../support/make-image.ts';
import { dir, file, hardlink, symlink, type TarInput } from '../support/make-tar.ts';
import { text } from '../support/open.ts';
import { readListFile } from '../support/package-files.ts';
import { said } from '../support/said.ts';

const wanted = (path: string) => /\/(db|b)(\/|$)/.test(path);
const packageList = `${'#'.repeat(70_000)}\nleft 1.0\n`;

function newCache() {
  const folder = join(temporaryFolder(), 'layers');
  const open = (layout: string, options: Partial<ImageReadOptions> = {}) =>
    openImage(`oci:${layout}`, {
      wanted,
      packageFiles: readListFile,
      layers: { folder, purpose: 'test' },
      ...options,
    });
  const withoutCache = (layout: string) => openImage(`oci:${layout}`, { wanted, packageFiles: readListFile });
  return { folder, open, withoutCache };
}

function layoutOf(...layers: TarInput[][]): string {
  return writeFiles(temporaryFolder(), imageLayout({ layers }));
}

/** The blobs of layers become unreadable; manifest and configuration are JSON. */
function loseLayers(layout: string, which: (nth: number) => boolean = () => true): void {
  const folder = join(layout, 'blobs/sha256');
  const manifest = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)))
    .filter((bytes) => bytes[0] === 0x7b)
    .map((bytes) => JSON.parse(bytes.toString()) as { layers?: { digest: string }[] })
    .find(({ layers }) => layers !== undefined);
  for (const [nth, { digest }] of manifest!.layers!.entries())
    if (which(nth)) clear(join(folder, digest.replace('sha256:', '')));
}

function clear(path: string): void {
  writeFileSync(path, Buffer.alloc(statSync(path).size));
}

/** Version 1.0 of GNU's format: records without it are not taken for those of a sparse file. */
const sparse = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '70000' };
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', 'db'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const hidden = (name: string) => name.replace(/[^/]+$/, '.wh.$&');
const place = fc.constantFrom('a', '/b', '../c', 'a/b', '/c/db', '/nowhere', '../../../x');
const entry = fc.oneof(
  fc.tuple(path, fc.string({ maxLength: 5 })).map(([name, content]) => file(name, content)),
  path.map((name) => file(name, packageList)),
  path.map((name) => ({ ...file(name, 'x'), pax: { 'SCHILY.xattr.user.x': 'value', mtime: '12.5' } })),
  path.map((name) => ({
    ...file(name, 'x'),
    pax: { ...sparse, 'GNU.sparse.name': name },
  })),
  path.map(dir),
  fc.tuple(path, place).map(([name, target]) => symlink(name, target)),
  fc.tuple(path, place).map(([name, target]) => hardlink(name, target)),
  path.map((name) => file(hidden(name))),
  path.map((name) => file(`${name}/.wh..wh..opq`)),
  path.map((name) => file(`../${name}`, 'outside')),
);
const stack = fc.array(fc.array(entry, { maxLength: 8 }), { minLength: 1, maxLength: 4 });

describe('layers that are kept', () => {
  it.each<[string, (base: TarInput[][], above: TarInput[][]) => TarInput[][]]>([
    ['stands on them', (base) => base],
    ['they stand on', (_, above) => above],
  ])('say the same as when they are read, whatever %s', async (_, keptOf) => {
    await fc.assert(
      fc.asyncProperty(stack, stack, async (base, above) => {
        const { open, withoutCache } = newCache();
        const known = layoutOf(...keptOf(base, above));
        const whole = layoutOf(...base, ...above);
        const expected = await withoutCache(whole).then(said, (error) => error.code);
        await open(known).catch(() => undefined);

        expect(await open(whole).then(said, (error) => error.code)).toEqual(expected);
        expect(await open(whole).then(said, (error) => error.code)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  const base = [file('db/status', 'a'), file('x', 'x'.repeat(5000)), file('opt/c', packageList)];

  it('are neither read nor fetched: a tag on a known base needs its own layer', async () => {
    const { open } = newCache();
    await open(layoutOf(base, [dir('etc')]));
    const layout = layoutOf(base, [dir('etc')], [file('db/status', 'b')]);
    loseLayers(layout, (nth) => nth < 2);
    const image = await open(layout);

    expect(text(image, '/db/status')).toBe('b');
    expect(image.files.history('/db/status').map(({ layer }) => layer)).toEqual([0, 2]);
    expect(image.files.packageFile?.('/opt/c')?.packages).toMatchObject([{ name: 'left', version: '1.0' }]);
    expect(image.files.layers.every(({ digest, diffId }) => digest && diffId)).toBe(true);
  });

  it('have what is wanted by a link, which takes a second pass', async () => {
    const { open } = newCache();
    const layout = layoutOf([file('moved', 'a'), symlink('db', 'there'), file('there/x', 'x')]);
    const first = said(await open(layout));
    loseLayers(layout);

    expect(said(await open(layout))).toEqual(first);
  });

  it('know which files are stored with holes, whose stored bytes are not their content', async () => {
    const { open } = newCache();
    const layout = layoutOf([{ ...file('moved', 'x'), pax: sparse }, symlink('db', 'moved')]);
    const first = said(await open(layout));
    const image = await open(layout);

    expect(said(image)).toEqual(first);
    expect(() => image.files.read('/db')).toThrow(/stored in full/);
  });

  it('of an archive are taken too', async () => {
    const { folder } = newCache();
    const layers = { folder, purpose: 'test' };
    const open = (above: TarInput[]) => {
      const bytes = dockerArchive({ layers: [base, above] }, 'docker 24');
      return openImage(`docker-archive:${temporaryFile('x.tar', bytes)}`, {
        wanted,
        packageFiles: readListFile,
        layers,
      });
    };
    await open([]);
    const before = readdirSync(folder).length;
    const image = await open([file('db/status', 'b')]);

    expect(text(image, '/db/status')).toBe('b');
    expect(readdirSync(folder)).toHaveLength(before + 1);
  });

  it.each<[string, (path: string) => void]>([
    [
      'a byte is other',
      (at) => writeFileSync(at, readFileSync(at, 'latin1').replace('status', 'statux'), 'latin1'),
    ],
    ['it is cut', (at) => writeFileSync(at, readFileSync(at).subarray(0, 200))],
    ['it is empty', (at) => writeFileSync(at, '')],
    [
      'a link stands in its place',
      (at) => {
        renameSync(at, `${at}-kept`);
        symlinkSync(`${at}-kept`, at);
      },
    ],
    ['others may write it', (at) => chmodSync(at, 0o666)],
    ['others may write its folder', (at) => chmodSync(join(at, '..'), 0o777)],
  ])('are read again where %s', async (_, damage) => {
    const { folder, open } = newCache();
    const layout = layoutOf(base);
    const first = said(await open(layout));
    damage(join(folder, readdirSync(folder)[0]!));

    expect(said(await open(layout))).toEqual(first);
    damage(join(folder, readdirSync(folder)[0]!));
    loseLayers(layout);
    await expect(open(layout)).rejects.toMatchObject({ code: 'IMAGE_DIGEST_MISMATCH' });
  });

  it('are those of one purpose, and of the digest that the manifest names', async () => {
    const { folder, open } = newCache();
    const layout = layoutOf(base);
    await open(layout);
    await open(layout, { layers: { folder, purpose: 'another' } });
    await openImage(
      `oci:${writeFiles(temporaryFolder(), imageLayout({ layers: [base], compress: 'none' }))}`,
      {
        ...{ wanted, packageFiles: readListFile },
        layers: { folder, purpose: 'test' },
      },
    );

    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('are not used where each byte is asked for', async () => {
    const { open } = newCache();
    const layout = layoutOf(base);
    await open(layout);
    const inspection = { files: () => true, digests: ['sha256' as const] };

    expect((await open(layout, { inspection })).files.digest('/x', 'sha256')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are bounded as those that are read', async () => {
    const { open } = newCache();
    const layout = layoutOf(base);
    await open(layout);

    for (const limits of [{ wantedFileBytes: 0 }, { wantedBytes: 0 }, { entries: 2 }, { nameBytes: 3 }]) {
      await expect(open(layout, { limits })).rejects.toMatchObject({ code: 'IMAGE_LIMIT_EXCEEDED' });
    }
  });

  it('are counted each time that an image has one, though none is read', async () => {
    const { open } = newCache();
    await open(layoutOf(base));
    const often = layoutOf(...Array.from({ length: 20 }, () => base));
    loseLayers(often);

    await expect(open(often, { limits: { entries: 59 } })).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
      message: expect.stringContaining('59 entries in all layers'),
    });
    expect((await open(often, { limits: { entries: 60 } })).files.stat('/x')?.size).toBe(5000);
  });

  it('of a damaged layer are not kept', async () => {
    const { folder, open } = newCache();
    const layout = layoutOf(base);
    loseLayers(layout);

    await expect(open(layout)).rejects.toMatchObject({ code: expect.stringMatching(/^IMAGE_/) });
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a private cache', () => {
  it('removes what was used longest ago, above its bounds', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const cache = new PrivateCache(folder, { files: 3, bytes: 1000 });
    for (const key of ['a', 'b', 'c']) await cache.keep(key, Buffer.from(key));
    // One after the other, in times that a file system can tell apart.
    for (const key of ['b', 'c', 'a']) {
      await new Promise((resolve) => setTimeout(resolve, 15));
      cache.read(key);
    }
    await cache.keep('d', Buffer.from('d'));
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'c', 'd']);
    await cache.keep('0d', Buffer.from('d'));
    expect(readdirSync(folder).sort()).toEqual(['0d', 'a', 'd']);
  });

  it('holds its bounds within some files, whatever is kept, and at once where a file is large', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const cache = new PrivateCache(folder, { files: 20, bytes: 64_000 });
    let most = 0;
    for (let at = 0; at < 300; at++) {
      await cache.keep(cacheKey(at), Buffer.from(`${at}`));
      most = Math.max(most, readdirSync(folder).length);
    }
    expect(most).toBeLessThan(100);
    await cache.keep('f', Buffer.alloc(2000));
    expect(readdirSync(folder)).toHaveLength(20);
  });

  it('gives nothing under another key than it was kept by', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const cache = new PrivateCache(folder, { files: 3, bytes: 1000 });
    await cache.keep('a', Buffer.from('a'));
    copyFileSync(join(folder, 'a'), join(folder, 'b'));

    expect([cache.read('a')?.toString(), cache.read('b')]).toEqual(['a', undefined]);
  });

  it('keeps nothing that would take a large part of it', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const cache = new PrivateCache(folder, { files: 3, bytes: 1000 });
    await cache.keep('large', Buffer.alloc(300));

    expect(cache.read('large')).toBeUndefined();
  });
});
