import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { deb } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runCli } from './support/cli.ts';
import { ovalText } from './support/documents.ts';
import { addOutput } from './support/feed-files.ts';
import { writeNight } from './support/publisher.ts';

const home = temporaryFolder();
const env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data'), SCAPFEED_FEED: '' };
const at = (name: string) => join(home, name);
/** Away from the project: nothing there is taken for a feed that was built. */
const scapfeed = (...args: string[]) => runCli(args, { env, cwd: home });

describe('from a feed to another machine and back to a diff', () => {
  const old = writeNight(300);
  const now = writeNight(300, { 'package-0007': '2.0-1' });

  it('keys, publish, pull, a second night, a bundle', async () => {
    expect((await scapfeed('keys', 'make')).out).toMatch(/root 1 is signed/);
    expect(await scapfeed('publish', '--feed', old, '--to', at('public'))).toMatchObject({
      code: 0,
      err: '',
    });
    const root = at('public/metadata/1.root.json');
    expect((await scapfeed('pull', '--from', at('public'), '--trust-root', root)).out).toMatch(
      /debian-12 .*whole/,
    );
    expect((await scapfeed('publish', '--feed', now, '--to', at('public'))).out).toMatch(
      /debian-12 .*1 now fixed/,
    );
    expect((await scapfeed('pull', '--from', at('public'))).out).toMatch(/debian-12 .*delta/);
    expect((await scapfeed('bundle', '--from', at('public'), '--out', at('feed.bundle'))).code).toBe(0);
    expect(
      (await scapfeed('pull', '--from', at('feed.bundle'), '--trust-root', root, '--out', at('gap/feed')))
        .code,
    ).toBe(0);
  });

  it('a scan that names no feed judges by what was pulled', async () => {
    const image = at('image');
    mkdirSync(join(image, 'etc'), { recursive: true });
    mkdirSync(join(image, 'var/lib/dpkg'), { recursive: true });
    writeFileSync(join(image, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\n');
    const status = ['package-0007', 'package-0008'].map(
      (name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.5-1\n`,
    );
    writeFileSync(join(image, 'var/lib/dpkg/status'), `${status.join('\n')}\n`);
    const scan = (...args: string[]) => scapfeed('scan', `dir:${image}`, '--max-age', '0', ...args);
    const byPulled = await scan('-o', 'json');
    expect(byPulled.code, byPulled.err).toBe(0);
    const { feed, ...byBuilt } = JSON.parse((await scan('-o', 'json', '--feed', now)).out);
    expect(JSON.parse(byPulled.out)).toMatchObject({ ...byBuilt, feed: { created: feed.created } });
    expect(byBuilt.verdicts.map(({ vulnerability }: { vulnerability: string }) => vulnerability)).toEqual([
      'CVE-2026-1007',
      'CVE-2026-1008',
    ]);
    // SCAPFEED_FEED comes before the last pulled feed, the working directory does not.
    cpSync(old, at('here/out'), { recursive: true });
    const here = await runCli(['scan', `dir:${image}`, '--max-age', '0'], { env, cwd: at('here') });
    expect(here.out).toMatch(/CVE-2026-1007 .*\n +fix available/);
    const named = { ...env, SCAPFEED_FEED: at('nowhere') };
    expect((await runCli(['scan', `dir:${image}`], { env: named, cwd: at('here') })).err).toContain(
      'FEED_MISSING',
    );
  });

  it('pull --oval brings OVAL too, and a later pull without it keeps the index alone', async () => {
    const oval = await ovalText();
    const feed = addOutput(writeNight(20), 'oval/debian-12.oval.xml', oval);
    const where = ['--to', at('with-oval')];
    expect((await scapfeed('publish', '--feed', feed, ...where)).err).toBe('');
    const root = ['--trust-root', at('with-oval/metadata/1.root.json')];
    const pull = (...args: string[]) =>
      scapfeed('pull', '--from', at('with-oval'), '--out', at('oval/feed'), ...root, ...args);
    expect((await pull('--oval')).code).toBe(0);
    expect(readFileSync(at('oval/feed/oval/debian-12.oval.xml'), 'utf8')).toBe(oval);
    await checkFeed(at('oval/feed'));
    expect((await pull()).code).toBe(0);
    expect(existsSync(at('oval/feed/oval'))).toBe(false);
    await checkFeed(at('oval/feed'));
  });

  it('a publish that is held back: exit 3 and why; --accept with a reason lets it out', async () => {
    const lost = writeNight(
      300,
      {},
      Array.from({ length: 30 }, (_, at) => `package-00${10 + at}`),
    );
    const publish = (...args: string[]) => scapfeed('publish', '--feed', lost, '--to', at('public'), ...args);
    const held = await publish();
    expect(held.code).toBe(3);
    expect(held.out).toMatch(/held back: debian-12, gate shrink: 10\.0 % of the statements are gone/);
    expect(held.err).toMatch(/1 platform held back: debian-12 \[PUBLISH_HELD\]\n {2}next: .*--accept GATE/);
    for (const report of ['json', `table=${at('held.txt')}`])
      expect((await publish('-o', report)).err).toMatch(
        /\[PUBLISH_HELD\]\nheld back: debian-12, gate shrink: 10\.0 % .*\n {2}next: see the reasons above/,
      );
    expect(await publish('--accept', 'shrink')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--accept needs --reason TEXT'),
    });
    expect(await publish('--accept', 'validity', '--reason', 'never mind')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--accept validity is not possible[\s\S]*--no-oval/),
    });
    // The root must not come from where the feed comes from.
    expect(held.out).toContain(
      ` --trust-root ${at('config/scapfeed/keys/1.root.json')}\n      give ${at('config/scapfeed/keys/1.root.json')} to clients by another way than the feed\n`,
    );
    expect(held.out).not.toContain(`--trust-root ${at('public')}`);
    const gates = ['--accept', 'shrink:debian-12', '--accept', 'vanished-year', '--limit', 'year=50'];
    const accepted = await publish(...gates, '--reason', 'withdrawn by the vendor');
    expect(accepted.code, accepted.out).toBe(0);
    expect(accepted.out).toMatch(/accepted: debian-12, gate shrink: .*reason given: withdrawn by the vendor/);
    await scapfeed('pull', '--from', at('public'));
    const { accepted: kept } = JSON.parse(readFileSync(at('data/scapfeed/feed/manifest.json'), 'utf8'));
    expect(kept[0]).toMatchObject({ gate: 'shrink', reason: 'withdrawn by the vendor' });
  });

  it('pull.json in place of options', async () => {
    const root = at('public/metadata/1.root.json');
    writeFileSync(
      at('config/scapfeed/pull.json'),
      JSON.stringify({ from: [at('public')], trustRoot: root, platforms: ['debian-13'] }),
    );
    expect((await scapfeed('pull', '--out', at('other/feed'))).out).toMatch(/debian-13/);
    writeFileSync(at('config/scapfeed/pull.json'), '{"form": []}');
    expect(await scapfeed('pull')).toMatchObject({ code: 2, err: expect.stringContaining('pull.json') });
    rmSync(at('config/scapfeed/pull.json'));
  });

  it('an untrusted feed leads to exit 3, code, place and remedy', async () => {
    cpSync(at('public'), at('hostile'), { recursive: true });
    const file = at('hostile/metadata/timestamp.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"version":\d+/, '"version":77'));
    const run = await scapfeed('pull', '--from', at('hostile'), '--out', at('gap/feed'));
    expect(run.code).toBe(3);
    expect(run.err).toMatch(/\[TRUST_SIGNATURE_WRONG\]\n {2}at: .*timestamp\.json\n {2}next: /);
  });

  it('diff of two feeds keeps its schema; with an inventory it tells what flips', async () => {
    const { out } = await scapfeed('diff', old, now, '-o', 'json');
    expect(schemaErrors('changes', JSON.parse(out))).toEqual([]);
    expect((await scapfeed('diff', old, now)).out).toMatch(
      /now fixed +CVE-2026-1007 +package-0007[\s\S]*\n1 change: 1 now fixed\n/,
    );
    expect(await scapfeed('diff', old, now, '--platform', 'debian-21')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/PLATFORM_NOT_COVERED[\s\S]*debian-12/),
    });
    const inventory = {
      os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
      databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 }],
      packages: [deb('package-0007', '1.0-1')],
      notes: [],
    };
    mkdirSync(at('inventory'));
    writeFileSync(at('inventory/i.json'), JSON.stringify(inventory));
    const flips = await scapfeed('diff', old, now, '--inventory', at('inventory/i.json'));
    expect(flips.out).toMatch(
      /CVE-2026-1007 +package-0007:amd64 +1\.0-1 +affected, no fix yet +affected, fixed in 2\.0-1\n1 verdict of/,
    );
  });
});

describe('pull --platform of another platform than the one at hand', () => {
  it('says what is no longer here, in the table and in JSON', async () => {
    const cwd = temporaryFolder();
    const run = (...args: string[]) => runCli(args, { env, cwd });
    await run('keys', 'make', '--keys', 'keys');
    await run('publish', '--feed', writeNight(20), '--keys', 'keys', '--to', 'site');
    const pull = (...args: string[]) =>
      run('pull', '--from', 'site', '--trust-root', 'keys/1.root.json', '--out', 'feed', ...args);
    expect((await pull('--platform', 'debian-12')).out).not.toContain('no longer');
    expect((await pull('--platform', 'debian-13*')).out).toContain('\nno longer here: debian-12\n');
    const back = await pull('--platform', 'debian-12', '-o', 'json');
    expect(JSON.parse(back.out)).toMatchObject({ removed: ['debian-13'] });
  });
});

describe('pull without a place, in an empty home', () => {
  const mine = temporaryFolder();
  const env = { HOME: mine, XDG_CONFIG_HOME: '', XDG_DATA_HOME: '', SCAPFEED_FEED: '' };
  const run = (cwd: string, ...args: string[]) => runCli(args, { env, cwd });
  const work = temporaryFolder();
  const away = temporaryFolder();
  const data = join(mine, '.local/share/scapfeed');
  const publish = (...night: Parameters<typeof writeNight>) =>
    run(work, 'publish', '--feed', writeNight(...night), '--keys', 'keys', '--to', 'site');

  beforeAll(async () => {
    await run(work, 'keys', 'make', '--keys', 'keys');
    await publish(20);
  });

  it('takes the place of the last pull and the root that is stored, from any folder, and says so', async () => {
    const never = await run(away, 'pull');
    expect(never.code).toBe(2);
    expect(never.err).toMatch(/no location to pull from[\s\S]*--from/);

    const first = await run(
      work,
      ...['pull', '--from', 'site', '--trust-root', 'keys/1.root.json', '--platform', 'debian-12'],
    );
    expect(first.code, first.err).toBe(0);
    await publish(20, { 'package-0007': '2.0-1' });
    const later = await run(away, 'pull');
    expect(later).toMatchObject({ code: 0, err: `from ${join(work, 'site')}, as in the last pull\n` });
    expect(later.out).toMatch(/debian-12 .*(delta|whole)/);
    expect(statSync(join(data, '.feed.trust/places')).mode & 0o777).toBe(0o600);
  });

  it('an option, a variable, config.yaml and pull.json come first; a pull that failed is not remembered', async () => {
    const gone = join(away, 'gone');
    expect(await run(away, 'pull', '--from', gone)).toMatchObject({
      code: 3,
      err: expect.not.stringContaining('as in the last pull'),
    });
    const byVariable = await runCli(['pull'], { env: { ...env, SCAPFEED_PULL_FROM: gone }, cwd: away });
    expect(byVariable).toMatchObject({ code: 3, err: expect.stringContaining(gone) });
    const config = join(mine, '.config/scapfeed');
    mkdirSync(config, { recursive: true });
    for (const [name, text] of [
      ['pull.json', JSON.stringify({ from: [gone] })],
      ['config.yaml', `pull:\n  from: [${gone}]\n`],
    ] as const) {
      writeFileSync(join(config, name), text);
      const failed = await run(away, 'pull');
      expect(failed).toMatchObject({ code: 3, err: expect.stringContaining(gone) });
      expect(failed.err.startsWith(`from ${gone}, as pull.json has it\n`)).toBe(name === 'pull.json');
      rmSync(join(config, name));
    }
    expect(await run(away, 'pull')).toMatchObject({
      code: 0,
      err: expect.stringContaining(join(work, 'site')),
    });
  });

  it('a note of it that others may write, or that is damaged, is refused', async () => {
    const note = join(data, '.feed.trust/places');
    chmodSync(note, 0o666);
    expect(await run(away, 'pull')).toMatchObject({
      code: 3,
      err: expect.stringContaining('TRUST_NOT_PRIVATE'),
    });
    chmodSync(note, 0o600);
    writeFileSync(note, '{');
    expect(await run(away, 'pull')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/place of the last pull cannot be read[\s\S]*--from/),
    });
  });
});

describe('what a stranger forgot or named wrongly', () => {
  const cwd = join(temporaryFolder(), 'with blank');
  const run = (args: string[], more: Record<string, string> = {}) =>
    runCli(args, { env: { ...env, ...more }, cwd });
  const publishing = ['publish', '--keys', 'keys', '--to', 'my site'];
  /** The last arguments of the printed command, as a shell splits it. */
  const printed = (out: string, more: Record<string, string>) => {
    const next = /^next: .*?scapfeed (.*)$/m.exec(out)![1]!;
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${next}`], { encoding: 'utf8' });
    return run(words.trimEnd().split('\n'), more);
  };

  beforeAll(async () => {
    mkdirSync(cwd);
    await run(['keys', 'make', '--keys', 'keys']);
  });

  it('publish without any passphrase: none was given, and how to give one', async () => {
    const { code, err } = await run([...publishing, '--feed', writeNight(20)], { SCAPFEED_PASSPHRASE: '' });
    expect(code).toBe(2);
    expect(err).toMatch(
      /the targets key \w+ needs its passphrase, and none was given \[KEY_PASSPHRASE_WRONG\]/,
    );
    expect(err).toMatch(/next: .*--passphrase-file, SCAPFEED_PASSPHRASE_TARGETS or SCAPFEED_PASSPHRASE/);
  });

  it('bundle --out into a folder that is not there: refused, and nothing made', async () => {
    const { out, err } = await run([...publishing, '--feed', writeNight(20)]);
    const root = join(cwd, 'keys/1.root.json');
    expect(out, err).toContain(`next: scapfeed pull --from 'my site' --trust-root '${root}'\n`);
    expect(await printed(out, { XDG_DATA_HOME: join(cwd, 'new') })).toMatchObject({ code: 0 });
    const refused = await run(['bundle', '--from', 'my site', '--out', 'none/x.bundle']);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/OUTPUT_NOT_WRITABLE[\s\S]*specify a file in an existing, writable folder/);
    expect(existsSync(join(cwd, 'none'))).toBe(false);
  });

  it('bundle of a path with a blank: the next command runs where the publisher is known, and says what it needs elsewhere', async () => {
    const { out } = await run(['bundle', '--from', 'my site', '--out', 'my feed.bundle']);
    expect(out).toMatch(/^next: on the other side, scapfeed pull --from '.*my feed\.bundle'$/m);
    expect(out).toContain("a first pull there also needs --trust-root FILE, the publisher's root");
    const data = { XDG_DATA_HOME: join(cwd, 'other') };
    expect(await printed(out, data)).toMatchObject({ code: 3 });
    await run(['pull', '--from', 'my site', '--trust-root', 'keys/1.root.json'], data);
    expect(await printed(out, data)).toMatchObject({ code: 0 });
  });

  it('a publisher with a new root key: publish and bundle name the newest root, and it is enough', async () => {
    const rotated = await run(['keys', 'rotate', '--role', 'root', '--keys', 'keys']);
    expect(rotated, rotated.err).toMatchObject({ code: 0 });
    const { out, err } = await run([...publishing, '--feed', writeNight(20)]);
    expect(out, err).toContain(`--trust-root '${join(cwd, 'keys/2.root.json')}'\n`);
    expect(await printed(out, { XDG_DATA_HOME: join(cwd, 'rotated') })).toMatchObject({ code: 0 });
    const config = join(cwd, 'config');
    cpSync(join(cwd, 'keys'), join(config, 'scapfeed/keys'), { recursive: true });
    const packed = await run(['bundle', '--from', 'my site', '--out', 'my feed.bundle'], {
      XDG_CONFIG_HOME: config,
    });
    expect(packed.out).toContain(`--trust-root '${join(config, 'scapfeed/keys/2.root.json')}'\n`);
    expect(await printed(packed.out, { XDG_DATA_HOME: join(cwd, 'packed') })).toMatchObject({ code: 0 });
  });

  it('bundle of the feed of the keys at their usual place: the next command runs in an empty home', async () => {
    const at = { XDG_CONFIG_HOME: join(cwd, 'my config') };
    expect((await run(['keys', 'make'], at)).code).toBe(0);
    expect((await run(['publish', '--feed', writeNight(20), '--to', 'their site'], at)).code).toBe(0);
    const { out } = await run(['bundle', '--from', 'their site', '--out', 'theirs.bundle'], at);
    const root = join(cwd, 'my config/scapfeed/keys/1.root.json');
    expect(out).toContain(` --trust-root '${root}'\n      give ${root} to the other side by another way`);
    expect(await printed(out, { XDG_DATA_HOME: join(cwd, 'empty') })).toMatchObject({ code: 0 });
    const other = await run(['bundle', '--from', 'my site', '--out', 'mine.bundle'], at);
    expect(other.out).not.toContain('1.root.json');
  });
});

describe('an address of another kind in the place of a folder', () => {
  const places: [place: string, remedy: string][] = [
    [
      '127.0.0.1:5977/x/y',
      'write it as oci://127.0.0.1:5977/x/y; if it is a folder, as ./127.0.0.1:5977/x/y',
    ],
    ['[::1]:5977/x', 'write it as oci://[::1]:5977/x'],
    ['docker://r.example/x', 'write it as oci://r.example/x'],
    ['registry:r.example/x', 'write it as oci://r.example/x'],
    ['oci:r.example/x', 'write it as oci://r.example/x'],
    ['s3://b/x', 'write a registry as oci://HOST/NAME; if it is a folder, as ./s3://b/x'],
  ];

  it.each([...places, ['https://feeds.example/x', 'write a registry as oci://HOST/NAME']])(
    'publish --to %s makes no folder',
    async (to, remedy) => {
      const cwd = temporaryFolder();
      const { code, out, err } = await runCli(['publish', '--feed', writeNight(20), '--to', to!], {
        env,
        cwd,
      });
      expect({ code, out }, err).toEqual({ code: 2, out: '' });
      expect(err).toContain(`at: ${to}\n  next: ${remedy}`);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it.each(places)('pull and bundle --from %s is wrong use', async (from, remedy) => {
    for (const args of [
      ['pull', '--out', at('nowhere/feed')],
      ['bundle', '--out', at('nowhere.bundle')],
    ]) {
      const { code, err } = await scapfeed(...args, '--from', from);
      expect(code, err).toBe(2);
      expect(err).toContain(`at: ${from}\n  next: ${remedy}`);
    }
  });

  it('a folder and a bundle of such names are written and read', async () => {
    const cwd = temporaryFolder();
    const run = (...args: string[]) => runCli(args, { env, cwd });
    await run('keys', 'make', '--keys', 'keys');
    const feed = writeNight(20);
    expect((await run('publish', '--feed', feed, '--keys', 'keys', '--to', './site:8')).err).toBe('');
    expect((await run('bundle', '--from', 'site:8', '--out', 'at-10:30.bundle')).err).toBe('');
    const root = ['--trust-root', 'keys/1.root.json', '--out', 'feed'];
    expect((await run('pull', '--from', 'at-10:30.bundle', ...root)).err).toBe('');
  });
});
