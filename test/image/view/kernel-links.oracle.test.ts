import { execFileSync } from 'node:child_process';
import { lutimesSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import type { Image } from '../../../src/model/inventory/index.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { makeTar, type TarInput } from '../support/make-tar.ts';
import { openStream, wanted } from '../support/open.ts';

/** Something of a root file system below one of its directories; what comes first at a place stays there. */
interface Item {
  directory: number;
  name: string;
  kind: 'directory' | 'file' | 'link';
  target: string;
}

const step = fc.constantFrom('a', 'b', 'c', '..', '.', '');
const path = fc
  .tuple(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 6 }))
  .map(([absolute, steps]) => `${absolute ? '/' : ''}${steps.join('/')}`)
  .filter((text) => text !== '');
const item: fc.Arbitrary<Item> = fc.record({
  directory: fc.nat(20),
  name: fc.constantFrom('a', 'b', 'c'),
  kind: fc.constantFrom('directory', 'directory', 'file', 'link', 'link', 'link'),
  target: path,
});

/** The same tree as a directory and as a tar; the time of each thing is its number. */
function makeTree(root: string, items: readonly Item[]): TarInput[] {
  const directories = [''];
  const taken = new Set<string>();
  const entries: TarInput[] = [];
  for (const { directory, name, kind, target } of items) {
    const place = `${directories[directory % directories.length]}/${name}`;
    if (taken.has(place)) continue;
    taken.add(place);
    const flag = { directory: '5', file: '0', link: '2' }[kind];
    entries.push({ name: place.slice(1), flag, link: target, pax: { mtime: String(entries.length + 1) } });
    if (kind === 'directory') {
      mkdirSync(root + place);
      directories.push(place);
    } else if (kind === 'file') writeFileSync(root + place, '');
    else symlinkSync(target, root + place);
  }
  for (const [at, { name }] of entries.entries()) lutimesSync(join(root, name), at + 1, at + 1);
  lutimesSync(root, 1000, 1000);
  return [{ name: './', pax: { mtime: '1000' } }, ...entries];
}

function found(image: Image, paths: readonly string[]): string[] {
  const time = (path: string, follow: boolean) => image.files.stat(path, follow)?.mtime ?? 'none';
  return paths.map((path) => `${time(path, true)} ${time(path, false)}`);
}

function byKernel(root: string, paths: readonly string[]): string[] {
  const script = join(import.meta.dirname, 'kernel-links.py');
  const input = paths.map((path) => `${path}\n`).join('');
  return execFileSync('python3', [script, root], { input, encoding: 'utf8' }).trimEnd().split('\n');
}

describe.skipIf(!hasOracle('python3') || process.platform !== 'linux')('links of a root file system', () => {
  it('lead where the kernel takes them in a container, in a directory and in a layer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { minLength: 1, maxLength: 25 }),
        fc.array(path, { minLength: 300, maxLength: 400 }),
        async (items, paths) => {
          const root = temporaryFolder('links');
          try {
            const entries = makeTree(root, items);
            const kernel = byKernel(root, paths);

            const directory = await openImage(`dir:${root}/`, { wanted });
            expect(found(directory, paths)).toEqual(kernel);
            const layer = await openStream(makeTar(entries));
            expect(found(layer, paths)).toEqual(kernel);
          } finally {
            rmSync(root, { recursive: true, force: true });
          }
        },
      ),
      // To shrink hundreds of paths by a process each would take an hour.
      { numRuns: 15, endOnFailure: true },
    );
  });
});
