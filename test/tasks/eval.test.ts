import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { evalOval } from '../../src/library/index.ts';
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
  [4, ['--fail-on', 'any'], { failOn: 'any' as const }],
  [1, ['--fail-on', 'any', '--allow-unjudged'], { failOn: 'any' as const, allowUnjudged: true }],
])('evalOval is eval: %i for %j', async (code, args, gate) => {
  const command = theirs('eval', 'dir:image', '--content', 'definitions.xml', ...args);
  const found = await evalOval(`dir:${at('image')}`, { content: at('definitions.xml'), now, ...gate });
  expect([command[0], byLibrary(found)]).toEqual([code, command]);
});
