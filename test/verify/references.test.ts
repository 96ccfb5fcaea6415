import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFakeRegistry } from '../image/support/fake-registry.ts';
import {
  type ArchiveShape,
  dockerArchive,
  imageLayout,
  temporaryFile,
  writeFiles,
} from '../image/support/make-image.ts';
import { dir, file, makeTar, type TarInput } from '../image/support/make-tar.ts';
import { pieces } from '../image/support/open.ts';
import { elf } from '../support/elf.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { dpkgDatabase } from './support/packages.ts';
import { lines, verifyReference } from './support/verify.ts';

const tool = elf('pie');
const run = (name: string, content: string | Buffer): TarInput => ({ ...file(name, content), mode: 0o755 });
const base = [
  dir('usr'),
  ...dpkgDatabase({ name: 'tool', files: { '/usr/bin/a': tool, '/usr/bin/b': tool } }),
  run('usr/bin/a', tool),
  run('usr/bin/b', tool),
];
const above = [run('usr/bin/b', '#!/bin/sh\n'), run('opt/new', tool)];
const input = { layers: [base, above] };
const found = ['unowned /opt/new: program', 'changed /usr/bin/b: digest'];

/** The image in one tar, as an engine exports a container. */
const exported = makeTar([...base.filter(({ name }) => name !== 'usr/bin/b'), ...above]);

describe('the same findings by every reference', () => {
  it.each<ArchiveShape>(['docker 24', 'docker 25', 'skopeo'])(
    'an archive in the shape of %s',
    async (shape) => {
      const path = temporaryFile('image.tar', dockerArchive(input, shape));

      expect(lines(await verifyReference(`docker-archive:${path}`))).toEqual(found);
    },
  );

  it('an OCI layout', async () => {
    const folder = writeFiles(temporaryFolder(), imageLayout(input));

    expect(lines(await verifyReference(folder))).toEqual(found);
  });

  it('a registry', async () => {
    const { host } = await startFakeRegistry(input);
    const result = await verifyReference(`registry:${host}/lab/x:1`, {
      registry: { insecure: true, cache: false },
    });

    expect(lines(result)).toEqual(found);
  });

  it.each([
    ['an image', dockerArchive(input, 'docker 25')],
    ['a root file system', exported],
  ])('%s on stdin', async (_, bytes) => {
    expect(lines(await verifyReference('-', { stdin: pieces(bytes) }))).toEqual(found);
  });

  it('a directory, which has no layers', async () => {
    const root = temporaryFolder();
    for (const { name, content = '', mode = 0o644 } of [...base, ...above]) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      if (!name.endsWith('/')) writeFileSync(join(root, name), content, { mode });
    }
    const result = await verifyReference(`dir:${root}`);

    expect(lines(result)).toEqual(found);
    expect(result.deviations.map(({ layer }) => layer)).toEqual([undefined, undefined]);
  });
});
