import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import type { Image } from '../../../src/model/inventory/index.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { imageLayout, writeFiles } from '../support/make-image.ts';
import {
  dir,
  file,
  hardlink,
  makeTar,
  paxData,
  symlink,
  type TarInput,
  withChecksum,
} from '../support/make-tar.ts';
import { command } from '../support/servers.ts';

/** Every path with what stands there: content, target, or that it is a directory. */
type Tree = Record<string, string>;

/** The tree that umoci unpacks; undefined if it refuses the layers: an entry is below a file of a lower layer. */
async function unpacked(layout: string): Promise<Tree | undefined> {
  const bundle = join(temporaryFolder(), 'bundle');
  const done = await command('umoci', 'unpack', '--image', `${layout}:latest`, bundle).catch(() => undefined);
  if (done === undefined) return undefined;
  const root = join(bundle, 'rootfs');
  return folderTree(root);
}

function folderTree(root: string, path = '', tree: Tree = {}): Tree {
  for (const name of readdirSync(join(root, path))) {
    const child = `${path}/${name}`;
    const place = join(root, child);
    const stats = lstatSync(place);
    if (stats.isDirectory()) tree[child] = 'directory';
    else if (stats.isSymbolicLink()) tree[child] = `-> ${readlinkSync(place)}`;
    else tree[child] = readFileSync(place, 'utf8');
    if (stats.isDirectory()) folderTree(root, child, tree);
  }
  return tree;
}

async function viewed(layout: string): Promise<Tree> {
  const image = await openImage(`oci:${layout}`, { wanted: () => true });
  return treeOf(image);
}

function treeOf(image: Image, path = '', tree: Tree = {}): Tree {
  for (const name of image.files.list(path === '' ? '/' : path)) {
    const child = `${path}/${name}`;
    const stat = image.files.stat(child, false);
    if (stat?.type === 'directory') tree[child] = 'directory';
    else if (stat?.type === 'symlink') tree[child] = `-> ${stat.target}`;
    else tree[child] = image.files.read(child)?.toString() ?? 'nothing';
    if (stat?.type === 'directory') treeOf(image, child, tree);
  }
  return tree;
}

const names = ['a', 'b', 'c'];
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const whiteoutOf = (hidden: string) => hidden.replace(/[^/]+$/, '.wh.$&');

/** Entries as engines write them: a path once, directories before what is in them, links to what is there. */
const layer = fc
  .array(
    fc.oneof(
      fc.tuple(path, fc.string({ maxLength: 5 })).map(([name, content]) => file(name, content)),
      path.map(dir),
      fc
        .tuple(path, fc.constantFrom('a', '/b', '../c', 'a/b', '/c/a'))
        .map(([name, target]) => symlink(name, target)),
      path.map((name) => file(whiteoutOf(name))),
      path.map((name) => file(`${name}/.wh..wh..opq`)),
    ),
    { maxLength: 6 },
  )
  .map(legal);

/** Leaves out what would stand below a file or link of the same layer, or twice; adds a hard link to the first file. */
function legal(entries: TarInput[]): TarInput[] {
  const kept: TarInput[] = [];
  const plain = (name: string) => name.replace(/\/$/, '').replace('/.wh..wh..opq', '').replace('.wh.', '');
  const isDirectory = ({ name, flag }: TarInput) =>
    flag === undefined && (name.endsWith('/') || name.includes('.wh..wh'));
  for (const entry of entries) {
    const at = plain(entry.name);
    const clash = kept.some((other) => {
      const there = plain(other.name);
      if (there === at) return !(isDirectory(entry) && isDirectory(other) && entry.name !== other.name);
      const inside = at.startsWith(`${there}/`) && !isDirectory(other);
      return inside || (there.startsWith(`${at}/`) && !isDirectory(entry));
    });
    if (!clash) kept.push(entry);
  }
  const real = kept.find(
    ({ name, flag }) => flag === undefined && !name.endsWith('/') && !name.includes('.wh.'),
  );
  return real ? [...kept, hardlink('linked', real.name)] : kept;
}

/** A file whose header block is changed before its sum is made. */
const withFields = (input: TarInput, fields: readonly (readonly [text: string, at: number])[]): Buffer => {
  const bytes = makeTar([input], { end: false });
  for (const [text, at] of fields) bytes.write(text, at, 'latin1');
  withChecksum(bytes.subarray(0, 512));
  return Buffer.concat([bytes, Buffer.alloc(1024)]);
};
const longName = (name: string): TarInput => ({ name: 'L', flag: 'L', content: `${name}\0` });
const longLink = (name: string): TarInput => ({ name: 'K', flag: 'K', content: `${name}\0` });

/** Layers over one with `a/f`, `b/f` and the empty folder `c`, in which two readers of tars may see different names. */
const forms: { name: string; layer: TarInput[] | Buffer }[] = [
  { name: 'an empty pax path', layer: [{ ...file('a/f', 'new'), pax: { path: '' } }] },
  { name: 'an empty pax linkpath', layer: [{ ...hardlink('a/f', 'b/f'), pax: { linkpath: '' } }] },
  { name: 'an empty pax size and uid', layer: [{ ...file('a/f', 'new'), pax: { size: '', uid: '' } }] },
  {
    name: 'a pax path, then a GNU long name',
    layer: [{ ...file('a/f', 'new'), pax: { path: 'x' }, gnuLong: true }],
  },
  {
    name: 'a GNU long name, then a pax path',
    layer: [longName('a/f'), { ...file('y', 'new'), pax: { path: 'x' } }],
  },
  {
    name: 'a pax linkpath, then a GNU long link',
    layer: [{ ...symlink('c/l', '/a'), pax: { linkpath: '/b' }, gnuLong: true }],
  },
  {
    name: 'a GNU long link, then a pax linkpath',
    layer: [longLink('/a'), { ...symlink('c/l', 'y'), pax: { linkpath: '/b' } }],
  },
  { name: 'an empty GNU long name', layer: [longName(''), file('a/f', 'new')] },
  {
    name: 'a name of a sparse file that is none',
    layer: [{ ...file('a/f', 'new'), pax: { 'GNU.sparse.name': 'x' } }],
  },
  { name: 'a sparse size alone', layer: [{ ...file('a/f', 'new'), pax: { 'GNU.sparse.realsize': '9' } }] },
  { name: 'a file with a slash', layer: [{ ...file('a/f/', 'new'), flag: '0' }] },
  { name: 'a V7 file with a slash', layer: [{ name: 'c/d/', flag: '\0' }] },
  { name: 'a pax path with a slash', layer: [{ ...file('y', 'new'), pax: { path: 'a/f/' } }] },
  {
    name: 'two pax headers',
    layer: [
      { name: 'p', flag: 'x', content: paxData({ path: 'x' }) },
      { ...file('a/f', 'new'), pax: { uid: '0' } },
    ],
  },
  {
    name: 'GNU with a prefix',
    layer: withFields(file('f', 'new'), [
      ['ustar  \0', 257],
      ['a', 345],
    ]),
  },
  {
    name: 'GNU with times',
    layer: withFields(file('c/f', 'new'), [
      ['ustar  \0', 257],
      ['14532270523\0', 345],
    ]),
  },
  {
    name: 'GNU with a prefix of digits',
    layer: withFields(file('f', 'new'), [
      ['ustar  \0', 257],
      ['123', 345],
    ]),
  },
  {
    name: 'GNU with a prefix that is not ASCII',
    layer: withFields(file('f', 'new'), [
      ['ustar  \0', 257],
      ['a\xe9', 345],
    ]),
  },
  {
    name: 'ustar of another version',
    layer: withFields(file('f', 'new'), [
      ['ustar\x0099', 257],
      ['a', 345],
    ]),
  },
  {
    name: 'star',
    layer: withFields(file('f', 'new'), [
      ['a', 345],
      ['tar\0', 508],
    ]),
  },
  {
    name: 'no ustar at all',
    layer: withFields(file('f', 'new'), [
      ['xxxxx\0', 257],
      ['a', 345],
    ]),
  },
  { name: 'a link, then the whiteout of its target', layer: [hardlink('a/f', 'b/f'), file('b/.wh.f')] },
  { name: 'a link, then the whiteout of its folder', layer: [hardlink('a/f', 'b/f'), file('.wh.b')] },
  {
    name: 'a link, then an opaque folder',
    layer: [dir('b'), hardlink('a/f', 'b/f'), file('b/.wh..wh..opq')],
  },
  {
    name: 'a link, then the whiteout of its target, then a new one',
    layer: [hardlink('a/f', 'b/f'), file('b/.wh.f'), file('b/f', 'new')],
  },
  {
    name: 'two links, then a whiteout',
    layer: [hardlink('c/1', 'b/f'), hardlink('a/f', 'c/1'), file('b/.wh.f')],
  },
  { name: 'an absolute link above the root', layer: [hardlink('a/f', '/../b/f')] },
  { name: 'a link above the root', layer: [hardlink('a/f', '../../b/f')] },
  { name: 'a link through a symbolic link', layer: [symlink('c/l', '/b'), hardlink('a/f', 'c/l/f')] },
  { name: 'a link, then a whiteout of itself', layer: [hardlink('a/f', 'b/f'), file('a/.wh.f')] },
];

describe.skipIf(!hasOracle('umoci') || !isRoot())('layers as umoci unpacks them', () => {
  it.each(forms)('with $name', async ({ layer }) => {
    const lower = [dir('a'), file('a/f', 'old'), dir('b'), file('b/f', 'other'), dir('c')];
    const layout = writeFiles(temporaryFolder(), imageLayout({ layers: [lower, layer] }));

    const expected = await unpacked(layout);
    expect(expected).toBeDefined();
    expect(await viewed(layout)).toEqual(expected);
  });

  it('of any kind give the same tree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const layout = writeFiles(temporaryFolder(), imageLayout({ layers }));

        const expected = await unpacked(layout);
        fc.pre(expected !== undefined);
        expect(await viewed(layout)).toEqual(expected);
      }),
      { numRuns: 150, seed: 20261124 },
    );
  });
});
