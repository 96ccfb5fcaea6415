import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let feed: string;

beforeAll(() => {
  const repaired = { status: 'fixed', fixed: '2', severity: 'high' } as const;
  feed = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map([['a', { version: '1', binaries: [] }]]) },
      statements: [{ ...repaired, vulnerability: 'CVE-2024-0001', package: 'a' }],
    },
  ]);
});

/** Runs examples/library/judge.mjs on an image with these packages, as its head says. */
function judged(
  release: string,
  status: string,
  days = '100000',
): { code: number | null; out: string; err: string } {
  const image = rootWith({ 'etc/os-release': release, 'var/lib/dpkg/status': status });
  const inventory = join(folder, 'inventory.json');
  expect(scapfeed(['inventory', image, '-o', `json=${inventory}`]).code).toBe(0);
  const example = join(project, 'examples/library/judge.mjs');
  const {
    status: code,
    stdout,
    stderr,
  } = spawnSync(process.execPath, [example, feed, inventory, days], {
    encoding: 'utf8',
  });
  return { code, out: stdout, err: stderr };
}

describe('examples/library', () => {
  const debian = debianRelease('12', 'bookworm');

  it('prints a flaw that has a fix, exit code 1', () => {
    expect(judged(debian, stanza('a', '1'))).toMatchObject({ code: 1, out: 'CVE-2024-0001 a 1 -> 2\n' });
  });

  it('says nothing of a clean image, exit code 0', () => {
    expect(judged(debian, stanza('a', '2'))).toMatchObject({ code: 0, out: '' });
  });

  it('does not call an image clean whose packages are not all covered, exit code 4', () => {
    expect(judged(debian, stanza('a', '2') + stanza('foreign', '1'))).toMatchObject({
      code: 4,
      out: "not judged: foreign 1: not_covered (the feed's list of packages of debian-12 has no source foreign)\ngap: uncovered_packages: 1 without data in this feed\n",
    });
  });

  it('refuses vendor data older than the limit, exit code 3', () => {
    expect(judged(debian, stanza('a', '1'), '0.001')).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('[FEED_STALE]'),
    });
  });

  it('names what the feed has no data for, exit code 4', () => {
    expect(judged(debianRelease('9', 'stretch'), stanza('a', '1'))).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringMatching(/debian-9.*\[PLATFORM_NOT_COVERED\]/),
    });
  });
});
