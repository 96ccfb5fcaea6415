import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openImage } from '../../src/image/index.ts';
import type { ImageKind } from '../../src/model/inventory/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { dockerArchive, imageLayout, temporaryFile, writeFiles } from './support/make-image.ts';
import { file, makeTar } from './support/make-tar.ts';

const layers = [[file('etc/hostname', 'x')]];
const tar = makeTar(layers[0]!);

function directory(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/hostname'), 'x');
  return root;
}

it.each<[form: string, make: () => string, kind: ImageKind]>([
  ['a directory', () => directory(), 'directory'],
  ['dir:', () => `dir:${directory()}`, 'directory'],
  ['an OCI layout', () => writeFiles(temporaryFolder(), imageLayout({ layers })), 'image'],
  ['a docker archive', () => temporaryFile('x.tar', dockerArchive({ layers }, 'docker 25')), 'image'],
  ['the tar of a root file system', () => temporaryFile('x.tar', tar), 'root-tar'],
  ['tar: of one', () => `tar:${temporaryFile('x.tar', tar)}`, 'root-tar'],
])('%s says of which kind it is', async (_, make, kind) => {
  const image = await openImage(make(), { wanted: () => true });
  expect(image.kind).toBe(kind);
  image.close();
});

it('a stream says so too', async () => {
  async function* stdin() {
    yield tar;
  }
  expect((await openImage('-', { wanted: () => true, stdin: stdin() })).kind).toBe('root-tar');
});
