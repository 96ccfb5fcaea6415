import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/io/bytes.ts';
import { decompress } from '../../src/io/decompress.ts';
import { zipEntries } from '../../src/io/zip-in-memory.ts';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = join(project, 'feeds/sample');

/** Paths of files below a folder. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

const bound = { maxBytes: 2 ** 26, code: 'SOURCE_TOO_LARGE', where: 'sample' } as const;

/** What a file says, whichever version of a library or command has packed it. */
async function contentOf(path: string): Promise<unknown> {
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 2).toString() === 'PK')
    return [...zipEntries(bytes, path)].map((entry) => [entry.name, `${entry.content(bound.maxBytes)}`]);
  return `${await readAll(decompress(one(bytes), bound), bound)}`;
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

describe('feeds/sample', () => {
  it('is what its maker makes of the facts in scripts/sample', async () => {
    const made = temporaryFolder('sample');
    const { status, stderr } = spawnSync('node', ['scripts/make-sample.mjs', made], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(filesOf(made)).toEqual(filesOf(sample));
    for (const path of filesOf(sample))
      expect(await contentOf(join(made, path)), path).toEqual(await contentOf(join(sample, path)));
  });
});
