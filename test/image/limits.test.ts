import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ImageLimits, openImage } from '../../src/image/index.ts';
import { project } from '../support/cli.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';
import { imageLayout, temporaryFile, writeFiles } from './support/make-image.ts';
import { dir, file, hardlink, makeTar, symlink, type TarInput } from './support/make-tar.ts';
import { openStream, pieces, text, wanted } from './support/open.ts';

const status = 'var/lib/dpkg/status';

function openLayers(layers: TarInput[][], limits: Partial<ImageLimits> = {}) {
  return openImage(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`, { wanted, limits });
}

/** An image that stays within every limit of its row, and goes beyond it by one thing more. */
const cases: { name: keyof ImageLimits; limit: number; within: TarInput[][]; beyond: TarInput[][] }[] = [
  {
    name: 'entries',
    limit: 5,
    within: [[file('a'), file('b')], [file('c')]],
    beyond: [
      [file('a'), file('b')],
      [file('c'), ...many(4)],
    ],
  },
  { name: 'pathBytes', limit: 150, within: [[long(150)]], beyond: [[long(151)]] },
  {
    name: 'nameBytes',
    limit: 60,
    within: [[file('x'.repeat(50))]],
    beyond: [[file('x'.repeat(50)), file('y'.repeat(50))]],
  },
  { name: 'headerBytes', limit: 200, within: [[long(180)]], beyond: [[long(300)]] },
  {
    name: 'wantedFileBytes',
    limit: 10,
    within: [[file(status, 'x'.repeat(10))]],
    beyond: [[file(status, 'x'.repeat(11))]],
  },
  {
    name: 'wantedBytes',
    limit: 15,
    within: [[file(status, 'x'.repeat(10))], [file('opt/x', 'x'.repeat(100))]],
    beyond: [[file(status, 'x'.repeat(10))], [file(status, 'x'.repeat(10))]],
  },
  {
    name: 'layerBytes',
    limit: 4096,
    within: [[file('a')], [file('b')]],
    beyond: [[file('a')], [file('b', 'x'.repeat(3000))]],
  },
  {
    name: 'layers',
    limit: 2,
    within: [[file('a')], [file('b')]],
    beyond: [[file('a')], [file('b')], [file('c')]],
  },
  {
    name: 'nameBytes',
    limit: 100,
    within: [[file('a')]],
    beyond: [[{ ...file('a'), pax: { 'SCHILY.xattr.security.capability': 'x'.repeat(200) } }]],
  },
  {
    name: 'mergeSteps',
    limit: 200,
    within: [[symlink('a', 'b'), dir('b')], [file('a/x')]],
    beyond: [[symlink('a', 'b'), dir('b')], Array.from({ length: 100 }, (_, at) => file(`a/d${at}/x`))],
  },
];

function many(count: number, suffix = '', content = ''): TarInput[] {
  return Array.from({ length: count }, (_, index) => file(`many${index}${suffix}`, content));
}

function long(length: number): TarInput {
  return { name: 'x'.repeat(length), gnuLong: true };
}

describe('an image that goes beyond', () => {
  it.each(cases)('$name ($limit)', async ({ name, limit, within, beyond }) => {
    await openLayers(within, { [name]: limit });

    await expect(openLayers(beyond, { [name]: limit })).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
      message: expect.stringContaining(String(limit)),
      where: expect.stringMatching(/./),
    });
  });

  it('configBytes', async () => {
    const input = { layers: [[file('a')]], labels: { x: 'x'.repeat(1000) } };
    const folder = writeFiles(temporaryFolder(), imageLayout(input));

    await expect(openImage(`oci:${folder}`, { wanted, limits: { configBytes: 1000 } })).rejects.toMatchObject(
      { code: 'IMAGE_LIMIT_EXCEEDED' },
    );
  });
});

it('an archive of more members than are read as layers is refused', async () => {
  const archive = (count: number) =>
    openStream(makeTar([...many(count, '.tar', 'x'), file('manifest.json', '[]')]), {
      limits: { members: 5 },
    });

  await expect(archive(5)).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
  await expect(archive(6)).rejects.toMatchObject({ code: 'IMAGE_LIMIT_EXCEEDED' });
});

describe('names of 4 kB, many of them', () => {
  const directory = 'd'.repeat(250).concat('/').repeat(15);
  const names = Array.from(
    { length: 15_000 },
    (_, at): TarInput => ({ name: `${directory}${at}`, gnuLong: true }),
  );

  it.each([
    ['a gzipped tar', 'x.tar.gz', () => gzipSync(makeTar(names))],
    ['a tar on stdin', '-', () => makeTar(names)],
    ['a tar', 'x.tar', () => makeTar(names)],
    [
      'links of a tar',
      'x.tar',
      () => makeTar(names.map(({ name }, at) => ({ name: `l${at}`, link: name, flag: '2', gnuLong: true }))),
    ],
  ])('in %s take no memory of their own', (_, name, make) => {
    const bytes = make();
    const image = name === '-' ? '-' : temporaryFile(name, bytes);

    const { status: code, stderr } = spawnSync(
      process.execPath,
      ['--max-old-space-size=32', join(project, 'dist/cli.cjs'), 'inventory', image],
      { input: name === '-' ? bytes : '', encoding: 'utf8', env: { HOME: noHome() } },
    );

    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.not.stringMatching(/heap|INTERNAL/) });
  });
});

describe('a bomb', () => {
  it('in each layer of an archive on stdin is stopped at the first', async () => {
    const bomb = gzipSync(Buffer.alloc(40 << 20));
    const layers = Array.from({ length: 20 }, (_, at) => file(`l${at}.tar`, bomb));
    const archive = makeTar([...layers, file('manifest.json', '[]')]);
    let read = 0;
    async function* stdin() {
      for await (const piece of pieces(archive, 4096)) {
        read += piece.length;
        yield piece;
      }
    }

    const opening = openImage('-', { wanted, stdin: stdin(), limits: { ratioFreeBytes: 10 << 20 } });

    await expect(opening).rejects.toMatchObject({ code: 'IMAGE_LIMIT_EXCEEDED' });
    expect(read).toBeLessThan(archive.length / 4);
  });

  /** Gzip of `members` x 1 MiB of zeros, each a member of its own. */
  const zeros = (members: number) =>
    Buffer.concat(Array<Buffer>(members).fill(gzipSync(Buffer.alloc(1 << 20))));

  it.each([
    ['in a tar of zeros', () => zeros(50)],
    [
      'behind a first file',
      () => Buffer.concat([gzipSync(makeTar([{ name: 'a', size: 2 ** 33 - 1 }], { end: false })), zeros(50)]),
    ],
  ])('%s is stopped by its ratio', async (_, bytes) => {
    await expect(openStream(bytes(), { limits: { ratioFreeBytes: 10 << 20 } })).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
      message: expect.stringContaining('200 times'),
    });
  });

  it('of blocks in zstd is stopped by its ratio', async () => {
    await expect(
      openStream(zstdRle(100_000), { limits: { ratioFreeBytes: 10 << 20 } }),
    ).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
    });
  });

  it('in zstd that wants a window of a gigabyte is refused', async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00]);

    await expect(openStream(frame)).rejects.toMatchObject({
      code: 'IMAGE_MALFORMED',
      message: expect.stringContaining('requires too much memory'),
    });
  });

  it('that claims a database of 500 MB takes no memory for it', async () => {
    const before = process.memoryUsage.rss();

    const opening = openStream(makeTar([{ name: status, size: 500 << 20, content: 'x' }]));

    await expect(opening).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20);
  });

  it('of hard links to hard links ends', async () => {
    const links = Array.from({ length: 5000 }, (_, at) => hardlink(`l${at + 1}`, `l${at}`));
    const image = await openStream(makeTar([dir('etc'), file('l0', 'x'), ...links]));

    expect(image.files.stat('/l5000')).toMatchObject({ type: 'file', size: 1 });
  });

  it('of links to directories that hold links to directories ends', async () => {
    const levels = Array.from({ length: 30 }, (_, at) => [
      symlink(`d${at}/a`, `../d${at + 1}`),
      symlink(`d${at}/b`, `../d${at + 1}`),
    ]);
    const image = await openStream(makeTar([dir('etc'), ...levels.flat(), dir('d30')]));

    expect(image.files.stat(`/d0${'/a'.repeat(30)}`)).toMatchObject({ type: 'directory' });
  });

  it('of deep directories ends', async () => {
    const deep = 'd/'.repeat(2000);
    const image = await openStream(
      makeTar([dir('etc'), { name: `${deep}x`, gnuLong: true }, file('d/.wh..wh..opq'), file(status, 'a')]),
    );

    expect(text(image, `/${status}`)).toBe('a');
  });
});

describe('a stream that never ends', () => {
  async function* endless(piece: Buffer, first = piece): AsyncGenerator<Buffer> {
    yield first;
    for (;;) yield piece;
  }

  it.each([
    ['of zeros', () => endless(Buffer.alloc(1 << 16))],
    ['of zeros after gzip', () => endless(Buffer.alloc(1 << 16), gzipSync(makeTar([dir('etc')])))],
    ['of entries', () => endless(makeTar(many(100), { end: false }))],
    [
      'of data of one entry',
      () => endless(Buffer.alloc(1 << 16), makeTar([{ name: 'a', size: 2 ** 33 - 1 }], { end: false })),
    ],
    [
      'of a long name',
      () =>
        endless(
          Buffer.alloc(1 << 16, 'x'),
          makeTar([{ name: 'L', flag: 'L', size: 2 ** 30 }], { end: false }),
        ),
    ],
  ])('%s is stopped', async (_, stdin) => {
    const limits = { layerBytes: 50 << 20, entries: 10_000 };

    await expect(openImage('-', { wanted, stdin: stdin(), limits })).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
    });
  });
});

describe('compressed layers', () => {
  const tar = makeTar([dir('etc'), file(status, 'a')]);

  it.each([
    ['with garbage after the last member', () => Buffer.concat([gzipSync(tar), Buffer.from('garbage')])],
    ['cut', () => gzipSync(tar).subarray(0, 60)],
    ['cut before its checksum', () => gzipSync(tar).subarray(0, -8)],
    ['of no deflate data', () => Buffer.concat([gzipSync(tar).subarray(0, 10), Buffer.alloc(100, 0xff)])],
    [
      'with a wrong checksum',
      () => Buffer.concat([gzipSync(tar).subarray(0, 10), deflateRawSync(tar), Buffer.alloc(8)]),
    ],
    ['with only a header', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0])],
    ['zstd without a frame', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
    ['zstd with a block of 2 MB', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 0xfb, 0xff, 0xff, 0])],
    ['zstd of a reserved kind of block', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 0x07, 0, 0, 0])],
    [
      'zstd of garbage',
      () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 0x4d, 0, 0, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
  ])('%s are refused', async (_, bytes) => {
    await expect(openStream(bytes())).rejects.toMatchObject({ code: 'IMAGE_MALFORMED', where: '-' });
  });

  it('come in pieces of any size', async () => {
    for (const size of [1, 5, 100]) {
      const image = await openImage('-', { wanted, stdin: pieces(gzipSync(tar), size) });

      expect(text(image, `/${status}`)).toBe('a');
    }
  });
});

/** A zstd frame of RLE blocks: four bytes for 128 kB each. */
function zstdRle(blocks: number): Buffer {
  const block = Buffer.alloc(4);
  block.writeUIntLE(((1 << 17) << 3) | 2, 0, 3);
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  return Buffer.concat([header, ...Array<Buffer>(blocks).fill(block)]);
}
