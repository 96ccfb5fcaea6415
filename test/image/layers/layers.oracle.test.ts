import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import type { Image } from '../../../src/model/index.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { imageLayout, temporaryFolder, writeFiles } from '../support/make-image.ts';
import { dir, file, hardlink, symlink, type TarInput } from '../support/make-tar.ts';
import { command } from '../support/servers.ts';

/** Every path with what stands there: content, target, or that it is a directory. */
type Tree = Record<string, string>;

/** What umoci unpacks of the layers; undefined where it refuses: what lies below a file of a lower layer. */
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

describe.skipIf(!hasOracle('umoci') || !isRoot())('layers as umoci unpacks them', () => {
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
