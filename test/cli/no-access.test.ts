import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { project, rootWith } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const closed = temporaryFolder();
const unwritable = temporaryFolder();
const at = (name: string) => join(closed, name);
const root = `dir:${rootWith({ 'etc/os-release': 'ID=debian\n' })}`;

beforeAll(() => {
  for (const folder of ['feed', 'exports', 'layout']) mkdirSync(at(folder));
  writeSmallFeed([{ platform: bookworm, statements: [] }], at('feed'));
  for (const name of ['root.json', 'content.xml', 'image.tar', 'layout/oci-layout', 'layout/index.json'])
    writeFileSync(at(name), '{}');
  chmodSync(closed, 0);
  chmodSync(unwritable, 0o500);
});
afterAll(() => chmodSync(closed, 0o700));

/** As a user to whom the modes of folders apply: of root, without the right to pass them over. */
function asUser(args: readonly string[], home = noHome()): { code: number | null; err: string } {
  const bound = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];
  const command = [
    ...(process.getuid?.() === 0 ? bound : []),
    process.execPath,
    join(project, 'dist/cli.cjs'),
  ];
  const { status, stderr } = spawnSync(command[0]!, [...command.slice(1), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: home, TZ: 'UTC' },
  });
  return { code: status, err: stderr };
}

it.each([
  ['build', '--snapshots', ['build', '--mirror', at('mirror'), '--out', join(temporaryFolder(), 'built')]],
  ['pull', '--out', ['pull', '--from', project, '--trust-root', join(project, 'package.json')]],
])('%s in a home that cannot be written names the option for another folder', (_, option, args) => {
  const { code, err } = asUser(args, unwritable);
  expect(err).toMatch(
    new RegExp(
      `EACCES.*\\[OUTPUT_NOT_WRITABLE\\][^]*next: free space or grant access, or specify another folder with ${option} DIR`,
    ),
  );
  expect(code).toBe(2);
});

it.each([
  ['a feed', 3, 'FEED_MISSING', ['scan', root, '--feed', at('feed')]],
  [
    'a trust root',
    3,
    'TRUST_ROOT_MISSING',
    ['pull', '--from', project, '--trust-root', at('root.json'), '--out', at('out')],
  ],
  ['content of comply', 3, 'CONTENT_MISSING', ['comply', root, '--content', at('content.xml')]],
  ['content of eval', 3, 'CONTENT_MISSING', ['eval', root, '--content', at('content.xml')]],
  ['an archive', 2, 'IMAGE_UNREADABLE', ['inventory', at('image.tar')]],
  ['a layout', 2, 'IMAGE_UNREADABLE', ['inventory', `oci:${at('layout')}`]],
])('%s in a folder that is closed to the user is not called missing', (_, code, word, args) => {
  const ended = asUser(args);
  expect(ended.err).toMatch(
    new RegExp(
      `cannot be read: permission denied \\(EACCES\\) \\[${word}\\][^]*next: run as a user who may read it`,
    ),
  );
  expect(ended.code).toBe(code);
});
