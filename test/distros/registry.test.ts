import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources } from '../../src/distros/builds.ts';

const folder = resolve(import.meta.dirname, '../../src/distros');

describe('the list of sources', () => {
  it('names every folder, in code-unit order', () => {
    const folders = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'data/index.ts')))
      .map(({ name }) => name)
      .sort();

    expect(sources.map(({ id }) => id)).toEqual(folders);
  });

  it.each(sources.map((source) => [source.id, source] as const))('%s says whose data it is', (_, source) => {
    expect(source).toMatchObject({
      name: expect.stringMatching(/\S/),
      licence: expect.stringMatching(/\S/),
      attribution: expect.stringMatching(/\S/),
    });
  });
});
