import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = resolve(import.meta.dirname, '../../feeds/sample');
const tracker = 'security-tracker.debian.org/tracker/data/json';

describe('three nights from a mirror, in a home of their own', () => {
  let home: string;
  const at = (name: string) => join(home, name);
  const run = (...args: string[]) => scapfeed(args, { XDG_CACHE_HOME: at('cache') });

  beforeAll(() => {
    home = temporaryFolder();
    cpSync(sample, at('mirror'), { recursive: true });
    for (const at of [1, 2, 3]) night(at);
  });

  it('each feed is proved, the older ones too, without being told where their snapshots are', () => {
    for (const feed of ['feed-1', 'feed-2', 'feed-3']) {
      const { code, out, err } = run('validate', '--rebuild', at(feed));
      expect(code, err).toBe(0);
      expect(out).toContain('every byte the same');
    }
  });

  it('explain finds the documents of an older feed', () => {
    const image = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('libc6', '2.36-9+deb12u3', { Source: 'glibc' }),
    });
    const { out } = run(
      'explain',
      `dir:${image}`,
      'CVE-2025-4802',
      'libc6',
      '--feed',
      at('feed-1'),
      '--max-age',
      '0',
    );
    expect(out).toMatch(/record +\{.*"fixed_version":"2\.36-9\+deb12u11"/);
  });

  it('snapshots lists them, newest first', () => {
    const { out, code } = run('snapshots', '-o', 'json');
    const [store] = (
      JSON.parse(out) as { stores: { store: string; feeds: { built: string; sources: string[] }[] }[] }
    ).stores;
    expect(code).toBe(0);
    expect(store!.store).toMatch(/snapshots-of-[0-9a-f]{12}$/);
    expect(store!.feeds.map(({ sources }) => sources)).toEqual([['debian'], ['debian'], ['debian']]);
    const built = store!.feeds.map((feed) => feed.built);
    expect(built).toEqual([...built].sort().reverse());
    expect(run('snapshots').out).toMatch(/3 feeds can be made again\nLAST BUILT +SOURCES +INPUTS +SIZE/);
  });

  it('prunes by count, and never the newest', () => {
    expect(run('snapshots', '--prune', '--keep', '2').out).toMatch(
      /2 feeds .*\n[\s\S]*removed: 1 feed, 1 file/,
    );
    expect(run('validate', '--rebuild', at('feed-1'))).toMatchObject({
      code: 3,
      err: expect.stringMatching(/SNAPSHOT_MISSING[\s\S]*scapfeed snapshots/),
    });
    expect(run('validate', '--rebuild', at('feed-2')).code).toBe(0);
    ageAll();
    expect(run('snapshots', '--prune', '--days', '60').out).toMatch(/removed: 1 feed, 1 file/);
    expect(run('validate', '--rebuild', at('feed-2')).code).toBe(3);
    expect(run('validate', '--rebuild', at('feed-3')).code).toBe(0);
  });

  it('a build with --keep 1 leaves its own', () => {
    night(4, '--keep', '1');
    expect(run('validate', '--rebuild', at('feed-3')).code).toBe(3);
    expect(run('validate', '--rebuild', at('feed-4')).code).toBe(0);
  });

  /** Each night Debian corrects one version. */
  function night(number: number, ...more: string[]): void {
    const file = join(at('mirror'), tracker);
    const text = readFileSync(join(sample, tracker), 'utf8');
    writeFileSync(file, text.replaceAll('2.36-9+deb12u11', `2.36-9+deb12u1${number}`));
    // Conditional requests to a folder go by dates of whole seconds.
    rmSync(at('mirror/last-modified.json'), { force: true });
    utimesSync(file, 1_790_000_000 + number, 1_790_000_000 + number);
    const out = ['--no-oval', '--out', at(`feed-${number}`)];
    const args = [
      'build',
      '--source',
      'debian',
      '--no-ratings',
      '--mirror',
      at('mirror'),
      '--unsigned-mirror',
      ...out,
      ...more,
    ];
    const { code, err } = run(...args);
    expect(code, err).toBe(0);
  }

  function ageAll(): void {
    const { stores } = JSON.parse(run('snapshots', '-o', 'json').out) as { stores: { store: string }[] };
    for (const { store } of stores) {
      for (const file of readdirSync(join(store, 'feeds'))) {
        const name = join(store, 'feeds', file);
        const feed = JSON.parse(readFileSync(name, 'utf8')) as { built: string };
        const built = new Date(Date.parse(feed.built) - 61 * 86_400_000).toISOString();
        writeFileSync(name, JSON.stringify({ ...feed, built }));
      }
    }
  }
});

describe('validate --rebuild of a feed that changed after it was built', () => {
  const home = temporaryFolder();
  const feed = join(home, 'feed');
  const env = { XDG_CACHE_HOME: join(home, 'cache') };
  const rebuild = (copy: string) => scapfeed(['validate', '--rebuild', copy], env);

  beforeAll(() => {
    const from = [
      '--source',
      'debian',
      '--no-ratings',
      '--platform',
      'debian-12',
      '--mirror',
      sample,
      '--unsigned-mirror',
    ];
    const { code, err } = scapfeed(['build', ...from, '--out', feed], env);
    expect(code, err).toBe(0);
    expect(rebuild(feed)).toMatchObject({ code: 0, out: expect.stringContaining('every byte the same') });
  });

  it.each([
    ['a byte of a shard changed', 'index/debian-12.jsonl', flipByte],
    ['junk appended to OVAL', 'oval/debian-12.oval.xml', (file: string) => appendFileSync(file, 'junk')],
    ['a file deleted', 'index/advisories.jsonl', (file: string) => rmSync(file)],
    ['a file added', 'oval/extra.xml', (file: string) => writeFileSync(file, '<oval/>')],
    [
      'a pipe in the place of a file',
      'index/advisories.jsonl',
      (file: string) => {
        rmSync(file);
        execFileSync('mkfifo', [file]);
      },
    ],
  ])('%s: the feed is not proved, and the file is named', (_, path, damage) => {
    const copy = join(temporaryFolder(), 'feed');
    cpSync(feed, copy, { recursive: true });
    damage(join(copy, path));
    const { code, out, err } = rebuild(copy);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/1 file of the feed changed after it was built: .*\[REBUILD_DIFFERS\]/);
    expect(err).toContain(path);
  });
});

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
}
