import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSigned, readSigningPolicy } from '../../src/signatures/index.ts';
import { startServer } from '../image/support/fake-registry.ts';
import { blobOf, imageLayout, mediaTypes, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);

type Policy = Record<string, unknown>;

/** skopeo's decision about an image by a policy, and ours. */
class Judges {
  readonly folder = temporaryFolder('policy');
  readonly home = join(this.folder, 'home');
  readonly lookaside = join(this.folder, 'lookaside');

  constructor() {
    mkdirSync(join(this.home, 'gpg'), { recursive: true, mode: 0o700 });
    mkdirSync(join(this.folder, 'registries.d'));
    mkdirSync(this.lookaside);
    const lookaside = `file://${this.lookaside}`;
    const places = `default-docker:\n  lookaside: ${lookaside}\n  lookaside-staging: ${lookaside}\n  use-sigstore-attachments: true\n`;
    writeFileSync(join(this.folder, 'registries.d', 'default.yaml'), places);
  }

  async tool(name: string, ...args: string[]): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.home,
      COSIGN_PASSWORD: '',
      GNUPGHOME: join(this.home, 'gpg'),
    };
    return (await run(name, args, { env, cwd: this.folder })).stdout;
  }

  write(name: string, content: string | Buffer): string {
    writeFileSync(join(this.folder, name), content);
    return join(this.folder, name);
  }

  async skopeo(image: string, policy: Policy): Promise<'accepted' | 'rejected' | 'invalid'> {
    const policyFile = this.write('policy.json', JSON.stringify(policy));
    const own = ['--policy', policyFile, '--registries.d', join(this.folder, 'registries.d')];
    const to = `dir:${temporaryFolder('copied')}`;
    try {
      await this.tool('skopeo', ...own, 'copy', '--src-tls-verify=false', `docker://${image}`, to);
      return 'accepted';
    } catch (error) {
      const { stderr } = error as { stderr: string };
      if (stderr.includes('Source image rejected')) return 'rejected';
      if (stderr.includes('Error loading trust policy')) return 'invalid';
      // After the policy, skopeo needs layers, which fixtures do not have.
      if (/reading blob|determining manifest|copying/i.test(stderr)) return 'accepted';
      throw error;
    }
  }

  async ours(image: string, policy: Policy): Promise<'accepted' | 'rejected' | 'invalid'> {
    try {
      const required = readSigningPolicy(Buffer.from(JSON.stringify(policy)), 'policy.json');
      const options = { registry: { insecure: true }, lookaside: this.lookaside, env: {} };
      const { verdict } = await checkSigned(image, required, options, new Date());
      return ['signed', 'not_required'].includes(verdict) ? 'accepted' : 'rejected';
    } catch (error) {
      if ((error as { code?: string }).code !== 'TRUST_POLICY_INVALID') throw error;
      return 'invalid';
    }
  }
}

const ready = hasOracle('skopeo', 'gpg', 'cosign', 'docker-registry');

describe.skipIf(!ready)("containers' policy.json, by skopeo and by us", () => {
  const judges = new Judges();
  let registry: RegistryServer;
  /** Names of images by how they are signed. */
  const images: Record<string, string> = {};
  let gpg: string;
  let otherGpg: string;

  beforeAll(async () => {
    registry = await startRegistry();
    gpg = await newGpgKey('lab@example.org');
    otherGpg = await newGpgKey('other@example.org');
    judges.write('passphrase', '');
    for (const name of ['key', 'other']) {
      const to = ['--output-prefix', name, '--passphrase-file', 'passphrase'];
      await judges.tool('skopeo', 'generate-sigstore-key', ...to);
    }
    const byKey = ['--sign-by-sigstore-private-key', 'key.private', '--sign-passphrase-file', 'passphrase'];
    const byGpg = ['--sign-by', 'lab@example.org'];
    await push('unsigned');
    await push('gpg', ...byGpg);
    await push('tagged', ...byKey);
    await push('elsewhere', ...byKey, '--sign-identity', 'vendor.example/lab/elsewhere:1');
    await push('untagged');
    await push('both', ...byKey);
    await sign('both');
    const cosign = ['sign', '-y', '--key', 'key.private', '--tlog-upload=false'];
    const pinned = `${registry.host}/lab/untagged@${digests['untagged']}`;
    await judges.tool('cosign', ...cosign, '--allow-insecure-registry', pinned);
  });

  afterAll(() => registry.stop());

  async function newGpgKey(user: string): Promise<string> {
    const batch = ['--batch', '--quiet', '--passphrase', ''];
    await judges.tool('gpg', ...batch, '--quick-gen-key', user, 'rsa2048', 'sign', 'never');
    return judges.write(`${user}.asc`, await judges.tool('gpg', '--armor', '--export', user));
  }

  /** Beside the signature by a key: skopeo reads one passphrase only. */
  async function sign(kind: string): Promise<void> {
    const manifest = `${registry.host}/lab/${kind}:1`;
    const raw = await judges.tool('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${manifest}`);
    const folder = join(judges.lookaside, `lab/${kind}@${digests[kind]?.replace(':', '=')}`);
    mkdirSync(folder, { recursive: true });
    const to = ['-o', join(folder, 'signature-1')];
    const file = judges.write('manifest.json', raw);
    await judges.tool('skopeo', 'standalone-sign', file, manifest, 'lab@example.org', ...to);
  }

  const digests: Record<string, string> = {};

  async function push(kind: string, ...signing: string[]): Promise<void> {
    const files = imageLayout({ layers: [[file('etc/name', kind)]] });
    const name = `${registry.host}/lab/${kind}:1`;
    const from = `oci:${writeFiles(temporaryFolder('layout'), files)}:latest`;
    const own = ['--insecure-policy', '--registries.d', join(judges.folder, 'registries.d')];
    const to = ['--dest-tls-verify=false', ...signing, from, `docker://${name}`];
    await judges.tool('skopeo', ...own, 'copy', ...to, '--digestfile', 'digest');
    digests[kind] = readFileSync(join(judges.folder, 'digest'), 'utf8');
    images[kind] = name;
  }

  const accept = { type: 'insecureAcceptAnything' };
  const reject = { type: 'reject' };
  const at = (name: string) => join(judges.folder, name);
  const signedBy = (more: Policy = {}) => ({ type: 'signedBy', keyType: 'GPGKeys', keyPath: gpg, ...more });
  const sigstore = (more: Policy = {}) => ({ type: 'sigstoreSigned', keyPath: at('key.pub'), ...more });
  const repository = { signedIdentity: { type: 'matchRepository' } };
  const base64 = (file: string) => readFileSync(file).toString('base64');
  const hostOf = (image: string) => image.replace(/\/.*/, '');

  /** Requirements, or a whole policy, for an image. */
  const policies: [string, (image: string) => Policy[] | Policy][] = [
    ['anything', () => [accept]],
    ['nothing', () => [reject]],
    ['nothing beside a key', () => [sigstore(repository), reject]],
    ['anything beside a key', () => [accept, sigstore(repository)]],
    ['an OpenPGP key', () => [signedBy()]],
    ['another OpenPGP key', () => [signedBy({ keyPath: otherGpg })]],
    ['two OpenPGP keys', () => [signedBy({ keyPath: undefined, keyPaths: [otherGpg, gpg] })]],
    ['an OpenPGP key in the policy', () => [signedBy({ keyPath: undefined, keyData: base64(gpg) })]],
    ['an OpenPGP key, exactly', () => [signedBy({ signedIdentity: { type: 'matchExact' } })]],
    ['a key', () => [sigstore()]],
    ['a key, for the repository', () => [sigstore(repository)]],
    ['a key, exactly', () => [sigstore({ signedIdentity: { type: 'matchExact' } })]],
    [
      'a key, for digests or exactly',
      () => [sigstore({ signedIdentity: { type: 'matchRepoDigestOrExact' } })],
    ],
    ['another key', () => [sigstore({ ...repository, keyPath: at('other.pub') })]],
    [
      'two keys',
      () => [sigstore({ ...repository, keyPath: undefined, keyPaths: [at('other.pub'), at('key.pub')] })],
    ],
    [
      'a key in the policy',
      () => [sigstore({ ...repository, keyPath: undefined, keyData: base64(at('key.pub')) })],
    ],
    [
      'a key and a log that is not there',
      () => [sigstore({ ...repository, rekorPublicKeyPath: at('other.pub') })],
    ],
    ['both keys', () => [signedBy(), sigstore(repository)]],
    [
      'a reference',
      (image) => [sigstore({ signedIdentity: { type: 'exactReference', dockerReference: image } })],
    ],
    [
      'another reference',
      (image) => [sigstore({ signedIdentity: { type: 'exactReference', dockerReference: `${image}2` } })],
    ],
    [
      'a repository of another name',
      () => [
        sigstore({
          signedIdentity: { type: 'exactRepository', dockerRepository: 'vendor.example/lab/elsewhere' },
        }),
      ],
    ],
    [
      'a mirror',
      (image) => [
        sigstore({
          signedIdentity: { type: 'remapIdentity', prefix: hostOf(image), signedPrefix: 'vendor.example' },
        }),
      ],
    ],
    [
      'a mirror of a part',
      (image) => [
        sigstore({
          signedIdentity: {
            type: 'remapIdentity',
            prefix: `${hostOf(image)}/la`,
            signedPrefix: 'vendor.example/la',
          },
        }),
      ],
    ],
    ['the default alone', () => ({ default: [sigstore(repository)] })],
    [
      'the narrowest scope',
      (image) => scoped({ [image]: [accept], [hostOf(image)]: [reject], '': [reject] }),
    ],
    [
      'the repository before its host',
      (image) => scoped({ [image.slice(0, -2)]: [sigstore(repository)], [hostOf(image)]: [accept] }),
    ],
    ['a namespace', (image) => scoped({ [`${hostOf(image)}/lab`]: [accept], '': [reject] })],
    ['a wildcard', () => scoped({ '*.0.1': [accept], '*.1': [reject], '': [reject] })],
    ['a wider wildcard', () => scoped({ '*.1': [accept], '': [reject] })],
    ['another tag', (image) => scoped({ [`${image}2`]: [accept], '': [sigstore(repository)] })],
    ['the transport', () => scoped({ '': [sigstore(repository)] })],
    ['another transport', () => ({ default: [reject], transports: { oci: { '': [accept] } } })],
    ['no default', () => ({ transports: {} })],
    ['an empty list', () => []],
    ['a member too much', () => [{ ...sigstore(), more: 1 }]],
    ['a requirement that is none', () => [{ type: 'signedBaseLayer' }]],
    ['a key twice', () => [sigstore({ keyData: 'aaaa' })]],
    ['no key', () => [sigstore({ keyPath: undefined })]],
    ['a type of key', () => [signedBy({ keyType: 'X509Certificates' })]],
    ['an identity that is none', () => [sigstore({ signedIdentity: { type: 'match' } })]],
  ];

  function scoped(docker: Policy): Policy {
    return { default: [reject], transports: { docker } };
  }

  it.each(policies)('%s', async (_, make) => {
    const said: Record<string, string[]> = {};
    for (const [kind, image] of Object.entries(images)) {
      const made = make(image);
      const policy = Array.isArray(made) ? { default: [reject], transports: { docker: { '': made } } } : made;
      said[kind] = [await judges.skopeo(image, policy), await judges.ours(image, policy)];
    }

    expect(Object.entries(said).filter(([, [theirs, ours]]) => theirs !== ours)).toEqual([]);
  });

  it('refuses a name that stands twice, as skopeo does', () => {
    const twice = Buffer.from(
      '{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}',
    );

    expect(() => readSigningPolicy(twice, 'policy.json')).toThrow(/"default" twice/);
  });
});

const fixtures = ['signatures', 'containers+image', 'signature', 'fixtures'];
const roots = ['signatures', 'sigstore+root-signing', 'targets'];

/** Signatures of the tests of containers/image, with entries of the public log. */
describe.skipIf(!ready || !hasData(...fixtures) || !hasData(...roots))('fixtures with log entries', () => {
  const judges = new Judges();

  const rekor = dataPath(...roots, 'rekor.pub');
  const fulcio = {
    caPath: dataPath(...fixtures, 'fulcio_v1.crt.pem'),
    oidcIssuer: 'https://github.com/login/oauth',
    subjectEmail: 'mitr@redhat.com',
  };
  const named = (name: string) => ({
    signedIdentity: { type: 'exactRepository', dockerRepository: `192.168.64.2:5000/cosign-signed/${name}` },
  });
  const byKey = { keyPath: dataPath(...fixtures, 'cosign2.pub'), ...named('key-1') };
  const byName = { rekorPublicKeyPath: rekor, ...named('fulcio-rekor-1') };

  it.each<[string, string, Policy]>([
    ['a key and the log', 'key-rekor', { ...byKey, rekorPublicKeyPath: rekor }],
    ['a key alone', 'key-rekor', byKey],
    ['a key and another log', 'key-rekor', { ...byKey, rekorPublicKeyPath: byKey.keyPath }],
    ['another key', 'key-rekor', { ...byKey, keyPath: dataPath(...fixtures, 'cosign.pub') }],
    ['a name', 'fulcio-rekor', { ...byName, fulcio }],
    ['another name', 'fulcio-rekor', { ...byName, fulcio: { ...fulcio, subjectEmail: 'me@redhat.com' } }],
    ['another issuer', 'fulcio-rekor', { ...byName, fulcio: { ...fulcio, oidcIssuer: 'https://example' } }],
    ['a name and another log', 'fulcio-rekor', { ...byName, fulcio, rekorPublicKeyPath: byKey.keyPath }],
    [
      'another authority',
      'fulcio-rekor',
      { ...byName, fulcio: { ...fulcio, caPath: dataPath(...roots, 'fulcio.crt.pem') } },
    ],
    ['a name without a log', 'fulcio-rekor', { ...byName, rekorPublicKeyPath: undefined, fulcio }],
    ['a name where a key signed', 'key-rekor', { ...byName, ...named('key-1'), fulcio }],
    ['a key where a name signed', 'fulcio-rekor', { ...byKey, ...named('fulcio-rekor-1') }],
  ])('%s', async (_, kind, requirement) => {
    const image = await serveFixture(`dir-img-cosign-${kind}-valid`);
    const policy = { default: [{ type: 'sigstoreSigned', ...requirement }] };

    expect(await judges.ours(image, policy)).toBe(await judges.skopeo(image, policy));
  });

  async function serveFixture(name: string): Promise<string> {
    const manifest = blobOf(readFileSync(dataPath(...fixtures, name, 'manifest.json')));
    const text = readFileSync(dataPath(...fixtures, name, 'signature-1'))
      .subarray(1)
      .toString('utf8');
    const { mimeType, payload, annotations } = JSON.parse(text.slice(text.indexOf('\n'))) as {
      mimeType: string;
      payload: string;
      annotations: Record<string, string>;
    };
    const layer = blobOf(Buffer.from(payload, 'base64'));
    const config = blobOf(Buffer.from('{}'));
    const row = ({ digest, bytes }: ReturnType<typeof blobOf>) => ({ digest, size: bytes.length });
    const signature = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, ...row(config) },
      layers: [{ mediaType: mimeType, ...row(layer), annotations }],
    };
    const tag = `${manifest.digest.replace(':', '-')}.sig`;
    const files = new Map([
      ['manifests/1', manifest.bytes],
      [`manifests/${manifest.digest}`, manifest.bytes],
      [`manifests/${tag}`, Buffer.from(JSON.stringify(signature))],
      [`blobs/${layer.digest}`, layer.bytes],
      [`blobs/${config.digest}`, config.bytes],
    ]);
    const { mediaType = mediaTypes.manifest } = JSON.parse(manifest.bytes.toString('utf8')) as {
      mediaType?: string;
    };
    const server = await startServer(({ url }, response) => {
      if (url === '/v2/') return void response.writeHead(200).end('{}');
      const found = files.get(url.replace('/v2/lab/x/', ''));
      if (!found) return void response.writeHead(404).end('{"errors":[]}');
      const type = url.endsWith(tag) ? mediaTypes.manifest : mediaType;
      response.writeHead(200, { 'content-type': type, 'content-length': found.length }).end(found);
    });
    return `${server.host}/lab/x:1`;
  }
});
