import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type ImageInput, imageLayout, writeFiles } from '../support/make-image.ts';
import { dir, file, hardlink, symlink, type TarInput } from '../support/make-tar.ts';
import { text, wanted } from '../support/open.ts';

const status = 'var/lib/dpkg/status';
const fullPath = `/${status}`;

function openLayers(...layers: TarInput[][]) {
  return openInput({ layers });
}

function openInput(input: ImageInput) {
  const folder = writeFiles(temporaryFolder(), imageLayout(input));
  return openImage(`oci:${folder}`, { wanted });
}

/** `read` is the content of /var/lib/dpkg/status in a container. */
const cases: { name: string; layers: TarInput[][]; read: string | undefined }[] = [
  { name: 'the upper layer wins', layers: [[file(status, 'a')], [file(status, 'b')]], read: 'b' },
  { name: 'a later entry of one layer wins', layers: [[file(status, 'a'), file(status, 'b')]], read: 'b' },
  {
    name: 'a whiteout hides a file',
    layers: [[file(status, 'a')], [file('var/lib/dpkg/.wh.status')]],
    read: undefined,
  },
  {
    name: 'a whiteout hides a subtree',
    layers: [[file(status, 'a')], [file('var/.wh.lib')]],
    read: undefined,
  },
  {
    name: 'a whiteout speaks of lower layers only',
    layers: [[file(status, 'a')], [file(status, 'b'), file('var/lib/dpkg/.wh.status')]],
    read: 'b',
  },
  {
    name: 'a whiteout in the lowest layer hides nothing',
    layers: [[file('var/lib/dpkg/.wh.status'), file(status, 'a')]],
    read: 'a',
  },
  {
    name: 'a file comes back above its whiteout',
    layers: [[file(status, 'a')], [file('var/lib/dpkg/.wh.status')], [file(status, 'c')]],
    read: 'c',
  },
  {
    name: 'an opaque directory hides what is below it',
    layers: [[file(status, 'a')], [dir('var/lib/dpkg'), file('var/lib/dpkg/.wh..wh..opq')]],
    read: undefined,
  },
  {
    name: 'an opaque directory keeps its own layer, wherever the marker stands',
    layers: [[file(status, 'a')], [file(status, 'b'), file('var/lib/dpkg/.wh..wh..opq')]],
    read: 'b',
  },
  {
    name: 'an opaque root hides all',
    layers: [[file(status, 'a')], [file('.wh..wh..opq')]],
    read: undefined,
  },
  {
    name: 'a whiteout of nothing is ignored',
    layers: [[file(status, 'a')], [file('var/lib/dpkg/.wh.'), file('.wh..'), file('.wh...')]],
    read: 'a',
  },
  {
    name: 'names of aufs are ignored',
    layers: [[file(status, 'a')], [dir('.wh..wh.plnk'), file('.wh..wh.aufs')]],
    read: 'a',
  },
  {
    name: 'a file over a directory removes what was in it',
    layers: [[file(status, 'a')], [file('var/lib/dpkg', 'x')]],
    read: undefined,
  },
  {
    name: 'a directory over a file',
    layers: [[file('var/lib/dpkg', 'x')], [dir('var/lib/dpkg'), file(status, 'b')]],
    read: 'b',
  },
  {
    name: 'a directory again keeps what is in it',
    layers: [[file(status, 'a')], [dir('var/lib/dpkg')]],
    read: 'a',
  },
  {
    name: 'a link over a directory removes what was in it',
    layers: [[file(status, 'a')], [symlink('var/lib/dpkg', '/opt')]],
    read: undefined,
  },
  {
    name: 'a hard link to an earlier entry',
    layers: [[file('opt/real', 'a'), hardlink(status, 'opt/real')]],
    read: 'a',
  },
  {
    name: 'a hard link to an entry of a lower layer',
    layers: [[file('opt/real', 'a')], [hardlink(status, 'opt/real')]],
    read: 'a',
  },
  {
    name: 'a hard link keeps its content when the other name gets a new one',
    layers: [[file('opt/real', 'a'), hardlink(status, 'opt/real')], [file('opt/real', 'b')]],
    read: 'a',
  },
  {
    name: 'a hard link to a hard link',
    layers: [[file('opt/1', 'a'), hardlink('opt/2', 'opt/1'), hardlink(status, './opt/2')]],
    read: 'a',
  },
  {
    name: 'a hard link to a symbolic link is that link',
    layers: [
      [file('opt/real', 'a'), symlink('opt/link', 'real'), hardlink('var/lib/dpkg/status', 'opt/link')],
    ],
    // The link stands in var/lib/dpkg now, where its target is not.
    read: undefined,
  },
  {
    name: 'a hard link to a later entry',
    layers: [[hardlink(status, 'opt/later'), file('opt/later', 'a')]],
    read: 'a',
  },
  {
    name: 'a hard link to a later entry does not replace what came after it',
    layers: [[hardlink(status, 'opt/later'), file(status, 'b'), file('opt/later', 'a')]],
    read: 'b',
  },
  {
    name: 'a hard link before the whiteout of its target in the same layer',
    layers: [
      [file(status, 'a'), file('opt/x', 'b')],
      [hardlink(status, 'opt/x'), file('opt/.wh.x')],
    ],
    read: 'b',
  },
  {
    name: 'a hard link before the opaque marker of the directory of its target',
    layers: [
      [file(status, 'a'), file('opt/x', 'b')],
      [dir('opt'), hardlink(status, 'opt/x'), file('opt/.wh..wh..opq')],
    ],
    read: 'b',
  },
  {
    name: 'a hard link before its target is hidden and comes again',
    layers: [
      [file(status, 'a'), file('opt/x', 'b')],
      [hardlink(status, 'opt/x'), file('opt/.wh.x'), file('opt/x', 'c')],
    ],
    read: 'b',
  },
  {
    name: 'a hard link above the root stops at the root',
    layers: [[file(status, 'a'), file('opt/x', 'b')], [hardlink(status, '../../opt/x')]],
    read: 'b',
  },
  {
    name: 'a hard link to an absolute path above the root',
    layers: [[file(status, 'a'), file('opt/x', 'b')], [hardlink(status, '/../opt/x')]],
    read: 'b',
  },
  {
    name: 'a file of an upper layer goes through a link of a lower one (usrmerge)',
    layers: [[symlink('var', 'usr/var'), dir('usr/var')], [file(status, 'b')]],
    read: 'b',
  },
  {
    name: 'an opaque marker goes through a link of a lower layer',
    layers: [
      [symlink('var', 'usr/var'), file('usr/var/lib/dpkg/status', 'a')],
      [file('var/lib/dpkg/.wh..wh..opq')],
    ],
    read: undefined,
  },
  {
    name: 'a whiteout goes through a link of a lower layer',
    layers: [
      [symlink('var', 'usr/var'), file('usr/var/lib/dpkg/status', 'a')],
      [file('var/lib/dpkg/.wh.status')],
    ],
    read: undefined,
  },
  {
    name: 'a link in the way that leads to nothing gets what it leads to',
    layers: [[symlink('var', 'gone')], [file(status, 'b')]],
    read: 'b',
  },
  {
    name: 'a directory entry replaces a link',
    layers: [[symlink('var/lib/dpkg', '/opt'), file('opt/status', 'a')], [dir('var/lib/dpkg')]],
    read: undefined,
  },
  {
    name: 'a file in the way becomes a directory',
    layers: [[file('var', 'x')], [file(status, 'b')]],
    read: 'b',
  },
  {
    name: 'the content at the end of links that nobody asked for by name',
    layers: [[file('opt/st', 'a')], [symlink(status, '/opt/st')]],
    read: 'a',
  },
  {
    name: 'a database behind a linked directory',
    layers: [[symlink('var', 'usr/var'), file('usr/var/lib/dpkg/status', 'a')]],
    read: 'a',
  },
  {
    name: 'a database behind two linked directories',
    layers: [
      [symlink('var', 'usr/var'), symlink('usr/var/lib', '../../data'), file('data/dpkg/status', 'a')],
    ],
    read: 'a',
  },
  {
    name: 'a link above the root stops at the root',
    layers: [[file('opt/st', 'a'), symlink(status, '../../../../../../opt/st')]],
    read: 'a',
  },
  {
    name: 'a loop of links',
    layers: [[symlink('var/lib/dpkg/a', 'b'), symlink('var/lib/dpkg/b', 'a'), symlink(status, 'a')]],
    read: undefined,
  },
  { name: 'a link to itself', layers: [[symlink(status, 'status')]], read: undefined },
  { name: 'a directory that is a link to itself', layers: [[symlink('var', 'var')]], read: undefined },
  {
    name: 'devices and pipes are passed over',
    layers: [[{ name: 'dev/null', flag: '3' }, { name: 'run/p', flag: '6' }, file(status, 'a')]],
    read: 'a',
  },
  { name: 'a device instead of the database', layers: [[{ name: status, flag: '3' }]], read: undefined },
  {
    name: 'a file named like the root',
    layers: [[{ name: './', flag: '0', content: 'x' }, file(status, 'a')]],
    read: 'a',
  },
];

describe('layers laid over each other', () => {
  it.each(cases)('$name', async ({ layers, read }) => {
    const image = await openLayers(...layers);

    expect(text(image, fullPath)).toBe(read);
  });

  const below = [file(status, 'a'), file('opt/x', 'b'), symlink('db', 'var/lib/dpkg')];
  it.each<{ name: string; layer: TarInput[] }>([
    { name: 'to nothing', layer: [hardlink(status, 'opt/none')] },
    { name: 'to what is hidden before it', layer: [file('opt/.wh.x'), hardlink(status, 'opt/x')] },
    {
      name: 'to each other',
      layer: [file('var/lib/dpkg/.wh.status'), hardlink(status, 'opt/b'), hardlink('opt/b', status)],
    },
    { name: 'to a directory', layer: [dir('opt/d'), hardlink(status, 'opt/d')] },
    { name: 'behind a link', layer: [hardlink('db/status', 'opt/none')] },
  ])('are refused where a wanted file is a hard link $name', async ({ layer }) => {
    await expect(openLayers(below, layer)).rejects.toMatchObject({
      code: 'IMAGE_MALFORMED',
      message: expect.stringContaining('expected a hard link to a file of the image'),
    });
    await expect(openLayers(below, layer, [file(status, 'c')])).rejects.toMatchObject({
      code: 'IMAGE_MALFORMED',
    });
  });

  it('are refused where a wanted file is a hard link to itself', async () => {
    await expect(openLayers([hardlink(status, status)])).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
  });

  it('are refused where links lead to a hard link to nothing', async () => {
    const layers = [[symlink(status, '/opt/status')], [hardlink('opt/status', 'opt/none')]];
    await expect(openLayers(...layers)).rejects.toMatchObject({ code: 'IMAGE_MALFORMED' });
  });

  it('have nothing of a lower layer where a hard link is lost', async () => {
    const image = await openLayers([file('opt/a', 'old')], [hardlink('opt/a', 'opt/none')]);

    expect(image.files.stat('/opt/a')).toMatchObject({ type: 'other', layer: 1 });
  });

  it('follows 40 links and no more', async () => {
    const chain = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        symlink(`opt/l${index}`, index === 0 ? 'end' : `l${index - 1}`),
      );

    const forty = await openLayers([file('opt/end', 'a'), ...chain(39), symlink(status, '/opt/l38')]);
    const more = await openLayers([file('opt/end', 'a'), ...chain(40), symlink(status, '/opt/l39')]);

    expect(text(forty, fullPath)).toBe('a');
    expect(text(more, fullPath)).toBeUndefined();
  });

  it('says for each entry which layer brought it, and keeps what upper layers hide', async () => {
    const image = await openLayers(
      [file(status, 'a')],
      [file('etc/x')],
      [hardlink(status, 'etc/x')],
      [file(status, 'd')],
    );

    expect(image.files.stat(fullPath)?.layer).toBe(3);
    expect(image.files.stat('/etc/x')?.layer).toBe(1);
    const versions = image.files.history(fullPath);
    expect(versions.map(({ layer, content }) => [layer, content.read(0, content.size).toString()])).toEqual([
      [0, 'a'],
      [2, ''],
      [3, 'd'],
    ]);
  });

  it('names digest, diff id and command of each layer, without the steps that made none', async () => {
    const image = await openLayers([file(status, 'a')], [file(status, 'b')]);

    expect(image.files.layers.map(({ createdBy }) => createdBy)).toEqual(['step 1', 'step 2']);
    for (const layer of image.files.layers) {
      expect(layer.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(layer.diffId).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(layer.diffId).not.toBe(layer.digest);
    }
  });

  it('knows labels, environment and architecture', async () => {
    const image = await openInput({
      layers: [[]],
      labels: { cpe: 'x' },
      env: ['A=b'],
      architecture: 'arm64',
    });

    expect(image.labels).toEqual({ cpe: 'x' });
    expect(image.env).toEqual(['A=b']);
    expect(image.architecture).toBe('arm64');
  });

  it('lists and describes paths whose content nobody asked for', async () => {
    const image = await openLayers([
      { name: 'usr/bin/su', content: 'binary', mode: 0o4755, uid: 1, gid: 2 },
      symlink('bin', 'usr/bin'),
    ]);

    expect(image.files.list('/')).toEqual(['bin', 'usr']);
    expect(image.files.list('/bin')).toEqual(['su']);
    expect(image.files.list('/nothing')).toEqual([]);
    expect(image.files.stat('/bin/su')).toEqual({
      type: 'file',
      size: 6,
      mode: 0o4755,
      uid: 1,
      gid: 2,
      mtime: 0,
      xattrs: new Map(),
      layer: 0,
    });
    expect(image.files.stat('/bin', false)).toMatchObject({ type: 'symlink', target: 'usr/bin', size: 7 });
    expect(image.files.stat('/usr')).toMatchObject({ type: 'directory', mode: 0o755 });
    expect(() => image.files.open('/bin/su')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('refuses to read a file above the bound of the caller', async () => {
    const image = await openLayers([file(status, 'abcdef')]);

    expect(() => image.files.read(fullPath, 5)).toThrow(
      expect.objectContaining({ code: 'IMAGE_LIMIT_EXCEEDED' }),
    );
    expect(image.files.open(fullPath)?.read(4, 100).toString()).toBe('ef');
  });

  it('notes what it left out', async () => {
    const image = await openLayers([
      file('../../etc/x', 'x'),
      hardlink('etc/y', '../../etc/x'),
      hardlink('opt/a', 'opt/none'),
    ]);

    expect(image.notes.map(({ code, detail }) => [code, detail])).toEqual([
      ['hardlink_outside_root', '/etc/y -> ../../etc/x taken as /etc/x'],
      ['hardlink_without_target', '/opt/a -> opt/none'],
      ['path_outside_root', '../../etc/x taken as /etc/x'],
    ]);
  });
});

describe('the layer that took something away', () => {
  const base = [dir('opt'), file('opt/x', 'a'), file('opt/y', 'b')];

  it.each<{ name: string; layers: TarInput[][]; path: string; layer: number | undefined }>([
    { name: 'a whiteout', layers: [base, [], [file('opt/.wh.x')]], path: '/opt/x', layer: 2 },
    { name: 'a whiteout of its folder', layers: [base, [file('.wh.opt')]], path: '/opt/x', layer: 1 },
    { name: 'an opaque folder', layers: [base, [file('opt/.wh..wh..opq')]], path: '/opt/x', layer: 1 },
    {
      name: 'the last of two',
      layers: [base, [file('opt/.wh.x')], [file('opt/x', 'c')], [file('opt/.wh.x')]],
      path: '/opt/x',
      layer: 3,
    },
    {
      name: 'none of what came back',
      layers: [base, [file('opt/.wh.x')], [file('opt/x', 'c')]],
      path: '/opt/x',
      layer: undefined,
    },
    { name: 'none of what is there', layers: [base, [file('opt/.wh.x')]], path: '/opt/y', layer: undefined },
    { name: 'none of what never was', layers: [base, [file('opt/.wh.x')]], path: '/opt/z', layer: undefined },
    {
      name: 'through a link of a merged system',
      layers: [[symlink('bin', 'usr/bin'), file('usr/bin/x', 'a')], [file('bin/.wh.x')]],
      path: '/usr/bin/x',
      layer: 1,
    },
  ])('$name', async ({ layers, path, layer }) => {
    const { files } = await openLayers(...layers);

    expect(files.removedBy?.(path)).toBe(layer);
  });
});
