import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../../image/support/servers.ts';
import { runCli } from '../../publish/support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);
const predicate = 'https://sigstore.dev/cosign/sign/v1';

describe.skipIf(!hasOracle('cosign', 'docker-registry', 'skopeo'))('publish --cosign-key', () => {
  let registry: RegistryServer;
  let folder: string;
  let feed: string;

  beforeAll(async () => {
    registry = await startRegistry();
    folder = temporaryFolder('cosign-key');
    feed = writeSmallFeed([{ platform: bookworm, data: { roster: new Map() }, statements: [] }]);
    writeFileSync(join(folder, 'passphrase'), 'secret');
    await cosign('generate-key-pair');
    await cosign('generate-key-pair', '--output-key-prefix', 'other');
    await run('cosign', ['generate-key-pair', '--output-key-prefix', 'foreign'], {
      cwd: folder,
      env: { ...env(), COSIGN_PASSWORD: 'another' },
    });
    const named = ['--output-prefix', 'skopeo', '--passphrase-file', 'passphrase'];
    await run('skopeo', ['generate-sigstore-key', ...named], { cwd: folder });
    writeFileSync(
      join(folder, 'empty.json'),
      '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
    );
    const keys = await scapfeed('keys', 'make');
    expect(`${keys.code} ${keys.err}`).toMatch(/^0 /);
    return () => registry.stop();
  });

  const env = () => ({ HOME: folder, PATH: process.env['PATH'] ?? '', COSIGN_PASSWORD: 'secret' });
  const cosign = (...args: string[]) => run('cosign', args, { cwd: folder, env: env() });
  const scapfeed = (...args: string[]) =>
    runCli(args, {
      cwd: folder,
      env: { ...env(), XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') },
    });
  const name = (tag: string) => `${registry.host}/feeds/${tag}:1`;
  const publish = async (tag: string, ...options: string[]) => {
    const own = [
      'publish',
      '--feed',
      feed,
      '--to',
      `oci://${name(tag)}`,
      '--insecure-registry',
      registry.host,
    ];
    return scapfeed(...own, ...options);
  };
  const published = async (tag: string, ...options: string[]) => {
    const { code, err } = await publish(tag, ...options);
    expect(`${code} ${code === 0 ? '' : err}`).toBe('0 ');
  };
  /** By cosign as a signature under its tag, as a bundle that is attached, and by us. */
  const verified = async (tag: string, key: string) => {
    const asked = ['--key', key, '--insecure-ignore-tlog=true'];
    const place = [name(tag), '--platform', 'scapfeed/debian-12', '--insecure-registry', registry.host];
    const ours = await scapfeed('signed', ...place, '--key', key, '-o', 'json');
    const { signatures = [] } = ours.out === '' ? {} : (JSON.parse(ours.out) as { signatures: Found[] });
    const bundle = ['--new-bundle-format', '--trusted-root', 'empty.json', '--type', predicate];
    return {
      cosign: await accepts('verify', ...asked, name(tag)),
      bundle: await accepts('verify-attestation', ...bundle, ...asked, name(tag)),
      ours: ours.code === 2 ? ours.err : ours.code,
      forms: signatures.map(({ form, outcome }) => `${form} ${outcome.state}`).sort(),
    };
  };
  const accepts = (...args: string[]) =>
    cosign(...args).then(
      () => true,
      () => false,
    );
  interface Found {
    form: string;
    outcome: { state: string };
  }

  it('signs what cosign and we verify, in both forms, each time anew', async () => {
    await published('signed', '--cosign-key', 'cosign.key');
    const good = {
      cosign: true,
      bundle: true,
      ours: 0,
      forms: ['cosign-signature verified', 'sigstore-bundle verified'],
    };
    expect(await verified('signed', 'cosign.pub')).toEqual(good);
    expect(await verified('signed', 'other.pub')).toMatchObject({ cosign: false, bundle: false, ours: 1 });

    await published('signed', '--cosign-key', 'cosign.key');
    expect(await verified('signed', 'cosign.pub')).toMatchObject({ cosign: true, bundle: true, ours: 0 });

    await published('signed');
    expect(await verified('signed', 'cosign.pub')).toMatchObject({ cosign: false, bundle: false, ours: 4 });
  });

  it("takes skopeo's keys and keys in PEM", async () => {
    await published('by-skopeo', '--cosign-key', 'skopeo.private');
    expect(await verified('by-skopeo', 'skopeo.pub')).toMatchObject({ cosign: true, bundle: true, ours: 0 });

    await run(
      'openssl',
      ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'pem.key'],
      {
        cwd: folder,
      },
    );
    await run('openssl', ['pkey', '-in', 'pem.key', '-pubout', '-out', 'pem.pub'], { cwd: folder });
    await published('by-pem', '--cosign-key', 'pem.key');
    expect(await verified('by-pem', 'pem.pub')).toMatchObject({ cosign: true, bundle: true, ours: 0 });
  });

  it('leaves the signatures of others where they are', async () => {
    await published('shared', '--cosign-key', 'cosign.key');
    const sign = ['sign', '-y', '--key', 'other.key', '--tlog-upload=false'];
    const { stdout } = await run('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${name('shared')}`,
    ]);
    const { createHash } = await import('node:crypto');
    const digest = createHash('sha256').update(stdout).digest('hex');
    await cosign(...sign, `${registry.host}/feeds/shared@sha256:${digest}`);

    expect(await verified('shared', 'cosign.pub')).toMatchObject({ cosign: true, bundle: true, ours: 0 });
    expect(await verified('shared', 'other.pub')).toMatchObject({ cosign: true, ours: 0 });
  });

  it('is pulled as before', async () => {
    const root = join(folder, 'config/scapfeed/keys/1.root.json');
    const from = [
      '--from',
      `oci://${name('signed')}`,
      '--trust-root',
      root,
      '--insecure-registry',
      registry.host,
    ];
    const { code, err } = await scapfeed('pull', ...from);
    expect(`${code} ${err}`).toMatch(/^0 /);
  });

  it.each<[string, string[], RegExp]>([
    ['a key that is not there', ['--cosign-key', 'none.key'], /KEY_MISSING/],
    ['a public key', ['--cosign-key', 'cosign.pub'], /KEY_MALFORMED/],
    ['a key of another passphrase', ['--cosign-key', 'foreign.key'], /KEY_PASSPHRASE_WRONG/],
  ])('of %s ends before anything is published', async (_, options, words) => {
    const { code, err } = await publish('refused', ...options);
    expect(err).toMatch(words);
    expect(code).toBe(2);
    await expect(
      run('skopeo', ['inspect', '--tls-verify=false', `docker://${name('refused')}`]),
    ).rejects.toThrow();
  });
});

it('a folder is not signed by cosign', async () => {
  const { code, err } = await runCli(['publish', '--to', 'public', '--cosign-key', 'cosign.key']);
  expect(`${code} ${err}`).toMatch(/^2 .*--cosign-key is for registries/s);
});
