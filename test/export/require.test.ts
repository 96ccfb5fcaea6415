import { readdirSync } from 'node:fs';
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
