import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const file = join(folder, 'file');
writeFileSync(file, 'kept');
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
const build = ['build', '--mirror', 'sample:', '--source', 'debian', '--no-ratings'];
const snapshots = ['--snapshots', join(folder, 'snapshots')];

/** Arguments by command: a file, or a path below one, in place of a folder. */
const commands: Record<string, (place: string) => string[]> = {
  'export --out': (place) => ['export', '--feed', feed, '--to', 'trivy', '--out', place],
  'build --out': (place) => [...build, ...snapshots, '--out', place],
  'build --exports': (place) => [
    ...[...build, ...snapshots, '--out', join(folder, 'out')],
    ...['--export', 'trivy', '--exports', place],
  ],
  'build --snapshots': (place) => [...build, '--snapshots', place, '--out', join(folder, 'out')],
  'fleet list --database': (place) => ['fleet', 'list', '--database', place],
  'fleet run --database': (place) => ['fleet', 'run', '--database', place, '--feed', feed, '--max-age', '0'],
};

it.each(
  Object.entries(commands).flatMap(([name, args]) => [
    [name, 'a file', args(file)] as const,
    [name, 'a path below a file', args(join(file, 'below'))] as const,
  ]),
)('%s with %s says that it is no folder, before the work', (_, __, args) => {
  const { code, err } = scapfeed(args);

  expect(err).toMatch(
    /^scapfeed: .*file is a file, not a folder \[(?:OUTPUT_NOT_WRITABLE|DATABASE_UNUSABLE)\]\n {2}at: .*\n {2}next: .*specify .*--(?:out|database|snapshots)/,
  );
  expect(err).not.toMatch(/ENOTDIR|EEXIST|staging|reading|fetching/);
  expect(code).toBe(2);
  expect(readFileSync(file, 'utf8')).toBe('kept');
});

it.each([
  ['keys of a file', ['keys', 'list', '--keys', file], 'SYSTEM_REFUSED'],
  [
    'a feed that is pulled below a file',
    ['pull', '--from', folder, '--out', join(file, 'below')],
    'SYSTEM_REFUSED',
  ],
  [
    'a report below a file',
    ['feeds', '--feed', feed, '-o', `json=${join(file, 'below')}`],
    'OUTPUT_NOT_WRITABLE',
  ],
])('%s: the file is named', (_, args, error) => {
  const { code, err } = scapfeed(args);

  expect(err).toContain(`${file} is a file, not a folder [${error}]`);
  expect(code).toBe(2);
});

it.each([
  ['data streams', ['--export', 'trivy,ds'], 'add --scap, or omit ds'],
  ['OVAL', ['--export', 'oval', '--no-oval'], 'omit one of them'],
])('build of an export of %s that it would not write is refused before the work', (_, args, remedy) => {
  const { code, err } = scapfeed([...build, ...snapshots, '--out', join(folder, 'out'), ...args]);

  expect(err).toMatch(/^scapfeed: --export .* \[USAGE\]\n {2}next: /);
  expect(err).toContain(remedy);
  expect(code).toBe(2);
});
