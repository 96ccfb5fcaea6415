import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../src/image/index.ts';
import type { Image } from '../../src/model/inventory/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { blobOf, descriptorOf, jsonBlob, layoutFiles, writeFiles } from './support/make-image.ts';
import { dir, file, makeTar } from './support/make-tar.ts';
import { openStream, text, wanted } from './support/open.ts';

/** Hostile tars as root file systems, and what a reader should find: packages, or an error. */
const roots: Record<string, string[] | RegExp> = {
  'absolute.tar': ['a 1'],
  'dotdot.tar': ['a 1'],
  'dotslash.tar': ['a 1'],
  'symlink-write-through.tar': ['a 1'],
  'status-symlink-inside.tar': ['a 1'],
  'parent-symlink.tar': ['a 1'],
  'hardlink.tar': ['a 1'],
  'hardlink-outside.tar': /expected a hard link to a file of the image/,
  'hardlink-forward.tar': ['a 1'],
  'devices.tar': ['a 1'],
  'wh-opaque-after.tar': ['b 9'],
  'file-over-dir.tar': [],
  'multi-member.tar.gz': ['a 1'],
  'claircore-concat.tar': [],
  'truncated.tar': /expected a block of 512 bytes, found the end/,
  'truncated.tar.gz': /expected a whole gzip stream/,
  'bad-checksum.tar': /wrong checksum/,
};

/** The same as layers above a base with package "a 1". */
const uppers: Record<string, string[]> = {
  'wh-opaque-after.tar': ['b 9'],
  'wh-empty.tar': ['a 1'],
  'wh-hardlink-meta.tar': ['a 1'],
  'file-over-dir.tar': [],
  'claircore-oddlayer.tar': ['a 1'],
};

/** docker-archives of osv-scalibr's tests: they are read, whatever their links do. */
const archives = [
  'scalibr-image-basic.tar',
  'scalibr-image-multiple-files.tar',
  'scalibr-image-overwrite-file.tar',
  'scalibr-image-single-file.tar',
  'scalibr-image-symlink-attack.tar',
  'scalibr-image-symlink-basic.tar',
  'scalibr-image-symlink-dangling.tar',
  'scalibr-image-symlink-depth-exceeded.tar',
  'scalibr-unpack-dangling-symlinks.tar',
  'scalibr-unpack-symlinks.tar',
];

function packages(image: Image): string[] {
  const status = text(image, '/var/lib/dpkg/status') ?? '';
  return [...status.matchAll(/^Package: (\S+)(?:\n\S.*)*?\nVersion: (\S+)/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  );
}

describe.skipIf(!hasData('hostile'))('hostile archives', () => {
  describe.each(Object.entries(roots))('%s', (name, expected) => {
    const bytes = () => readFileSync(dataPath('hostile', name));

    it.each([
      ['as a file', () => openImage(`tar:${dataPath('hostile', name)}`, { wanted })],
      ['as bytes on stdin', () => openStream(bytes())],
    ])('%s', async (how, open) => {
      if (expected instanceof RegExp) {
        await expect(open()).rejects.toMatchObject({
          code: 'IMAGE_MALFORMED',
          message: expect.stringMatching(expected),
        });
        return;
      }
      const image = await open();
      const kept = !image.notes.some(({ code }) => code === 'content_not_kept');
      if (kept) expect(packages(image)).toEqual(expected);
      // Bytes that have gone by are told of, never taken for an empty database.
      else expect([how, () => packages(image)]).toEqual(['as bytes on stdin', expect.toSatisfy(throws)]);
    });
  });

  it.each(Object.entries(uppers))('%s above a base layer', async (name, expected) => {
    const base = makeTar([
      dir('var/lib/dpkg'),
      file('var/lib/dpkg/status', 'Package: a\nStatus: install ok installed\nVersion: 1\n'),
    ]);
    const tars = [base, readFileSync(dataPath('hostile', name))];
    const folder = writeFiles(temporaryFolder(), layoutOf(tars));

    expect(packages(await openImage(`oci:${folder}`, { wanted }))).toEqual(expected);
  });

  it.each(archives)('%s is read whole', async (name) => {
    const image = await openImage(`docker-archive:${dataPath('hostile', name)}`, { wanted });

    for (const path of walk(image)) {
      const stat = image.files.stat(path);
      if (stat) expect(stat.layer).toBeLessThan(image.files.layers.length);
    }
    expect(image.files.stat('/etc/passwd')).toBeUndefined();
  });
});

function throws(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

function* walk(image: Image, path = ''): Generator<string> {
  for (const name of image.files.list(path === '' ? '/' : path)) {
    const child = `${path}/${name}`;
    yield child;
    if (image.files.stat(child, false)?.type === 'directory') yield* walk(image, child);
  }
}

function layoutOf(tars: readonly Buffer[]): Record<string, Buffer> {
  const layers = tars.map(blobOf);
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = jsonBlob({ architecture: 'amd64', os: 'linux', rootfs });
  const manifest = jsonBlob({
    schemaVersion: 2,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  });
  return layoutFiles([manifest, config, ...layers], [descriptorOf(manifest)]);
}
