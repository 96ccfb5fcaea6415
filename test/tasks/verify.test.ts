import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { verifyFiles } from '../../src/library/index.ts';
import { workshop } from '../library/support/workshop.ts';
import { byCommand, byLibrary, type Told } from './support/faces.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const theirs = (...args: string[]): Told => byCommand(folder, ...args);

beforeAll(() => {
  folder = workshop();
  cpSync(at('image'), at('bare'), { recursive: true });
  rmSync(at('bare/var/lib/dpkg/info'), { recursive: true });
}, 120_000);

it.each([
  ['image', 0, [], {}],
  ['image', 1, ['--fail-on', 'changed'], { failOn: ['changed'] as const }],
  ['image', 0, ['--fail-on', 'missing'], { failOn: ['missing'] as const }],
  ['bare', 4, ['--fail-on', 'missing'], { failOn: ['missing'] as const }],
  ['bare', 0, ['--allow-uncovered'], { allowUncovered: true }],
])('verifyFiles is verify: %s, %i for %j', async (image, code, args, gate) => {
  const command = theirs('verify', `dir:${image}`, ...args);
  const found = await verifyFiles(`dir:${at(image)}`, gate);
  expect([command[0], byLibrary(found)]).toEqual([code, command]);
  if (image === 'bare' && code === 4)
    expect(found.policy.reasons).toEqual(['1 package has no list of its files: libssl3']);
});
