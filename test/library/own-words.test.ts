import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  comply,
  isScapfeedError,
  judge,
  openFeed,
  openImage,
  readInventory,
  ScapfeedError,
} from '../../src/library/index.ts';
import { withParameters } from '../../src/library/parameters/own-words.ts';
import { rootWith, stanza } from '../support/cli.ts';
import { workshop } from './support/workshop.ts';

// An error names the parameters of the function that was called, not the options of a command.

const folder = workshop();

async function errorOf(work: Promise<unknown>): Promise<ScapfeedError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isScapfeedError(error)) throw error;
  return error;
}

it('of judge: its platform and its age', async () => {
  const feed = openFeed(join(folder, 'feed'));
  const root = rootWith({ 'var/lib/dpkg/status': stanza('bash', '5.2-2') });
  const inventory = readInventory(await openImage(`dir:${root}`));

  const unknown = await errorOf(judge(inventory, feed));
  const stale = await errorOf(
    judge(readInventory(await openImage(`dir:${join(folder, 'image')}`)), feed, { maxAge: 1 }),
  );

  expect([unknown.code, unknown.remedy]).toEqual([
    'PLATFORM_UNKNOWN',
    expect.stringMatching(/^specify it with platform;/),
  ]);
  expect([stale.code, stale.remedy]).toEqual(['FEED_STALE', expect.stringContaining(' with maxAge ')]);
  feed.close();
});

it('of comply: its content', async () => {
  const content = openFeed(join(folder, 'feed'));
  const error = await errorOf(comply(`dir:${join(folder, 'image')}`, { content }));
  expect(error.remedy).toMatch(/`scapfeed pull --content`.*, or specify a file with content$/);
  content.close();
});

it('of the platform: judgedAs, where platform chooses an image of an index', () => {
  const error = new ScapfeedError({ code: 'PLATFORM_UNKNOWN', message: 'no', remedy: 'with --platform' });
  withParameters(error, new Set(['platform', 'judgedAs']));
  expect(error.remedy).toBe('with judgedAs');
});

it('leaves whole commands, and options that the function does not have', () => {
  const remedy = 'run `scapfeed pull --max-age 3`, or with --max-age or --listen';
  const error = new ScapfeedError({ code: 'USAGE', message: 'no', remedy });
  withParameters(error, new Set(['maxAge']));
  expect(error.remedy).toBe('run `scapfeed pull --max-age 3`, or with maxAge or --listen');
});
