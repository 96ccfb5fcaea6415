import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type FailOn, judge, openFeed, openImage, readInventory } from '../../src/library/index.ts';
import { workshop } from '../library/support/workshop.ts';
import { byCommand, byLibrary, type Told } from './support/faces.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const theirs = (...args: string[]): Told => byCommand(folder, ...args);

beforeAll(() => {
  folder = workshop();
}, 120_000);

const judgeBy = async (failOn: FailOn[], more: object = {}) => {
  const feed = openFeed(at('feed'));
  const image = await openImage(`dir:${at('image')}`);
  try {
    return await judge(readInventory(image), feed, { image, failOn, ...more });
  } finally {
    image.close();
    feed.close();
  }
};
const scan = (...args: string[]) => theirs('scan', 'dir:image', '--feed', 'feed', '--max-age', '0', ...args);

it.each<[number, string[], FailOn[], object]>([
  [0, [], [], {}],
  [1, ['--fail-on', 'any'], ['any'], {}],
  [0, ['--fail-on', 'critical', '--allow-unrated'], ['critical'], { allowUnrated: true }],
  [1, ['--fail-on', 'unrated'], ['unrated'], {}],
  [1, ['--fail-on', 'low,unrated'], ['low', 'unrated'], {}],
])('judge is scan: %i for %j', async (code, args, failOn, more) => {
  const command = scan(...args);
  expect(command[0]).toBe(code);
  expect(byLibrary(await judgeBy(failOn, more))).toEqual(command);
});

it('an option of a former version answers with the new one', async () => {
  await expect(judgeBy([], { failOnUnknown: true })).rejects.toMatchObject({
    where: 'judge(): options.failOnUnknown',
    remedy: "add 'unsettled' to failOn",
  });
});

it('judge names its own option where scan names a flag', async () => {
  await expect(judgeBy(['critical'])).rejects.toMatchObject({
    code: 'FEED_LACKS_SOURCE',
    message: expect.stringMatching(/^failOn critical needs ratings/),
    remedy: expect.stringContaining('accept with allowUnrated that'),
  });
});
