import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openKeyStore } from '../../src/publish/keys/key-store.ts';
import { parseDocument, type RootPart } from '../../src/publish/tuf/metadata.ts';
import { isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runCli } from './support/cli.ts';
import { cheapKey, writeNight } from './support/publisher.ts';
import { startMemoryRegistry } from './support/registry.ts';

const strong = 'correct horse battery';

/** A publisher's machine: a home, and `scapfeed` in it with these variables. */
function machine(env: Record<string, string> = { SCAPFEED_PASSPHRASE: strong }) {
  const home = temporaryFolder();
  const places = { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') };
  const scapfeed = (args: string, more: Record<string, string> = {}) =>
    runCli(args.split(' '), { env: { ...places, SCAPFEED_PASSPHRASE: '', ...env, ...more }, cwd: home });
  return { home, scapfeed, at: (name: string) => join(home, name) };
}

const rootOf = (folder: string) =>
  parseDocument<RootPart>(openKeyStore(folder).rootChain().at(-1)!, folder).signed;
const listing = (folder: string) => readdirSync(folder).sort();

describe('keys rotate without the offline root', () => {
  it('changes nothing and names --root-keys; with it there is one new key', async () => {
    const { scapfeed, at } = machine();
    expect((await scapfeed('keys make --keys keys --root-keys offline')).code).toBe(0);
    const before = rootOf(at('keys')).roles.targets.keyids;
    const files = listing(at('keys'));
    renameSync(at('offline'), at('away'));
    for (const command of ['keys rotate --role targets', 'keys rotate --role root']) {
      const refused = await scapfeed(`${command} --keys keys --root-keys offline`);
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--root-keys DIR') });
      expect(listing(at('keys'))).toEqual(files);
      expect(existsSync(at('offline'))).toBe(false);
    }
    renameSync(at('away'), at('offline'));
    const done = await scapfeed('keys rotate --role targets --keys keys --root-keys offline');
    expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/^made targets key/) });
    const after = rootOf(at('keys')).roles.targets.keyids;
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  it('a key that a crash left behind gets into no root', async () => {
    const { scapfeed, at } = machine();
    await scapfeed('keys make --keys keys');
    await openKeyStore(at('keys')).save(cheapKey('targets'));
    expect((await scapfeed('keys rotate --role snapshot --keys keys')).code).toBe(0);
    expect(rootOf(at('keys')).roles.targets.keyids).toHaveLength(1);
    expect((await scapfeed('keys list --keys keys')).out).toMatch(/targets +sealed file +in no root/);
  });

  it('a second holder joins: the root names both, and waits for the first', async () => {
    const { scapfeed, at } = machine();
    await scapfeed('keys make --keys keys --root-keys alice');
    const joined = await scapfeed('keys make --role root --keys keys --root-keys bob');
    expect(joined.out).toContain('root 2 lacks 1 signatures');
    expect((await scapfeed('keys sign --keys keys --root-keys alice')).out).toContain('root 2 is signed');
    expect(rootOf(at('keys')).roles.root.keyids).toHaveLength(2);
  });
});

describe('rights of key files', () => {
  it('are those of their owner alone, whatever the umask', async () => {
    const { home, at } = machine();
    const env = { HOME: home, SCAPFEED_PASSPHRASE: strong };
    expect((await runCli(['keys', 'make', '--keys', at('keys')], { env, umask: '000' })).code).toBe(0);
    const modes = execFileSync('find', [
      at('keys'),
      '-name',
      '????????????*.json',
      '-size',
      '+0',
      '-printf',
      '%m %f\n',
    ])
      .toString()
      .split('\n')
      .filter((line) => /[0-9a-f]{64}\.json$/.test(line))
      .map((line) => line.slice(0, 3));
    expect(modes).toEqual(['600', '600', '600', '600']);
    expect(statSync(at('keys')).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['a key file that others may read', 0o644, undefined],
    ['a key file that the group may write', 0o620, undefined],
    ['a folder that others may look into', undefined, 0o755],
  ])('%s is refused by every use, with what to do', async (_, file, folder) => {
    const { scapfeed, at } = machine();
    await scapfeed('keys make --keys keys');
    const name = listing(at('keys')).find((entry) => /^[0-9a-f]{64}/.test(entry))!;
    if (file !== undefined) chmodSync(at(`keys/${name}`), file);
    if (folder !== undefined) chmodSync(at('keys'), folder);
    const feed = writeNight(10);
    for (const use of ['keys list', 'keys rotate --role timestamp', `publish --feed ${feed} --to public`]) {
      const { code, err } = await scapfeed(`${use} --keys keys`);
      expect([code, err], use).toEqual([2, expect.stringMatching(/\[KEY_NOT_PRIVATE\][\s\S]*chmod go-rwx/)]);
    }
    expect(existsSync(at('public/metadata/timestamp.json'))).toBe(false);
  });
});

describe('passphrases', () => {
  it.each(['', 'test', 'elevenchars', 'aaaaaaaaaaaaaaaa'])(
    '%j is too weak for a new key',
    async (passphrase) => {
      const { scapfeed, at } = machine({ SCAPFEED_PASSPHRASE: passphrase });
      const { code, err } = await scapfeed('keys make --keys keys');
      expect(code).toBe(2);
      expect(err).toMatch(/KEY_PASSPHRASE_(WEAK|WRONG)\][\s\S]*passphrase-file/);
      expect(existsSync(at('keys'))).toBe(false);
    },
  );

  it('each role has its own: the machine that signs every night cannot open the root', async () => {
    const roles = ['ROOT', 'TARGETS', 'SNAPSHOT', 'TIMESTAMP'];
    const own = Object.fromEntries(roles.map((role) => [`SCAPFEED_PASSPHRASE_${role}`, `${strong} ${role}`]));
    const { scapfeed } = machine({});
    expect((await scapfeed('keys make --keys keys', own)).code).toBe(0);
    const { SCAPFEED_PASSPHRASE_ROOT: _, ...nightly } = own;
    const feed = writeNight(10);
    expect(await scapfeed(`publish --feed ${feed} --keys keys --to public`, nightly)).toMatchObject({
      code: 0,
    });
    expect(await scapfeed('keys rotate --role timestamp --keys keys', nightly)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/the root key \w+ needs its passphrase, and none was given/),
    });
    expect((await scapfeed('keys rotate --role timestamp --keys keys', own)).code).toBe(0);
  });

  it('a file of random bytes for all, another for the root', async () => {
    const { scapfeed, at } = machine({});
    for (const name of ['all', 'root']) {
      const bytes = execFileSync('sh', ['-c', 'head -c 32 /dev/urandom | base64']);
      writeFileSync(at(name), bytes, { mode: 0o600 });
    }
    const files = '--passphrase-file all --passphrase-file root=root';
    expect((await scapfeed(`keys make --keys keys ${files}`)).code).toBe(0);
    expect((await scapfeed(`keys rotate --role root --keys keys ${files}`)).code).toBe(0);
    const all = await scapfeed('keys rotate --role root --keys keys --passphrase-file all');
    expect(all.err).toContain('KEY_PASSPHRASE_WRONG');
    chmodSync(at('all'), 0o644);
    const wide = await scapfeed('keys rotate --role targets --keys keys --passphrase-file all');
    expect(wide).toMatchObject({ code: 2, err: expect.stringContaining('[KEY_NOT_PRIVATE]') });
  });

  it('external signers do not see it', async () => {
    const { scapfeed, at } = machine({ SCAPFEED_PASSPHRASE: strong, SCAPFEED_PASSPHRASE_ROOT: `${strong}!` });
    execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('hsm.pem')]);
    execFileSync('openssl', ['ec', '-in', at('hsm.pem'), '-pubout', '-out', at('hsm.pub')], {
      stdio: 'ignore',
    });
    const script = `#!/bin/sh\nenv > ${at('seen')}\nexec openssl dgst -sha256 -sign ${at('hsm.pem')} | base64 -w0\n`;
    writeFileSync(at('sign.sh'), script, { mode: 0o755 });
    const external = `--external ${at('sign.sh')} --public ${at('hsm.pub')}`;
    expect(await scapfeed(`keys make --keys keys ${external}`)).toMatchObject({ code: 0, err: '' });
    const seen = readFileSync(at('seen'), 'utf8');
    expect(seen).toContain('SCAPFEED_KEYID=');
    expect(seen).not.toContain('PASSPHRASE');
    expect(seen).not.toContain(strong);
  });

  it('helpers of registry logins do not see it', async () => {
    const registry = await startMemoryRegistry();
    onTestFinished(() => registry.close());
    registry.lie((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return true;
    });
    const { scapfeed, at, home } = machine();
    mkdirSync(at('.docker'));
    writeFileSync(at('.docker/config.json'), JSON.stringify({ credHelpers: { [registry.host]: 'spy' } }));
    writeFileSync(at('docker-credential-spy'), `#!/bin/sh\nenv > ${at('seen')}\nexit 1\n`, { mode: 0o755 });
    const path = { PATH: `${home}:${process.env['PATH']}`, XDG_RUNTIME_DIR: home };
    await scapfeed('keys make --keys keys');
    await scapfeed(`publish --feed ${writeNight(10)} --keys keys --to ${registry.url}`, path);
    expect(readFileSync(at('seen'), 'utf8')).toContain('HOME=');
    expect(readFileSync(at('seen'), 'utf8')).not.toContain(strong);
  });
});

describe.skipIf(!isRoot())('keys make on a full disk', () => {
  it('is told with exit 3, and leaves no key', async () => {
    const { scapfeed, at } = machine();
    mkdirSync(at('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('disk')]);
    onTestFinished(() => void execFileSync('umount', [at('disk')]));
    for (const spare of [0, 4, 8, 12]) {
      execFileSync('sh', [
        '-c',
        `dd if=/dev/zero of=${at('disk')}/full bs=1k count=64 2>/dev/null; truncate -s -${spare}k ${at('disk')}/full`,
      ]);
      const { code, err } = await scapfeed('keys make --keys disk/keys');
      expect([code, err]).toEqual([3, expect.stringMatching(/no space left[\s\S]*\[DISK_FULL\]/)]);
      expect(existsSync(at('disk/keys')) ? listing(at('disk/keys')) : []).toEqual([]);
    }
  });
});
