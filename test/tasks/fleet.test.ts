import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { addToFleet, fleetNews, openFeed, openFleet, runFleet } from '../../src/library/index.ts';
import { workshop } from '../library/support/workshop.ts';
import { putStores } from '../support/fleet.ts';
import { byCommand, byLibrary, type Told } from './support/faces.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const theirs = (...args: string[]): Told => byCommand(folder, ...args);

beforeAll(async () => {
  folder = workshop();
  await putStores(...['theirs', 'ours'].map(at));
}, 120_000);

it('runFleet is fleet run', async () => {
  const fleet = await openFleet(at('ours'));
  const feed = openFeed(at('feed'));
  const night = ['fleet', 'run', '--database', 'theirs', '--feed', 'feed', '--max-age', '0'];
  const empty = theirs(...night, '--allow-unrated');
  const ofNone = await runFleet(fleet, feed, { allowUnrated: true });
  expect([empty[0], byLibrary(ofNone)]).toEqual([4, empty]);
  theirs('fleet', 'add', '--database', 'theirs', 'oci:layout:1');
  await addToFleet(fleet, { images: [`oci:${at('layout')}:1`] });
  const command = theirs(...night, '--fail-on-new', 'low', '--allow-unrated');
  expect(byLibrary(await runFleet(fleet, feed, { failOnNew: 'low', allowUnrated: true }))).toEqual(command);
  const newsOf = ['fleet', 'news', '--database', 'theirs', '--fail-on-new', 'low'];
  expect(byLibrary(await fleetNews(fleet, { failOnNew: 'low' }))).toEqual(theirs(...newsOf));
  expect(byLibrary(await fleetNews(fleet, { failOnNew: 'low', allowUnrated: true }))).toEqual(
    theirs(...newsOf, '--allow-unrated'),
  );
  await expect(runFleet(fleet, feed, { failOnNew: 'low' })).rejects.toMatchObject({
    code: 'FEED_LACKS_SOURCE',
    message: expect.stringMatching(/^failOnNew low needs ratings/),
  });
  await fleet.close();
  feed.close();
}, 300_000);
