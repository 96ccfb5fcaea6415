import { mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { exportTargets } from '../../src/export/targets.ts';
import { writeExports } from '../../src/export/write-exports.ts';
import { openFeed } from '../../src/runtime/index.ts';
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
