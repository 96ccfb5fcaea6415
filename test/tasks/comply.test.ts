import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { comply } from '../../src/library/index.ts';
import { workshop } from '../library/support/workshop.ts';
import { byCommand, byLibrary, now, type Told } from './support/faces.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const theirs = (...args: string[]): Told => byCommand(folder, ...args);

beforeAll(() => {
  folder = workshop();
}, 120_000);

it.each([
  [0, [], {}],
  [1, ['--fail-on', 'any'], { failOn: 'any' as const }],
  [1, ['--fail-on', 'medium'], { failOn: 'medium' as const }],
])('comply is comply: %i for %j', async (code, args, gate) => {
  const command = theirs(
    'comply',
    'dir:image',
    '--content',
    'benchmark.xml',
    '--profile',
    'standard',
    ...args,
  );
  const content = { file: at('benchmark.xml') };
  const found = await comply(`dir:${at('image')}`, { content, profile: 'standard', now, ...gate });
  expect([command[0], byLibrary(found)]).toEqual([code, command]);
});
