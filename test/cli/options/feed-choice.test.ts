import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const flaw = { package: 'a', status: 'affected', fixState: 'none_yet', severity: 'high' } as const;

/** A machine whose user pulled a signed feed with one flaw, and a checkout that brings a forged, clean feed in `out`. */
const home = temporaryFolder();
const checkout = temporaryFolder();
const pulled = join(home, '.local/share/scapfeed/feed');
const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('a', '1'),
});
const env = { HOME: home, SCAPFEED_PASSPHRASE: 'a long phrase for a test' };

beforeAll(() => {
  const feed = writeSmallFeed([
    { platform: bookworm, statements: [{ vulnerability: 'CVE-2024-0001', ...flaw }] },
  ]);
  for (const args of [
    ['keys', 'make', '--keys', join(home, 'keys')],
    ['publish', '--feed', feed, '--keys', join(home, 'keys'), '--to', join(home, 'public')],
    ['pull', '--from', join(home, 'public'), '--trust-root', join(home, 'keys/1.root.json')],
  ]) {
    const { code, err } = scapfeed(args, env);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`);
  }
  const forged = writeSmallFeed([{ platform: bookworm, statements: [] }]);
  cpSync(forged, join(checkout, 'out'), { recursive: true });
}, 60_000);

const scan = (args: string[] = [], more: Record<string, string> = {}) =>
  scapfeed(['scan', image, '--max-age', '0', '--allow-uncovered', ...args], { ...env, ...more }, checkout);

describe('a checkout that brings a feed of its own in ./out', () => {
  it('is judged by the feed that was pulled, and the result names it and says that it is signed', () => {
    const { out } = scan(['--fail-on', 'high', '--allow-unrated']);

    expect(out).toContain('CVE-2024-0001');
    expect(out).toContain(`feed ${pulled} (signed: came by pull)\n`);
    expect(JSON.parse(scan(['-o', 'json']).out).feed).toMatchObject({
      directory: pulled,
      chosen: 'pulled',
      signed: true,
    });
  });

  it('is not taken either where the pulled feed is damaged', () => {
    const other = temporaryFolder();
    cpSync(join(home, '.local'), join(other, '.local'), { recursive: true, verbatimSymlinks: true });
    rmSync(join(other, '.local/share/scapfeed/.feed.feeds'), { recursive: true });

    expect(scan([], { HOME: other })).toMatchObject({
      code: 3,
      err: expect.stringContaining('FEED_MISSING'),
    });
  });

  it('is taken where it is named, and is not signed', () => {
    expect(scan(['--feed', 'out']).out).toContain(`feed ${join(checkout, 'out')} (not signed)\n`);
    expect(scan([], { SCAPFEED_FEED: 'out' }).out).toContain(`feed ${join(checkout, 'out')} (not signed)\n`);
  });

  it('is taken where nothing was pulled, and the header says so', () => {
    const { out } = scan([], { HOME: temporaryFolder() });

    expect(out).toContain(
      `feed ${join(checkout, 'out')} (not signed: ./out of the working directory, since no feed was pulled)\n`,
    );
  });

  it('is no feed of another user where it is own and has no manifest: the demo leaves such a folder', () => {
    const own = temporaryFolder();
    mkdirSync(join(own, 'out/demo'), { recursive: true });

    const { code, err } = scapfeed(['scan', image], { HOME: temporaryFolder() }, own);
    expect(code).toBe(3);
    expect(err).toContain('scapfeed config set feed https://HOST/PATH');
    expect(err).not.toContain('another user');
  });

  it.skipIf(process.getuid?.() !== 0)('is refused where it is of another user', () => {
    const theirs = temporaryFolder();
    cpSync(join(checkout, 'out'), join(theirs, 'out'), { recursive: true });
    chownSync(join(theirs, 'out'), 12_345, 12_345);
    const run = (...args: string[]) =>
      scapfeed(
        ['scan', image, '--max-age', '0', '--allow-uncovered', ...args],
        { HOME: temporaryFolder() },
        theirs,
      );

    expect(run()).toMatchObject({
      code: 3,
      err: expect.stringContaining('belongs to another user [FEED_MISSING]'),
    });
    expect(run('--feed', 'out').code).toBe(0);
  });
});

describe('what only looks pulled', () => {
  it('is not signed: a folder, or a trust that others can write to', () => {
    const copy = temporaryFolder();
    cpSync(join(home, '.local/share/scapfeed'), copy, { recursive: true, verbatimSymlinks: true });
    const signed = () => JSON.parse(scan(['-o', 'json', '--feed', join(copy, 'feed')]).out).feed.signed;

    expect(signed()).toBe(true);
    chmodSync(join(copy, '.feed.trust'), 0o777);
    expect(signed()).toBe(false);
    chmodSync(join(copy, '.feed.trust'), 0o755);
    rmSync(join(copy, '.feed.trust/timestamp.json'));
    expect(signed()).toBe(false);
  });

  it('is no longer signed once its owner has edited the manifest, until the next pull', () => {
    const copy = temporaryFolder();
    const options = ['--from', join(home, 'public'), '--out', join(copy, 'feed')];
    const pull = () => scapfeed(['pull', ...options, '--trust-root', join(home, 'keys/1.root.json')], env);
    const signed = () => JSON.parse(scan(['-o', 'json', '--feed', join(copy, 'feed')]).out).feed.signed;
    expect(pull().code).toBe(0);
    expect(signed()).toBe(true);

    const manifest = join(copy, 'feed/manifest.json');
    const text = readFileSync(manifest, 'utf8');
    for (const edited of [text.replace('bookworm)', 'bookworm, ours)'), `${text}\n`]) {
      writeFileSync(manifest, edited);
      expect(signed()).toBe(false);
      expect(scan(['--feed', join(copy, 'feed')]).out).not.toContain('(signed');
      expect(pull().code).toBe(0);
      expect(signed()).toBe(true);
      expect(readFileSync(manifest, 'utf8')).toBe(text);
    }
  }, 60_000);

  it('in ./out of the working directory is never signed', () => {
    const forged = temporaryFolder();
    cpSync(join(home, '.local/share/scapfeed/.feed.feeds'), join(forged, '.out.feeds'), { recursive: true });
    mkdirSync(join(forged, 'out'));
    cpSync(join(checkout, 'out'), join(forged, 'out'), { recursive: true });
    cpSync(join(home, '.local/share/scapfeed/.feed.trust'), join(forged, '.out.trust'), { recursive: true });

    const { out } = scapfeed(['feeds', '-o', 'json'], { HOME: temporaryFolder() }, forged);
    expect(JSON.parse(out).feed).toMatchObject({ chosen: 'working_directory', signed: false });
  });
});

it('feeds, scan and explain all name the feed and whether it is signed', () => {
  const run = (...args: string[]) => scapfeed(args, env, checkout);
  const told = `feed ${pulled} (signed: came by pull)\n`;

  expect(run('feeds').out).toContain(told);
  expect(JSON.parse(run('feeds', '-o', 'json').out).feed).toMatchObject({ directory: pulled, signed: true });
  expect(run('explain', image, 'CVE-2024-0001', 'a', '--max-age', '0').out).toContain(told);
});
