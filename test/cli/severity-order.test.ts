import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Manifest } from '../../src/model/index.ts';
import { joinParts } from '../../src/publish/feed/join.ts';
import { readFeedManifest, splitFeed } from '../../src/publish/feed/part.ts';
import { project, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

it("a feed's own order of ratings is in its manifest, made again by rebuild, and kept by a publish", () => {
  const folder = temporaryFolder();
  const feed = join(folder, 'feed');
  const common = ['--snapshots', join(folder, 'snapshots')];
  const built = scapfeed([
    ...['build', '--source', 'debian', '--mirror', join(project, 'feeds/sample'), '--unsigned-mirror'],
    ...['--severity-from', 'nvd,vendor', '--no-oval', '--out', feed],
    ...common,
  ]);
  expect([built.code, built.err]).toEqual([0, expect.any(String)]);
  expect(readFeedManifest(feed).severityFrom).toEqual(['nvd', 'vendor']);

  expect(scapfeed(['rebuild', '--verify', feed, ...common]).code).toBe(0);

  const parts = splitFeed(feed, { oval: false, content: false }).map((part) => ({
    platform: part.platform,
    manifest: part.manifest,
    files: new Map(part.manifest.outputs.map(({ path }) => [path, part.file(path)])),
  }));
  const joined = JSON.parse(String(joinParts(parts).get('manifest.json'))) as Manifest;
  expect(joined.severityFrom).toEqual(['nvd', 'vendor']);
});
