import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  newInstance,
  publicPem,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../signatures/support/sigstore-instance.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runCli } from './support/cli.ts';

const { publicKey, privateKey } = ecKeys();
let folder: string;
let feed: string;
let byKey: string;
let byName: string;

beforeAll(async () => {
  folder = temporaryFolder('trust');
  feed = writeSmallFeed([{ platform: bookworm, data: { roster: new Map() }, statements: [] }]);
  const instance = await newInstance();
  writeFileSync(join(folder, 'trusted_root.json'), instance.trustedRoot);
  writeFileSync(join(folder, 'acme.pub'), publicPem(publicKey));
  writeFileSync(join(folder, 'other.pub'), publicPem(ecKeys().publicKey));
  writeFileSync(join(folder, 'broken.pub'), 'no key');
  const first = new SignedImage();
  first.attachBundle(first.manifest.digest, signByKey(statementOf(first.manifest.digest), privateKey));
  byKey = `oci:${first.layout()}:1`;
  const second = new SignedImage('second');
  second.attachBundle(
    second.manifest.digest,
    await instance.signStatement(statementOf(second.manifest.digest)),
  );
  byName = `oci:${second.layout()}:1`;
  await scapfeed('publisher', 'keys', 'make');
});

/** Each name is a user with a home of their own. */
function scapfeed(user: string, ...args: string[]) {
  const home = join(folder, user);
  const env = { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_CONFIG_HOME: join(home, 'config') };
  return runCli(args, { cwd: folder, env });
}

async function does(user: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await scapfeed(user, ...args);
  expect(err).not.toContain('internal error');
  expect(`${code} ${code === 0 ? '' : err}`).toBe('0 ');
  return out;
}

const publish = (to: string, ...options: string[]) =>
  does('publisher', 'publish', '--feed', feed, '--to', to, ...options);
const rootOf = (to: string) => ['--trust-root', join(folder, to, 'metadata/1.root.json')];
const pull = (user: string, from: string, root: string, ...options: string[]) =>
  does(user, 'pull', '--from', from, ...rootOf(root), ...options);
const trustOf = (user: string) => {
  const place = join(folder, user, 'data/scapfeed/feed/trust');
  return Object.fromEntries(
    readdirSync(place).map((name) => [name, readFileSync(join(place, name), 'utf8')]),
  );
};
const asked = ['--identity', usualIdentity, '--issuer', usualIssuer];

describe('keys and roots in a feed', () => {
  it('are signed, pulled, and used by name', async () => {
    expect(await publish('first', '--trust', 'acme.pub', '--trust', 'trusted_root.json')).toContain(
      'acme.pub',
    );
    expect(await pull('user', 'first', 'first', '--trust')).toContain('feed:acme.pub');

    await does('user', 'signed', byKey, '--key', 'feed:acme.pub');
    await does('user', 'signed', byName, ...asked);
    await does('user', 'signed', byName, ...asked, '--trusted-root', 'feed:trusted_root.json');
    expect(trustOf('user')['acme.pub']).toBe(readFileSync(join(folder, 'acme.pub'), 'utf8'));
    const wrong = await scapfeed('user', 'signed', byKey, '--key', 'feed:none.pub');
    expect(wrong.err).toMatch(
      /contains no none\.pub; it contains acme\.pub, trusted_root\.json.*TRUST_ROOT_MISSING/s,
    );
    expect(wrong.code).toBe(3);
  });

  it('are not there for who did not ask for them', async () => {
    await pull('plain', 'first', 'first');
    const { code, err } = await scapfeed('plain', 'signed', byName, ...asked);
    expect(`${code} ${err}`).toMatch(/^3 .*TRUST_ROOT_MISSING/s);
    const named = await scapfeed('plain', 'signed', byKey, '--key', 'feed:acme.pub');
    expect(named).toMatchObject({ code: 3 });
  });

  it('go on with the next publication, are replaced, withdrawn, and follow at the clients without asking again', async () => {
    await publish('second', '--trust', 'acme.pub');
    await pull('follower', 'second', 'second', '--trust');
    await publish('second');
    await pull('follower', 'second', 'second');
    expect(Object.keys(trustOf('follower'))).toEqual(['acme.pub']);
    writeFileSync(join(folder, 'acme.pub.new'), '');
    await publish('second', '--trust', 'other.pub');
    await pull('follower', 'second', 'second');
    expect(Object.keys(trustOf('follower'))).toEqual(['other.pub']);
    await publish('second', '--no-trust');
    await pull('follower', 'second', 'second');
    expect(() => trustOf('follower')).toThrow();
    const again = await scapfeed('follower', 'pull', '--from', 'second', '--trust');
    expect(`${again.code} ${again.err}`).toMatch(/^3 .*brings no keys and roots/s);
  });

  it('come over an air gap in a bundle', async () => {
    await does('publisher', 'bundle', '--from', 'first', '--out', 'feed.bundle');
    await pull('inside', 'feed.bundle', 'first', '--trust');
    await does('inside', 'signed', byName, ...asked);
    await does('inside', 'signed', byKey, '--key', 'feed:acme.pub');
  });

  it('a bundle without any leaves those at hand', async () => {
    await publish('third');
    await does('publisher', 'bundle', '--from', 'third', '--out', 'third.bundle');
    await publish('third', '--trust', 'acme.pub');
    await pull('careful', 'third', 'third', '--trust');
    await publish('third', '--no-trust');
    await does('publisher', 'bundle', '--from', 'third', '--out', 'third.bundle');
    await pull('careful', 'third.bundle', 'third');
    expect(Object.keys(trustOf('careful'))).toEqual(['acme.pub']);
  });

  it.each<[string, string[], RegExp]>([
    ['that is no key', ['--trust', 'broken.pub'], /TRUST_ROOT_INVALID/],
    ['that is not there', ['--trust', 'none.pub'], /TRUST_ROOT_MISSING/],
    ['with and without', ['--trust', 'acme.pub', '--no-trust'], /contradict/],
    ['twice', ['--trust', 'acme.pub', '--trust', './acme.pub'], /two files are named acme\.pub/],
  ])('what is published %s is refused', async (_, options, words) => {
    const { code, err } = await scapfeed(
      'publisher',
      'publish',
      '--feed',
      feed,
      '--to',
      'refused',
      ...options,
    );
    expect(err).toMatch(words);
    expect(code).not.toBe(0);
  });

  it('a file that was changed on the server is refused', async () => {
    await publish('fourth', '--trust', 'acme.pub');
    const targets = join(folder, 'fourth/targets/feed/trust');
    for (const name of readdirSync(targets))
      writeFileSync(join(targets, name), readFileSync(join(targets, name)).fill(0, 20));
    const { code, err } = await scapfeed(
      'victim',
      'pull',
      '--from',
      'fourth',
      ...rootOf('fourth'),
      '--trust',
    );
    expect(`${code} ${err}`).toMatch(/^3 .*TRUST_SWAPPED/s);
  });
});

describe.skipIf(!hasOracle('docker-registry'))('in a registry', () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await startRegistry();
    return () => registry.stop();
  });

  it('they travel too', async () => {
    const to = `oci://${registry.host}/feeds/lab:1`;
    const plain = ['--insecure-registry', registry.host];
    await publish(to, '--trust', 'acme.pub', ...plain);
    await publish(to, ...plain);
    const root = join(folder, 'publisher/config/scapfeed/keys/1.root.json');
    const found = await scapfeed('remote', 'pull', '--from', to, '--trust-root', root, '--trust', ...plain);
    expect(`${found.code} ${found.err}`).toMatch(/^0 /);
    await does('remote', 'signed', byKey, '--key', 'feed:acme.pub');
  });
});
