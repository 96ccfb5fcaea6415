import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project, rootWith, scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const statements = [
  { vulnerability: 'CVE-2024-1', package: 'bash', status: 'fixed', fixed: '5.3-1' },
] as const;
const good = writeSmallFeed([{ platform: bookworm, statements }]);
const root = `dir:${rootWith({ 'etc/os-release': 'ID=debian\n' })}`;
const scan = ['scan', root, '--feed', good, '--max-age', '0'];

const inFeed = (path: string, args: (feed: string) => string[]) => (make: (file: string) => void) => {
  const feed = join(temporaryFolder(), 'feed');
  cpSync(good, feed, { recursive: true });
  rmSync(join(feed, path));
  make(join(feed, path));
  return args(feed);
};
const named = (args: (file: string) => string[]) => (make: (file: string) => void) => {
  const file = join(temporaryFolder(), 'named');
  make(file);
  return args(file);
};

/** Arguments by command: `make` puts something other than a file in the file's place. */
const commands: Record<string, (make: (file: string) => void) => string[]> = {
  'scan: a policy': named((file) => [...scan, '--policy', file]),
  'scan: a baseline': named((file) => [...scan, '--baseline', file]),
  'scan: settings': named((file) => [...scan, '--config', file]),
  'scan: a list of images': named((file) => ['scan', '--targets', file, '--feed', good, '--max-age', '0']),
  'scan: an SBOM': named((file) => ['scan', `sbom:${file}`, '--feed', good, '--max-age', '0']),
  'scan: a manifest': inFeed('manifest.json', (feed) => ['scan', root, '--feed', feed]),
  'scan: a shard': inFeed('index/debian-12.jsonl', (feed) => [...scan, '--feed', feed]),
  'policy check': named((file) => ['policy', 'check', file]),
  'comply: content': named((file) => ['comply', root, '--content', file]),
  'eval: content': named((file) => ['eval', root, '--content', file]),
  'report: results': named((file) => ['report', file]),
  'validate: a document': named((file) => ['validate', file]),
  'validate: a manifest': inFeed('manifest.json', (feed) => ['validate', feed]),
  'feeds: a manifest': inFeed('manifest.json', (feed) => ['feeds', '--feed', feed]),
  'diff: a manifest': inFeed('manifest.json', (feed) => ['diff', good, feed]),
  'diff: a shard': inFeed('index/debian-12.jsonl', (feed) => ['diff', good, feed]),
  'export: a shard': inFeed('index/debian-12.jsonl', (feed) => [
    ...['export', '--feed', feed, '--to', 'trivy', '--out', join(temporaryFolder(), 'out')],
  ]),
  'explain: a shard': inFeed('index/debian-12.jsonl', (feed) => [
    ...['explain', 'CVE-2024-1', 'bash', '--platform', 'debian-12', '--feed', feed],
  ]),
  'publish: a manifest': inFeed('manifest.json', (feed) => [
    ...['publish', '--feed', feed, '--to', join(temporaryFolder(), 'public')],
  ]),
  'publish: sentinels': named((file) => [
    ...['publish', '--feed', good, '--to', join(temporaryFolder(), 'public'), '--sentinels', file],
  ]),
  'pull: a trust root': named((file) => ['pull', '--from', good, '--trust-root', file]),
};
const cases = Object.entries(commands);

/** No word of the system alone: what, its code, the place. */
function isTold(code: number | null, err: string): void {
  expect(err).not.toMatch(/EISDIR|illegal operation|\[INTERNAL\]|EACCES: /);
  expect(err).toMatch(/\[[A-Z_]+\]\n(?:scapfeed: .*\n)? {2}at: .+/);
  expect([1, 2, 3, 4], err).toContain(code);
}

it.each(cases)('%s: a folder in its place', (_, args) => {
  const { code, err } = scapfeed(args((file) => mkdirSync(file)));
  isTold(code, err);
});

it.each(cases)('%s: nothing in its place', (_, args) => {
  const { code, err } = scapfeed(args((file) => expect(existsSync(file)).toBe(false)));
  isTold(code, err);
});

/** As a user to whom modes apply: of root, without the right to pass them over. */
function asUser(args: readonly string[]) {
  const bound = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];
  const [command, ...rest] = [
    ...(process.getuid?.() === 0 ? bound : []),
    ...[process.execPath, join(project, 'dist/cli.cjs'), ...args],
  ];
  const env = { PATH: process.env['PATH'], HOME: noHome(), TZ: 'UTC' };
  return spawnSync(command!, rest, { encoding: 'utf8', env });
}

describe('a file that is closed to the user', () => {
  it.each(cases)('%s', (_, args) => {
    const { status, stderr } = asUser(
      args((file) => {
        writeFileSync(file, '{}');
        chmodSync(file, 0);
      }),
    );
    isTold(status, stderr);
  });
});
