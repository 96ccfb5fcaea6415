import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type HostileServer,
  makePublisher,
  type Publisher,
  send,
  serve,
} from '../publish/support/publisher.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { feedWithContent } from '../support/content-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

let publisher: Publisher;
let server: HostileServer;

const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('glibc', '2.36-9+deb12u3'),
  'etc/flag': 'on\n',
});

beforeAll(async () => {
  publisher = await makePublisher(new Date());
  await publisher.publish([feedWithContent()], { blocks: true });
  server = await serve(publisher.site);
}, 60_000);
afterAll(() => server.close());

const homeOf = () => {
  const HOME = temporaryFolder();
  return { HOME, XDG_DATA_HOME: join(HOME, 'data'), XDG_CACHE_HOME: join(HOME, 'cache') };
};
const configOf = ({ HOME }: { HOME: string }) => join(HOME, '.config/scapfeed/config.yaml');
const anyAge = ['--max-age', '0', '--allow-uncovered'];

describe('config set feed', () => {
  it('shows the digest of the root, and trusts nothing where nobody can be asked', async () => {
    const env = homeOf();
    const { code, out, err } = await runHere(['config', 'set', 'feed', server.url], env);
    const { out: listed } = await runHere(['keys', 'list', '--keys', publisher.store.directory]);
    const [digest] = /[0-9a-f]{64}/.exec(out)!;
    expect(listed).toContain(`its sha256, for those who pull: ${digest}`);
    expect(code).toBe(3);
    expect(err).toContain('add --yes, or give');
    expect(() => readFileSync(configOf(env))).toThrow();
    expect((await runHere(['scan', image, '--feed', server.url, ...anyAge], env)).err).toContain(
      'TRUST_ROOT_MISSING',
    );
  });

  it.each([
    ['--yes', () => ['--yes']],
    [
      '--trust-root',
      () => {
        const file = join(temporaryFolder(), 'root.json');
        writeFileSync(file, publisher.root);
        return ['--trust-root', file];
      },
    ],
  ] as const)('trusts it with %s, and writes the address beside what the file has', async (_, options) => {
    const env = homeOf();
    const file = configOf(env);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '# ours\nmax-age: 3d # days\n', { mode: 0o600 });
    expect(await runHere(['config', 'set', 'feed', `${server.url}/`, ...options()], env)).toMatchObject({
      code: 0,
      err: '',
    });
    expect(readFileSync(file, 'utf8')).toBe(`# ours\nmax-age: 3d # days\nfeed: ${server.url}\n`);
    const { out } = scapfeed(['config', 'scan', '-o', 'json'], env);
    const { options: settings } = JSON.parse(out);
    expect(settings).toContainEqual({ option: 'feed', value: server.url, from: 'file', where: `${file}:3` });
    const scanned = await runHere(['scan', image, '--feed', server.url, ...anyAge], env);
    expect(scanned.out).toContain(`feed ${server.url} (signed: checked as it is read)\n`);
    expect(scanned.out).toContain('CVE-');
    // A question that was answered is not asked again.
    expect(await runHere(['config', 'set', 'feed', server.url], env)).toMatchObject({ code: 0 });
  });

  it('refuses the root of another publisher, and other options', async () => {
    const env = homeOf();
    const file = join(temporaryFolder(), 'root.json');
    writeFileSync(file, (await makePublisher()).root);
    const { err } = await runHere(['config', 'set', 'feed', server.url, '--trust-root', file], env);
    expect(err).toMatch(/\[TRUST_\w+\]/);
    expect(() => readFileSync(configOf(env))).toThrow();
    expect((await runHere(['config', 'set', 'max-age', '3d'], env)).err).toContain('docs/configuration.md');
    expect((await runHere(['config', 'scan', '--yes'], env)).code).toBe(2);
  });

  it('takes a folder by its whole path, if it is a feed', async () => {
    const env = homeOf();
    expect((await runHere(['config', 'set', 'feed', temporaryFolder()], env)).err).toContain('FEED_MISSING');
    expect((await runHere(['config', 'set', 'feed', publisher.site, '--yes'], env)).code).toBe(2);
  });
});

describe('other commands of a published feed', () => {
  const env = homeOf();
  let pulled: string;
  const over = ['--feed', ''];
  const folder = ['--feed', ''];
  beforeAll(async () => {
    pulled = join(temporaryFolder(), 'feed');
    const root = join(temporaryFolder(), 'root.json');
    writeFileSync(root, publisher.root);
    await runHere(['pull', '--from', server.url, '--trust-root', root, '--content', '--out', pulled], env);
    await runHere(['config', 'set', 'feed', server.url, '--trust-root', root], env);
    over[1] = server.url;
    folder[1] = pulled;
  }, 60_000);

  const grype = () => {
    const file = join(temporaryFolder(), 'grype.json');
    writeFileSync(file, JSON.stringify({ matches: [], descriptor: { name: 'grype', version: '0.90.0' } }));
    return file;
  };

  it.each([
    ['check', image, '--profile', 'base', ...anyAge],
    ['comply', image, '--profile', 'base'],
    ['compare', image, '--grype', grype(), ...anyAge],
    ['diff', image, image, ...anyAge],
    ['profiles', 'debian-12'],
    ['explain', image, 'CVE-2024-2961', 'glibc', '--max-age', '0'],
  ])('%s says what it says of the pulled one', async (...argv) => {
    const [remote, local] = [
      await runHere([...argv, ...over], env),
      await runHere([...argv, ...folder], env),
    ];
    const neutral = (text: string) =>
      text
        .replaceAll(server.url, 'FEED')
        .replaceAll(pulled, 'FEED')
        .replace('(signed: checked as it is read)', '(signed: came by pull)');
    expect(neutral(remote.out)).toBe(neutral(local.out));
    expect(remote.code).toBe(local.code);
    expect(remote.out, remote.err).not.toBe('');
  });

  it.each([
    ['scan', image, '--allow-uncovered'],
    ['explain', image, 'CVE-2024-2961', 'glibc'],
  ])('%s refuses data that is older than it accepts, however new the signatures are', async (...argv) => {
    for (const age of [[], ['--max-age', '1d'], ['--max-age', '36500d']]) {
      const [remote, local] = [
        await runHere([...argv, ...age, ...over], env),
        await runHere([...argv, ...age, ...folder], env),
      ];
      expect([remote.code, /\[FEED_STALE\]/.test(remote.err)]).toEqual([
        local.code,
        /\[FEED_STALE\]/.test(local.err),
      ]);
      const isRefused = age[1] !== '36500d';
      expect(/\[FEED_STALE\]/.test(remote.err), remote.err).toBe(isRefused);
      expect(remote.out.includes('CVE-2024-2961')).toBe(!isRefused);
    }
  });

  it('comply evaluates no benchmark that a mirror has changed', async () => {
    const benchmarks = readdirSync(publisher.site, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /^targets\/[^/]+\/content\/./.test(path),
    );
    const lies = benchmarks.map((path) => {
      const { length } = readFileSync(join(publisher.site, path));
      return [path, send(Buffer.alloc(length, 0x41))] as const;
    });
    const mirror = await serve(publisher.site, Object.fromEntries(lies));
    try {
      const root = join(temporaryFolder(), 'root.json');
      writeFileSync(root, publisher.root);
      const argv = ['comply', image, '--profile', 'base', '--feed', mirror.url, '--trust-root', root];
      expect(await runHere(argv, homeOf())).toMatchObject({
        ...{ code: 3, out: '' },
        err: expect.stringContaining('[TRUST_SWAPPED]'),
      });
    } finally {
      await mirror.close();
    }
  });

  it('feeds lists its platforms', async () => {
    const { out } = await runHere(['feeds', ...over], env);
    expect(out).toContain(`feed ${server.url} (signed: checked as it is read)`);
    expect(out).toContain('debian-12');
  });

  it('those that need a folder say how to pull, and then read what was pulled, under the root that is known', async () => {
    const exported = () =>
      runHere(['export', '--to', 'osv', '--out', join(temporaryFolder(), 'out'), ...over], env);
    expect(await exported()).toMatchObject({
      code: 2,
      err: expect.stringContaining(`scapfeed pull --from ${server.url}`),
    });
    const pull = ['pull', '--from', server.url, '--platform', 'debian-12'];
    const { code, err } = await runHere(pull, env);
    expect(code, err).toBe(0);
    expect(await exported()).toMatchObject({ code: 0 });
  });
});
