import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { runHere } from '../support/command.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const given = temporaryFolder('given');
const file = (path: string, text: string) => {
  mkdirSync(dirname(join(given, path)), { recursive: true });
  writeFileSync(join(given, path), text);
  return join(given, path);
};
const nobody = 'http://127.0.0.1:9/';
const root = file('root.json', '{"signed":{}}');
const broken = file('broken.json', '{"x":');
file('mirror/security-tracker.debian.org/tracker/data/json', '{\n');
const mirror = ['--mirror', join(given, 'mirror'), '--source', 'debian'];
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);

/** In place of HERE: an empty folder. */
const first: [string, string[]][] = [
  ['pull without a root', ['pull', '--from', nobody, '--out', 'HERE/a/feed']],
  ['pull with a root that is none', ['pull', '--from', nobody, '--trust-root', root, '--out', 'HERE/a/feed']],
  [
    'pull from a folder without a feed',
    ['pull', '--from', given, '--trust-root', root, '--out', 'HERE/a/feed'],
  ],
  [
    'pull of an export',
    [
      'pull',
      '--from',
      nobody,
      '--trust-root',
      root,
      '--export',
      'trivy',
      '--into',
      'HERE/b',
      '--out',
      'HERE/a/feed',
    ],
  ],
  [
    'build of what cannot be read',
    ['build', ...mirror, '--snapshots', 'HERE/a/kept', '--out', 'HERE/b/feed'],
  ],
  ['build that keeps its snapshots at home', ['build', ...mirror, '--out', 'HERE/b/feed']],
  ['publish of no feed', ['publish', '--feed', given, '--keys', 'HERE/k', '--to', 'HERE/a/public']],
  ['publish without keys', ['publish', '--feed', feed, '--keys', 'HERE/k', '--to', 'HERE/a/public']],
  ['import of what is no inventory', ['fleet', 'import', broken, '--database', 'HERE/a/db']],
  ['run without a feed', ['fleet', 'run', '--feed', given, '--database', 'HERE/a/db']],
  ['export of no feed', ['export', '--feed', given, '--to', 'trivy', '--out', 'HERE/a/db']],
  ['bundle of nothing', ['bundle', '--from', given, '--out', 'HERE/a/bundle.tar']],
];

it.each(first)('a first %s fails and leaves nothing behind, no folder either', async (_, argv) => {
  const here = temporaryFolder();
  const home = { HOME: here, XDG_CACHE_HOME: join(here, 'cache'), XDG_DATA_HOME: join(here, 'data') };
  const { code, err } = await runHere(
    argv.map((word) => word.replace('HERE', here)),
    home,
  );
  expect([2, 3], err).toContain(code);
  expect(readdirSync(here, { recursive: true })).toEqual([]);
});
