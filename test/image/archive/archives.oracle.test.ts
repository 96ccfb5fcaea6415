import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import type { Image } from '../../../src/model/inventory/index.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { imageLayout, temporaryFile, writeFiles } from '../support/make-image.ts';
import { file, makeTar, symlink } from '../support/make-tar.ts';
import { text, wanted } from '../support/open.ts';
import { command } from '../support/servers.ts';

const input = {
  layers: [
    [
      file('var/lib/dpkg/status', 'a'),
      symlink('etc/os-release', '../usr/lib/os-release'),
      file('opt/gone', 'x'),
    ],
    [file('usr/lib/os-release', 'ID=debian\n'), file('opt/.wh.gone')],
  ],
};

function expectRead(image: Image): void {
  expect(text(image, '/var/lib/dpkg/status')).toBe('a');
  expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
  expect(image.files.stat('/opt/gone')).toBeUndefined();
  expect(image.files.layers.map(({ createdBy }) => createdBy)).toEqual(['step 1', 'step 2']);
}

describe.skipIf(!hasOracle('skopeo'))('what skopeo writes', () => {
  const source = () => `oci:${writeFiles(temporaryFolder(), imageLayout(input))}:latest`;

  it.each([
    ['an OCI layout', 'oci', 'layout:12', []],
    [
      'an OCI layout with zstd layers',
      'oci',
      'layout:12',
      ['--dest-compress-format', 'zstd', '--dest-compress-level', '5'],
    ],
    ['an OCI archive', 'oci-archive', 'x.tar:12', []],
    ['a docker-archive', 'docker-archive', 'x.tar:lab/x:12', []],
  ])('is read: %s', async (_, form, name, options) => {
    const reference = `${form}:${join(temporaryFolder(), name)}`;
    await command('skopeo', 'copy', ...options, source(), reference);

    expectRead(await openImage(reference, { wanted }));
  });
});

describe.skipIf(!hasOracle('umoci'))('what umoci writes', () => {
  it('is read: layers added to a new image', async () => {
    const layout = join(temporaryFolder(), 'layout');
    await command('umoci', 'init', '--layout', layout);
    await command('umoci', 'new', '--image', `${layout}:12`);
    for (const layer of input.layers) {
      await command(
        'umoci',
        'raw',
        'add-layer',
        '--image',
        `${layout}:12`,
        temporaryFile('layer.tar', makeTar(layer)),
      );
    }

    const image = await openImage(`oci:${layout}:12`, { wanted });

    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(image.files.stat('/opt/gone')).toBeUndefined();
  });
});

describe.skipIf(!hasOracle('tar', 'gzip', 'zstd', 'xz', 'bzip2'))('what tar writes', () => {
  const names = ['etc', `etc/${'longer/'.repeat(20)}x`, 'var/lib/dpkg/status'];

  it.each(['gnu', 'oldgnu', 'pax', 'posix', 'ustar', 'v7'])('is read in its format %s', async (format) => {
    const root = writeFiles(
      temporaryFolder(),
      Object.fromEntries(names.slice(format === 'v7' ? 2 : 1).map((name) => [name, Buffer.from('a')])),
    );
    const path = join(temporaryFolder(), 'x.tar');
    await command('tar', `--format=${format}`, '-C', root, '-cf', path, '.');

    const image = await openImage(path, { wanted });

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
    if (format !== 'v7') expect(image.files.stat(`/${names[1]}`)).toMatchObject({ type: 'file', size: 1 });
  });

  it.each(['--gzip', '--zstd', '--xz', '--bzip2'])('is read compressed by %s', async (option) => {
    const root = writeFiles(temporaryFolder(), { 'var/lib/dpkg/status': Buffer.from('a'.repeat(100_000)) });
    const path = join(temporaryFolder(), 'x.tar');
    await command('tar', option, '-C', root, '-cf', path, '.');

    expect(text(await openImage(path, { wanted }), '/var/lib/dpkg/status')).toBe('a'.repeat(100_000));
  });
});
