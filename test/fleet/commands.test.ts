import { expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { newEmbedded } from '../support/fleet.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

it('add, run, list and news work on a machine without a server', async () => {
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1'),
  });
  const feed = writeSmallFeed([
    {
      platform: bookworm,
      statements: [
        {
          vulnerability: 'CVE-2024-0001',
          package: 'a',
          status: 'affected',
          fixState: 'none_yet',
          severity: 'high',
        },
      ],
    },
  ]);
  const fleet = (name: string, ...args: string[]) =>
    scapfeed(['fleet', name, '--database', database, ...args]);
  const database = await newEmbedded();

  expect(fleet('add', image)).toMatchObject({ code: 0, out: 'added 1 image\n' });
  const run = fleet('run', '--feed', feed, '--max-age', '0');
  expect(run).toMatchObject({ code: 0, err: '' });
  expect(run.out).toContain('1 of 1 package judged');
  expect(fleet('list').out).toMatch(/debian-12 +0 +1 +0 .* judged\n1 image\n$/);
  const news = fleet('news', '-o', 'markdown');
  expect(news.out).toContain('**New in the fleet** (1)');
}, 120_000);
