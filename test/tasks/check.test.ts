import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { check, openFeed } from '../../src/library/index.ts';
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
  [1, ['--fail-on', 'any'], { failOn: ['any'] as const }],
  [1, ['--fail-on-rule', 'any'], { failOnRule: 'any' as const }],
  [
    1,
    ['--fail-on', 'any', '--fail-on-rule', 'any'],
    { failOn: ['any'] as const, failOnRule: 'any' as const },
  ],
])('check is check: %i for %j', async (code, args, gate) => {
  const asked = ['--feed', 'feed', '--max-age', '0', '--content', 'benchmark.xml', '--profile', 'standard'];
  const command = theirs('check', 'dir:image', ...asked, ...args);
  const feed = openFeed(at('feed'));
  const content = { file: at('benchmark.xml') };
  const found = await check(`dir:${at('image')}`, feed, { content, profile: 'standard', date: now, ...gate });
  feed.close();
  expect([command[0], byLibrary(found)]).toEqual([code, command]);
});
