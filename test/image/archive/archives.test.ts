import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ImageReadOptions, openImage } from '../../../src/image/index.ts';
import type { Image, Inspection } from '../../../src/model/inventory/index.ts';
import { nowhere, temporaryFolder } from '../../support/temporary.ts';
import {
  type ArchiveShape,
  blobOf,
  dockerArchive,
  type ImageInput,
  imageLayout,
  makeImage,
  temporaryFile,
  writeFiles,
} from '../support/make-image.ts';
import { dir, file, makeTar, symlink } from '../support/make-tar.ts';
import { openStream, text, wanted } from '../support/open.ts';

const status = 'var/lib/dpkg/status';
const layers = [
  [file(status, 'a'), symlink('etc/os-release', '../usr/lib/os-release')],
  [file('opt/x', 'x'.repeat(10_000))],
  [file(status, 'b'), file('usr/lib/os-release', 'ID=debian\n')],
];

function open(reference: string, options: Partial<ImageReadOptions> = {}) {
  return openImage(reference, { wanted, ...options });
}

function layoutTar(input: ImageInput = { layers }, tag = '1'): Buffer {
  return makeTar(Object.entries(imageLayout(input, tag)).map(([name, bytes]) => file(name, bytes)));
}

const shapes: ArchiveShape[] = ['docker 24', 'docker 25', 'skopeo'];

describe.each(shapes)('a docker-archive of %s', (shape) => {
  const bytes = dockerArchive({ layers }, shape);

  it.each([
    ['as a file', () => open(`docker-archive:${temporaryFile('x.tar', bytes)}`)],
    ['by its tag', () => open(`docker-archive:${temporaryFile('x.tar', bytes)}:lab/x:1`)],
    ['by a bare path', () => open(temporaryFile('x.tar', bytes))],
    ['gzipped', () => open(`docker-archive:${temporaryFile('x.tar.gz', gzipSync(bytes))}`)],
    ['on stdin', () => openStream(bytes)],
    ['gzipped on stdin', () => openStream(gzipSync(bytes))],
  ])('is read %s', async (_, opening) => {
    const image = await opening();

    expect(text(image, `/${status}`)).toBe('b');
    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(image.files.layers.map(({ createdBy }) => createdBy)).toEqual(['step 1', 'step 2', 'step 3']);
    expect(image.files.layers.map(({ diffId }) => diffId)).toEqual(
      makeImage({ layers }).tars.map((tar) => blobOf(tar).digest),
    );
    expect(image.digest).toBe(makeImage({ layers }).config.digest);
  });

  it('has no other tag', async () => {
    const opening = open(`docker-archive:${temporaryFile('x.tar', bytes)}:lab/y:1`);

    await expect(opening).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      remedy: expect.stringContaining('lab/x:1'),
    });
  });

  it('may have no tag at all', async () => {
    const image = await open(temporaryFile('x.tar', dockerArchive({ layers }, shape, null)));

    expect(text(image, `/${status}`)).toBe('b');
  });
});

it.each([
  ['an oci-archive', 'oci-layout', layoutTar()],
  ['an oci-archive', 'index.json', layoutTar()],
  ['a docker-archive', 'manifest.json', dockerArchive({ layers }, 'docker 24')],
])('%s whose %s is damaged at its start is no root file system', async (_, name, archive) => {
  const start = archive.indexOf(`${name}\0`) + 512;
  const bytes = Buffer.from(archive);
  bytes[start] = 0x41;
  const [asFile, asStream] = await Promise.allSettled([
    open(temporaryFile('x.tar', bytes)),
    openStream(bytes),
  ]);

  expect(asStream.status).toBe(asFile.status);
  if (asStream.status === 'fulfilled') expect(text(asStream.value, `/${status}`)).toBe('b');
  else expect(asStream.reason).toMatchObject({ code: 'IMAGE_MALFORMED' });
});

describe('a docker-archive', () => {
  it('may name one layer in two places by a link', async () => {
    const bytes = dockerArchive({ layers: [layers[0]!, layers[1]!, layers[0]!] }, 'docker 24');

    for (const image of [await open(temporaryFile('x.tar', bytes)), await openStream(bytes)]) {
      expect(image.files.layers).toHaveLength(3);
      expect(text(image, `/${status}`)).toBe('a');
    }
  });

  it('may have entries that begin with ./ and a platform that fits', async () => {
    const image = makeImage({ layers, compress: 'none', architecture: 'arm64' });
    const manifest = [
      { Config: 'c.json', RepoTags: null, Layers: image.layers.map((_, index) => `./l${index}.tar`) },
    ];
    const bytes = makeTar([
      dir('.'),
      ...image.layers.map(({ bytes: layer }, index) => file(`./l${index}.tar`, layer)),
      file('./c.json', image.config.bytes),
      file('./manifest.json', JSON.stringify(manifest)),
    ]);

    expect(text(await open(temporaryFile('x.tar', bytes), { platform: 'linux/arm64' }), `/${status}`)).toBe(
      'b',
    );
    expect(text(await openStream(bytes), `/${status}`)).toBe('b');
    await expect(openStream(bytes, { platform: 'linux/amd64' })).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
  });

  it('with layers of unusual names is read from a compressed file by another pass', async () => {
    const image = makeImage({ layers: [layers[0]!], compress: 'gzip' });
    const manifest = [{ Config: 'deep/er/c', RepoTags: null, Layers: ['deep/er/layer'] }];
    const bytes = makeTar([
      file('deep/er/layer', image.layers[0]!.bytes),
      file('c.json', image.config.bytes),
      file('manifest.json', JSON.stringify([{ ...manifest[0], Config: 'c.json' }])),
    ]);

    expect(text(await open(temporaryFile('x.tgz', gzipSync(bytes))), `/${status}`)).toBe('a');
    await expect(openStream(bytes)).rejects.toMatchObject({
      code: 'IMAGE_MALFORMED',
      where: expect.stringContaining('deep/er/layer'),
    });
  });

  const wrong: {
    name: string;
    entries: (image: ReturnType<typeof makeImage>) => Parameters<typeof makeTar>[0];
    code: string;
  }[] = [
    { name: 'no manifest.json', entries: () => [file('x', 'y')], code: 'IMAGE_MALFORMED' },
    { name: 'no image', entries: () => [file('manifest.json', '[]')], code: 'IMAGE_MALFORMED' },
    {
      name: 'a manifest that is no list',
      entries: () => [file('manifest.json', '{}')],
      code: 'IMAGE_MALFORMED',
    },
    {
      name: 'a manifest that is no JSON',
      entries: () => [file('manifest.json', '[{"Config":')],
      code: 'IMAGE_MALFORMED',
    },
    {
      name: 'no configuration',
      entries: () => [file('manifest.json', '[{"Config":"c.json","Layers":[]}]')],
      code: 'IMAGE_MALFORMED',
    },
    {
      name: 'a layer that is not there',
      entries: ({ config }) => [
        file('c.json', config.bytes),
        file('manifest.json', '[{"Config":"c.json","Layers":["a.tar"]}]'),
      ],
      code: 'IMAGE_MALFORMED',
    },
    {
      name: 'a layer outside the archive',
      entries: ({ config }) => [
        file('c.json', config.bytes),
        file('manifest.json', '[{"Config":"c.json","Layers":["../../etc/passwd"]}]'),
      ],
      code: 'IMAGE_MALFORMED',
    },
    {
      name: 'fewer layers than diff ids',
      entries: ({ config }) => [
        file('c.json', config.bytes),
        file('manifest.json', '[{"Config":"c.json","Layers":[]}]'),
      ],
      code: 'IMAGE_MALFORMED',
    },
    {
      name: 'another layer than its diff id says',
      entries: ({ config }) => [
        file('a.tar', makeTar([file(status, 'forged')])),
        file('c.json', config.bytes),
        file('manifest.json', '[{"Config":"c.json","Layers":["a.tar"]}]'),
      ],
      code: 'IMAGE_DIGEST_MISMATCH',
    },
    {
      name: 'another configuration than its name says',
      entries: ({ config, layers: [layer] }) => [
        file('a.tar', layer!.bytes),
        file(`${'0'.repeat(64)}.json`, config.bytes),
        file('manifest.json', `[{"Config":"${'0'.repeat(64)}.json","Layers":["a.tar"]}]`),
      ],
      code: 'IMAGE_DIGEST_MISMATCH',
    },
    {
      name: 'a layer that is cut',
      entries: ({ config, layers: [layer] }) => [
        file('a.tar', layer!.bytes.subarray(0, 700)),
        file('c.json', config.bytes),
        file('manifest.json', '[{"Config":"c.json","Layers":["a.tar"]}]'),
      ],
      code: 'IMAGE_DIGEST_MISMATCH',
    },
    {
      name: 'a layer that links to itself',
      entries: ({ config }) => [
        symlink('a.tar', 'b.tar'),
        symlink('b.tar', 'a.tar'),
        file('c.json', config.bytes),
        file('manifest.json', '[{"Config":"c.json","Layers":["a.tar"]}]'),
      ],
      code: 'IMAGE_MALFORMED',
    },
  ];
  it.each(wrong)('is refused with $name', async ({ entries, code }) => {
    const bytes = makeTar(entries(makeImage({ layers: [layers[0]!], compress: 'none' })));

    await expect(open(`docker-archive:${temporaryFile('x.tar', bytes)}`)).rejects.toMatchObject({
      code,
      where: expect.stringContaining('x.tar'),
    });
    await expect(open(`docker-archive:${temporaryFile('x.tar.gz', gzipSync(bytes))}`)).rejects.toMatchObject({
      code,
    });
  });
});

describe('an OCI layout', () => {
  it.each([
    ['in a directory', () => open(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers }, '1'))}`)],
    [
      'in a directory, by its tag',
      () => open(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers }, '1'))}:1`),
    ],
    ['by a bare path', () => open(writeFiles(temporaryFolder(), imageLayout({ layers }, '1')))],
    ['in a tar', () => open(`oci-archive:${temporaryFile('x.tar', layoutTar())}`)],
    ['in a tar, by its tag', () => open(`oci-archive:${temporaryFile('x.tar', layoutTar())}:1`)],
    ['in a gzipped tar', () => open(`oci-archive:${temporaryFile('x.tgz', gzipSync(layoutTar()))}`)],
    ['on stdin', () => openStream(layoutTar())],
  ])('is read %s', async (_, opening) => {
    const image = await opening();

    expect(text(image, `/${status}`)).toBe('b');
    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(image.digest).toBe(makeImage({ layers }).manifest.digest);
    expect(image.files.layers.map(({ digest }) => digest)).toEqual(
      makeImage({ layers }).layers.map(({ digest }) => digest),
    );
  });

  it('has no other tag', async () => {
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers }, '1'));

    await expect(open(`oci:${folder}:2`)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      remedy: expect.stringContaining('oci:DIR:TAG: 1'),
    });
  });

  it.each(['manifest', 'config', 'layer'] as const)(
    'is refused when its %s is another than its digest says',
    async (kind) => {
      const image = makeImage({ layers });
      const folder = writeFiles(temporaryFolder(), imageLayout({ layers }, '1'));
      const { digest, bytes } = kind === 'layer' ? image.layers[1]! : image[kind];
      const forged = Buffer.from(bytes);
      forged[forged.length - 1]! ^= 1;
      writeFileSync(join(folder, 'blobs', digest.replace(':', '/')), forged);

      await expect(open(`oci:${folder}`)).rejects.toMatchObject({ where: expect.stringContaining(digest) });
    },
  );

  it('is refused when a blob is longer or shorter than its manifest says', async () => {
    const { digest, bytes } = makeImage({ layers }).layers[1]!;
    for (const forged of [Buffer.concat([bytes, Buffer.alloc(1)]), bytes.subarray(1)]) {
      const folder = writeFiles(temporaryFolder(), imageLayout({ layers }, '1'));
      writeFileSync(join(folder, 'blobs', digest.replace(':', '/')), forged);

      await expect(open(`oci:${folder}`)).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
    }
  });

  it('says which blob it lacks', async () => {
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers }, '1'));
    const { digest } = makeImage({ layers }).layers[1]!;
    rmSync(join(folder, 'blobs', digest.replace(':', '/')));

    await expect(open(`oci:${folder}`)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      where: expect.stringContaining(digest.slice(7)),
    });
  });
});

describe.each([
  ['docker-archive', (input: ImageInput) => dockerArchive(input, 'docker 25')],
  ['oci-archive', layoutTar],
] as const)('the end of a tar: %s', (kind, archive) => {
  const withoutEnd = layers.map((layer) => makeTar(layer, { end: false }));

  it('of the archive must be there', async () => {
    const bytes = archive({ layers }).subarray(0, -1024);

    for (const opening of [
      () => open(`${kind}:${temporaryFile('x.tar', bytes)}`),
      () => open(`${kind}:${temporaryFile('x.tgz', gzipSync(bytes))}`),
      () => openStream(bytes),
    ])
      await expect(opening()).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
  });

  it('of a layer may be missing: its digest shows that it is whole', async () => {
    const bytes = archive({ layers: withoutEnd });

    for (const image of [await open(`${kind}:${temporaryFile('x.tar', bytes)}`), await openStream(bytes)])
      expect(text(image, `/${status}`)).toBe('b');
  });
});

describe('a plain root file system', () => {
  const entries = [dir('etc'), file('etc/os-release', 'ID=debian\n'), file(status, 'a')];

  it.each([
    ['as a tar', () => open(temporaryFile('x.tar', makeTar(entries)))],
    ['as a gzipped tar', () => open(`tar:${temporaryFile('x.tar.gz', gzipSync(makeTar(entries)))}`)],
    ['on stdin', () => openStream(makeTar(entries))],
    ['from a pipe', () => openPipe(makeTar(entries))],
    ['gzipped from a pipe', () => openPipe(gzipSync(makeTar(entries)))],
  ])('is read %s', async (_, opening) => {
    const image = await opening();

    expect(text(image, `/${status}`)).toBe('a');
    expect(image.files.layers).toEqual([{}]);
  });

  const large = 2 ** 32;

  it('is not read where nothing is wanted: a file of 4 GB on a disk costs its header', async () => {
    const image = await open(`tar:${sparseTar(large)}`, { limits: { layerBytes: 1024 ** 2 } });

    expect(text(image, `/${status}`)).toBe('a');
    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(image.files.stat('/core')).toMatchObject({ size: large });
  });

  it('is skipped a second time for a file that is wanted under a name with links', async () => {
    const image = await open(`tar:${sparseTar(large)}`);

    expect(text(image, '/var/lib/dpkg/available')).toBe('moved');
  });

  it('that ends in a file which is skipped is damaged', async () => {
    const path = sparseTar(large);
    truncateSync(path, large);

    await expect(open(`tar:${path}`)).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
  });

  describe('that was cut between two entries', () => {
    const cut = makeTar(entries, { end: false });

    it.each([
      ['as a tar', () => open(`tar:${temporaryFile('x.tar', cut)}`)],
      ['by a bare path', () => open(temporaryFile('x.tar', cut))],
      ['gzipped', () => open(`tar:${temporaryFile('x.tgz', gzipSync(cut))}`)],
      ['on stdin', () => openStream(cut)],
      ['gzipped on stdin', () => openStream(gzipSync(cut))],
      ['from a pipe', () => openPipe(cut)],
      ['within the padding of its last entry', () => openStream(cut.subarray(0, -1))],
    ])('is refused %s', async (_, opening) => {
      await expect(opening()).rejects.toMatchObject({
        code: 'IMAGE_MALFORMED',
        remedy: expect.stringContaining('export, save or copy it again'),
      });
    });

    it('is whole once a zero block of its end was read', async () => {
      const bytes = Buffer.concat([cut, Buffer.alloc(512)]);

      expect(text(await openStream(bytes), `/${status}`)).toBe('a');
      expect(text(await open(temporaryFile('x.tar', bytes)), `/${status}`)).toBe('a');
    });
  });

  it('has the digests of all files where they are asked for', async () => {
    const inspection: Inspection = { files: () => true, digests: ['sha256'] };
    const path = temporaryFile('x.tar', makeTar([...entries, file('usr/x', 'x'.repeat(200_000))]));
    const image = await open(`tar:${path}`, { inspection });

    expect(image.files.digest('/usr/x', 'sha256')).toBe(
      createHash('sha256').update('x'.repeat(200_000)).digest('hex'),
    );
  });

  /** A tar on disk whose first large file is a hole. */
  function sparseTar(size: number): string {
    const start = makeTar([...entries.slice(0, 2), { name: 'core', size }], { end: false });
    const rest = makeTar([
      file('moved', 'moved'),
      file(status, 'a'),
      symlink('var/lib/dpkg/available', '/moved'),
    ]);
    const path = temporaryFile('large.tar', start);
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, rest, 0, rest.length, start.length + size);
    closeSync(descriptor);
    return path;
  }

  async function openPipe(bytes: Buffer): Promise<Image> {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const [image] = await Promise.all([open(path), writeFile(path, bytes)]);
    return image;
  }

  it('may have files that are named like those of image archives', async () => {
    const bytes = makeTar([
      ...entries,
      file('manifest.json', '[]'),
      file('oci-layout', '{}'),
      file('index.json', '{}'),
      file('x.tar', 'x'),
    ]);

    expect(text(await open(temporaryFile('x.tar', bytes)), `/${status}`)).toBe('a');
    expect(text(await openStream(bytes), `/${status}`)).toBe('a');
  });

  it('on stdin cannot be passed again for the end of a link: it says so', async () => {
    const image = await openStream(makeTar([file('opt/st', 'a'), symlink(status, '/opt/st')]));

    expect(image.notes).toMatchObject([{ code: 'content_not_kept' }]);
    expect(() => text(image, `/${status}`)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('save the image to a file') }),
    );
  });

  it('in a file is passed again for the end of a link', async () => {
    const bytes = makeTar([file('opt/st', 'a'), symlink(status, '/opt/st')]);

    expect(text(await open(temporaryFile('x.tar', bytes)), `/${status}`)).toBe('a');
    expect(text(await open(temporaryFile('x.tgz', gzipSync(bytes))), `/${status}`)).toBe('a');
  });
});

describe('what is not there', () => {
  it.each([
    ['dir:NOWHERE', 'IMAGE_NOT_FOUND'],
    ['oci:NOWHERE', 'IMAGE_NOT_FOUND'],
    ['docker-archive:NOWHERE', 'IMAGE_NOT_FOUND'],
    ['docker-archive:/', 'IMAGE_NOT_FOUND'],
    ['./nonexistent', 'IMAGE_NOT_FOUND'],
  ])('%s', async (reference, code) => {
    await expect(open(reference.replace('NOWHERE', nowhere()))).rejects.toMatchObject({ code });
  });

  it('an empty file is no image', async () => {
    await expect(open(temporaryFile('x.tar', ''))).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
    await expect(openStream(Buffer.alloc(0))).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
  });
});
