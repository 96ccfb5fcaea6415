import { appendFileSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/distros/builds.ts';
import { usualAssessmentSources } from '../../src/enrichment/index.ts';
import { buildFeed, type FeedBuildOptions } from '../../src/feed/build-feed.ts';
import { fetchedInputs, storedInputs } from '../../src/feed/inputs.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../src/sources/snapshots.ts';
import { temporaryFolder } from '../support/temporary.ts';

const mirror = resolve(import.meta.dirname, '../../feeds/sample');

/** The sample's Debian with everything that rates it. */
async function options(more: Partial<FeedBuildOptions> = {}): Promise<FeedBuildOptions> {
  const store = openSnapshotStore(temporaryFolder());
  const http = createHttp({ mirror, env: {} });
  const now = new Date('2026-11-24T12:00:00Z');
  const fetch = { http, now, unsignedMirror: true, progress: () => undefined };
  try {
    return {
      inputs: await fetchedInputs({ chosen: [sourceOf('debian')!], store }, fetch),
      assessments: await fetchedInputs({ chosen: usualAssessmentSources, store }, fetch),
      store,
      out: join(temporaryFolder(), 'feed'),
      oval: false,
      toolVersion: '0.0.0',
      program: 'this one',
      progress: () => undefined,
      ...more,
    };
  } finally {
    await http.close();
  }
}

const inode = ({ out }: FeedBuildOptions) => statSync(join(out, 'manifest.json')).ino;

describe('a build from the same inputs', () => {
  it('leaves the feed as it is, and gives the same account of it', async () => {
    const given = await options({ oval: true });
    const first = await buildFeed(given);
    const before = inode(given);

    const second = await buildFeed(given);

    expect(inode(given)).toBe(before);
    expect(second).toEqual(first);
  });

  it('leaves the feed as it is where they are read from what is at hand, without a fetch', async () => {
    const given = await options();
    await buildFeed(given);
    const before = inode(given);

    const { store } = given;
    await buildFeed({
      ...given,
      inputs: await storedInputs({ chosen: [sourceOf('debian')!], store }),
      assessments: await storedInputs({ chosen: usualAssessmentSources, store }),
    });

    expect(inode(given)).toBe(before);
  });

  it.each<[string, (given: FeedBuildOptions) => Partial<FeedBuildOptions>]>([
    ['another program', () => ({ program: 'another one' })],
    ['a program that is not known', ({ program: _, ...rest }) => rest],
    ['other platforms', () => ({ platforms: ['debian-12'] })],
    ['another form', () => ({ oval: true })],
    ['another date', () => ({ created: '2026-01-01T00:00:00Z' })],
    ['another order of ratings', () => ({ severityFrom: ['cna', 'nvd'] })],
    ['fewer sources', ({ assessments = [] }) => ({ assessments: assessments.slice(1) })],
    [
      'an input that is the last good one',
      ({ inputs: [first, ...others] }) => ({
        inputs: [
          { ...first!, snapshots: first!.snapshots.map((one) => ({ ...one, refused: 'FETCH_FAILED' })) },
          ...others,
        ],
      }),
    ],
  ])('is made anew with %s', async (_, change) => {
    const given = await options();
    await buildFeed(given);
    const before = inode(given);
    const changed = change(given);

    await buildFeed(
      'program' in changed || !('inputs' in changed && 'out' in changed)
        ? { ...given, ...changed }
        : (changed as FeedBuildOptions),
    );

    expect(inode(given)).not.toBe(before);
  });

  it.each<[string, (file: string) => void]>([
    ['longer', (file) => appendFileSync(file, '\n')],
    ['touched', (file) => utimesSync(file, 1, 1)],
  ])('is made anew when a file of the feed is %s', async (_, change) => {
    const given = await options();
    const { manifest } = await buildFeed(given);
    const file = join(given.out, 'index/ratings.jsonl');
    change(file);

    expect((await buildFeed(given)).manifest).toEqual(manifest);

    expect(statSync(file).mtimeMs).toBeGreaterThan(2000);
    expect(readFileSync(file, 'utf8')).not.toMatch(/\n\n$/);
  });
});
