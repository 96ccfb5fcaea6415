import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import { Budget } from '../../../src/image/limits.ts';
import { chooseManifest, parseManifest } from '../../../src/image/manifest/manifest.ts';
import { parsePlatform } from '../../../src/image/manifest/platform.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import {
  descriptorOf,
  jsonBlob,
  layoutFiles,
  makeImage,
  mediaTypes,
  writeFiles,
} from '../support/make-image.ts';
import { file } from '../support/make-tar.ts';
import { text, wanted } from '../support/open.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function row(letter: string, platform?: string) {
  return {
    digest: digest(letter),
    size: 1,
    annotations: {},
    ...(platform && { platform: parsePlatform(platform) }),
  };
}

describe('the image of an index', () => {
  const multi = [
    row('a', 'linux/arm64/v8'),
    row('b', 'linux/amd64'),
    row('c', 'linux/arm/v6'),
    row('d', 'linux/arm/v7'),
    row('e', 'unknown/unknown'),
  ];
  const cases: { name: string; rows: ReturnType<typeof row>[]; wish?: string; chosen: string }[] = [
    { name: 'is linux/amd64 without a wish', rows: multi, chosen: 'b' },
    { name: 'is the one that is wished for', rows: multi, wish: 'linux/arm64', chosen: 'a' },
    { name: 'is the one of the variant', rows: multi, wish: 'linux/arm/v6', chosen: 'c' },
    { name: 'is the one of the default variant', rows: multi, wish: 'linux/arm', chosen: 'd' },
    { name: 'may be wished for by the name of the kernel', rows: multi, wish: 'linux/aarch64', chosen: 'a' },
    {
      name: 'has the variant that goes without saying',
      rows: [row('a', 'linux/arm64')],
      wish: 'linux/arm64/v8',
      chosen: 'a',
    },
    {
      name: 'is the only one there is, whatever its platform',
      rows: [row('a', 'linux/s390x'), row('e', 'unknown/unknown')],
      chosen: 'a',
    },
    {
      name: 'is the only one there is, without a platform',
      rows: [row('a')],
      wish: 'linux/arm64',
      chosen: 'a',
    },
    {
      name: 'is amd64 without a variant before v3',
      rows: [row('a', 'linux/amd64/v3'), row('b', 'linux/amd64')],
      chosen: 'b',
    },
  ];
  it.each(cases)('$name', ({ rows, wish, chosen }) => {
    expect(chooseManifest(rows, wish === undefined ? undefined : parsePlatform(wish), 'x').digest).toBe(
      digest(chosen),
    );
  });

  it('names the platforms that there are when the wish is not met', () => {
    expect(() => chooseManifest(multi, parsePlatform('linux/s390x'), 'x')).toThrow(
      expect.objectContaining({
        code: 'IMAGE_NOT_FOUND',
        message:
          'expected an image for linux/s390x, found linux/arm64/v8, linux/amd64, linux/arm/v6, linux/arm/v7',
      }),
    );
  });

  it.each(['', 'linux', 'linux/', '/amd64', 'linux/arm/v7/x'])('cannot be for %j', (platform) => {
    expect(() => parsePlatform(platform)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('a manifest', () => {
  const parse = (value: unknown) =>
    parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), new Budget(), 'x');
  const config = { digest: digest('a'), size: 1 };

  it.each([
    ['no JSON', '<html>', 'expected JSON'],
    ['a list', [], 'expected an object, found an array'],
    ['null', null, 'expected an object, found null'],
    ['version 1', { schemaVersion: 1 }, 'found version 1'],
    ['manifest and index in one', { manifests: [], layers: [], config }, 'one that is both'],
    ['no layers', { config }, 'expected an array, found undefined'],
    ['no config', { layers: [] }, 'expected an object, found undefined'],
    [
      'a digest that is none',
      { layers: [], config: { ...config, digest: 'sha256:12' } },
      'expected a digest',
    ],
    [
      'a digest with a path in it',
      { layers: [], config: { ...config, digest: `sha256:../../${'a'.repeat(58)}` } },
      'expected a digest',
    ],
    ['a negative size', { layers: [], config: { ...config, size: -1 } }, 'expected a size'],
    ['a size that is a text', { layers: [], config: { ...config, size: '1' } }, 'expected a size'],
    [
      'a size above 2^53',
      '{"layers":[],"config":{"digest":"' + digest('a') + '","size":1e300}}',
      'expected a size',
    ],
    [
      'two lists of layers',
      `{"layers":[],"config":${JSON.stringify(config)},"layers":[{"digest":"${digest('b')}","size":1}]}`,
      'expected each name once in a JSON object, found one twice',
    ],
    [
      'two digests of its config, one with an escape',
      `{"layers":[],"config":{"digest":"${digest('a')}","size":1,"d\\u0069gest":"${digest('b')}"}}`,
      'found one twice',
    ],
    ['two lists of an index', '{"manifests":[],"manifests":[]}', 'found one twice'],
  ])('is refused with %s', (_, value, message) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code: 'IMAGE_MALFORMED', message: expect.stringContaining(message) }),
    );
  });

  it('nested too deep is refused before it is parsed', () => {
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

    expect(() => parse(deep)).toThrow(
      expect.objectContaining({
        code: 'IMAGE_LIMIT_EXCEEDED',
        message: expect.stringContaining('levels of JSON'),
      }),
    );
  });

  it('of 5 MB is refused before it is parsed', () => {
    expect(() => parse(' '.repeat(5 << 20))).toThrow(
      expect.objectContaining({ code: 'IMAGE_LIMIT_EXCEEDED' }),
    );
  });

  it('with brackets in its texts is not deep', () => {
    expect(
      parse({ layers: [], config: { ...config, annotations: { x: '['.repeat(100), y: '\\"[[' } } }).kind,
    ).toBe('image');
  });
});

describe('an index in an index', () => {
  /** Layout of an image below `depth` indexes. */
  function nested(depth: number): string {
    const image = makeImage({ layers: [[file('etc/os-release', 'ID=debian\n')]] });
    const blobs = [image.manifest, image.config, ...image.layers];
    let top: Record<string, unknown> = {
      mediaType: mediaTypes.manifest,
      ...descriptorOf(image.manifest),
      platform: { os: 'linux', architecture: 'amd64' },
    };
    for (let level = 0; level < depth; level++) {
      const index = jsonBlob({ schemaVersion: 2, manifests: [top] });
      blobs.push(index);
      top = { ...top, mediaType: mediaTypes.index, ...descriptorOf(index) };
    }
    return writeFiles(temporaryFolder(), layoutFiles(blobs, [top]));
  }

  it('is followed', async () => {
    const image = await openImage(`oci:${nested(3)}`, { wanted });

    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
  });

  it('is not followed without end', async () => {
    await expect(openImage(`oci:${nested(6)}`, { wanted })).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
    });
  });
});
