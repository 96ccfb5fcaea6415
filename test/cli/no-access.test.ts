import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { debianRelease, project, rootWith, stanza } from '../support/cli.ts';
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

it('a file of a feed, and an SBOM, that this user may not read are no damaged ones', () => {
  const statements = [
    { vulnerability: 'CVE-2024-1', package: 'bash', status: 'fixed', fixed: '5.3-1' },
  ] as const;
  const feed = writeSmallFeed([{ platform: bookworm, statements }]);
  const shard = join(feed, 'index/debian-12.jsonl');
  const sbom = join(temporaryFolder(), 'sbom.json');
  writeFileSync(sbom, '{"bomFormat":"CycloneDX","specVersion":"1.6"}');
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('bash', '5.2-1'),
  });
  for (const path of [shard, sbom]) chmodSync(path, 0);
  for (const [subject, expected] of [
    [`dir:${image}`, 3],
    [`sbom:${sbom}`, 2],
  ] as const) {
    const { code, err } = asUser(['scan', subject, '--feed', feed, '--max-age', '0']);
    expect([code, err]).toEqual([
      expected,
      expect.stringMatching(/cannot be read: permission denied.*next: run as a user/s),
    ]);
  }
});

it('a folder that cannot be searched is no folder without packages of languages, whatever the feed judges', () => {
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('bash', '5.2-1'),
    'app/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
  });
  const statements = [
    { vulnerability: 'CVE-2024-1', package: 'bash', status: 'fixed', fixed: '5.1-1' },
  ] as const;
  const feed = writeSmallFeed([{ platform: bookworm, statements }]);
  const scan = (...more: string[]) =>
    asUser(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', ...more]).code;
  const codes = () => [
    scan(),
    scan('--languages', 'npm'),
    scan('--fail-on', 'unjudged'),
    scan('--fail-on', 'unjudged', '--allow-uncovered'),
  ];

  expect(codes()).toEqual([0, 4, 1, 1]);
  chmodSync(join(image, 'app/node_modules/lodash/package.json'), 0);
  expect(codes()).toEqual([0, 4, 4, 0]);
  chmodSync(join(image, 'app'), 0);
  expect(codes()).toEqual([0, 4, 4, 0]);
  chmodSync(join(image, 'app'), 0o700);
});
