import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { project, scapfeed } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const work = temporaryFolder();
const at = (name: string) => join(work, name);
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }], at('feed'));
const shard = `feed/index/${readdirSync(at('feed/index')).find((name) => name.startsWith('debian-12'))}`;
for (const name of ['x', 'bom.json', 'image.tar', 'pass']) writeFileSync(at(name), name);
mkdirSync(at('layout/blobs/sha256'), { recursive: true });
for (const name of ['oci-layout', 'index.json', 'blobs/sha256/00']) writeFileSync(at(`layout/${name}`), '{}');
symlinkSync('x', at('soft'));
linkSync(at('x'), at('hard'));
symlinkSync('.', at('folder'));
const scan = (...more: string[]) => ['scan', 'dir:nowhere', '--feed', feed, ...more];

it.each([
  ['a VEX document', scan('--vex', at('x')), 'x'],
  ['a baseline', scan('--baseline', at('x')), 'x'],
  ['a policy', scan('--policy', at('x')), 'x'],
  ['a key', scan('--signed-by', at('x')), 'x'],
  ['a certificate', scan('--ca-file', at('x')), 'x'],
  ['by a symbolic link', scan('--vex', at('soft')), 'x'],
  ['a symbolic link', scan('--vex', at('x')), 'soft'],
  ['a hard link', scan('--vex', at('x')), 'hard'],
  ['by a folder that is a link', scan('--vex', at('x')), 'folder/x'],
  ['an SBOM', ['scan', `sbom:${at('bom.json')}`, '--feed', feed], 'bom.json'],
  ['an archive by its path', ['inventory', at('image.tar')], 'image.tar'],
  ['an archive with its form', ['verify', `docker-archive:${at('image.tar')}`], 'image.tar'],
  ['a list', ['inventory', '--targets', at('x')], 'x'],
  ['another result', ['compare', 'dir:nowhere', '--feed', feed, '--trivy', at('x')], 'x'],
  ['an inventory', ['diff', feed, feed, '--inventory', at('x')], 'x'],
  ['content', ['eval', 'dir:nowhere', '--content', at('x')], 'x'],
  ['results', ['report', at('x')], 'x', 'html'],
  ['content of a guide', ['guide', at('x')], 'x', 'html'],
  [
    'a passphrase of a role',
    [
      'publish',
      '--feed',
      feed,
      '--keys',
      work,
      '--to',
      at('site'),
      '--passphrase-file',
      `root=${at('pass')}`,
    ],
    'pass',
  ],
  ['a document', ['validate', at('x')], 'x'],
  ["a feed's manifest", scan(), 'feed/manifest.json'],
  ["a feed's shard", scan(), shard],
  ["an image's index", ['inventory', `oci:${at('layout')}`], 'layout/index.json'],
  ["an image's blob", ['inventory', at('layout')], 'layout/blobs/sha256/00'],
  ['content that is compiled', ['compile', at('x')], 'x', ''],
])('no report is written over %s', async (_, argv, file, format = 'json') => {
  const before = readFileSync(at(file));
  const { code, err } = await runHere([...argv, '-o', `${format}${format && '='}${at(file)}`]);
  expect(code, err).toBe(2);
  expect(err).toMatch(
    /^scapfeed: -o: the report would be written over \S+, (?:which this command reads as|a file of the) \S.*\[USAGE\]/,
  );
  expect(err).toContain(at(file));
  expect(readFileSync(at(file))).toEqual(before);
});

it('a report beside what a run reads is written, and written again', () => {
  copyFileSync(join(project, 'package.json'), at('package.json'));
  const again = () => scapfeed(['validate', at('package.json'), '-o', `json=${at('feed/report.json')}`]);
  expect([again().code, again().code]).toEqual([1, 1]);
  expect(JSON.parse(readFileSync(at('feed/report.json'), 'utf8'))).toBeTruthy();
});
