import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { exportTargets } from '../../src/export/targets.ts';
import { writeExports } from '../../src/export/write-exports.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { project, scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

it.each(['oval', 'ds'])(
  'a feed without what %s copies is refused before another target is written',
  async (name) => {
    const feed = openFeed(
      writeSmallFeed([
        {
          platform: bookworm,
          statements: [{ vulnerability: 'CVE-2024-1', package: 'bash', status: 'fixed', fixed: '1' }],
        },
      ]),
    );
    const root = temporaryFolder();
    const targets = exportTargets.filter((target) => target.name === 'debsecan' || target.name === name);
    const written = writeExports(root, { feed, targets, toolVersion: '1', progress: () => {} });
    await expect(written).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('no documents'),
    });
    expect(readdirSync(root)).toEqual([]);
    feed.close();
  },
);

const held = (path: string) =>
  readdirSync('/proc/self/fd').filter((each) => {
    try {
      return readlinkSync(join('/proc/self/fd', each)) === path;
    } catch {
      // That of the folder itself is closed by now.
      return false;
    }
  });

it.each([
  ['trivy', 'trivy/trivy.db'],
  ['osv', 'osv/osv-scalibr/Debian/all.zip'],
  ['clair', 'clair/updates.json.gz'],
])('on a full disk %s leaves no file open', async (name, file) => {
  const statements = [
    { vulnerability: 'CVE-2024-1', package: 'bash', status: 'affected', fixState: 'none_yet' },
  ] as const;
  const feed = openFeed(writeSmallFeed([{ platform: bookworm, statements }]));
  const root = temporaryFolder();
  mkdirSync(dirname(join(root, file)), { recursive: true });
  symlinkSync('/dev/full', join(root, file));
  const targets = exportTargets.filter((target) => target.name === name);
  const written = writeExports(root, { feed, targets, toolVersion: '1', progress: () => {} });
  await expect(written).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect.poll(() => held('/dev/full')).toEqual([]);
  feed.close();
});

it('OVAL has in its list what the build listed that OVAL cannot say', async () => {
  const root = temporaryFolder();
  const built = join(root, 'feed');
  const mirror = ['--mirror', join(project, 'feeds/sample'), '--unsigned-mirror', '--no-ratings'];
  expect(scapfeed(['build', '--source', 'debian', '--out', built, ...mirror])).toMatchObject({ code: 0 });
  const feed = openFeed(built);
  const targets = exportTargets.filter(({ name }) => name === 'oval');
  const [{ platforms } = { platforms: [] }] = await writeExports(root, {
    ...{ feed, targets, toolVersion: '1', progress: () => {} },
  });
  for (const { platform, entries, without } of platforms) {
    if (without !== undefined) continue;
    const list = JSON.parse(readFileSync(join(root, `oval/${platform}.inexact.json`), 'utf8')) as {
      entries: { cause: string }[];
    };
    expect(list.entries.length).toBeGreaterThan(0);
    expect(entries.map(({ cause }) => cause)).toEqual(
      [...new Set(list.entries.map(({ cause }) => cause))].sort(),
    );
  }
  expect(platforms.some(({ without }) => without === undefined)).toBe(true);
  feed.close();
});
