import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageReadOptions, openImage } from '../../../src/image/index.ts';
import { hasOracle } from '../../support/oracles.ts';
import { noHome, temporaryFolder } from '../../support/temporary.ts';
import { startFakeRegistry, startServer } from '../support/fake-registry.ts';
import { imageLayout, makeImage, temporaryFile, writeFiles } from '../support/make-image.ts';
import { file } from '../support/make-tar.ts';
import { text, wanted } from '../support/open.ts';
import { command, type RegistryServer, startRegistry } from '../support/servers.ts';

const login = { user: 'tester', password: 's3cret:with@signs' };
const input = { layers: [[file('var/lib/dpkg/status', 'a')], [file('etc/os-release', 'ID=debian\n')]] };

/** Copies the small image to a registry with skopeo. */
async function push(host: string, ...options: string[]): Promise<void> {
  const folder = writeFiles(temporaryFolder(), imageLayout(input));
  await command(
    'skopeo',
    'copy',
    '--dest-tls-verify=false',
    ...options,
    `oci:${folder}:latest`,
    `docker://${host}/lab/x:1`,
  );
}

function open(host: string, reference: string, options: Partial<ImageReadOptions> = {}) {
  const env = { PATH: process.env['PATH'], HOME: noHome() };
  return openImage(`registry:${host}/${reference}`, {
    wanted,
    env,
    registry: { insecure: true, cache: false },
    ...options,
  });
}

describe.skipIf(!hasOracle('docker-registry', 'skopeo'))("Debian's registry", () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  it.each([
    ['OCI, gzip', []],
    ['Docker schema 2', ['--format', 'v2s2']],
    ['OCI, zstd', ['--dest-compress-format', 'zstd']],
  ])('serves an image as %s', async (_, options) => {
    await push(registry.host, ...options);

    const image = await open(registry.host, 'lab/x:1');

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(image.reference).toBe(`registry:${registry.host}/lab/x:1`);
    const inspected = JSON.parse(
      await command('skopeo', 'inspect', '--tls-verify=false', `docker://${registry.host}/lab/x:1`),
    );
    expect(image.digest).toBe(inspected.Digest);
    expect(image.files.layers.map(({ digest }) => digest)).toEqual(inspected.Layers);
  });

  it('serves an image by its digest', async () => {
    await push(registry.host);
    const { digest } = await open(registry.host, 'lab/x:1');

    const image = await open(registry.host, `lab/x@${digest}`);

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
  });

  it.each(['lab/x:none', 'lab/none:1', `lab/x@sha256:${'0'.repeat(64)}`])('has no %s', async (reference) => {
    await push(registry.host);

    await expect(open(registry.host, reference)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('is asked for no layer that the cache has', async () => {
    await push(registry.host);
    const cache = join(temporaryFolder(), 'blobs');
    const options = { registry: { insecure: true, cache } };
    await open(registry.host, 'lab/x:1', options);
    const before = readdirSync(cache).map((name) => statSync(join(cache, name)).ino);

    const image = await open(registry.host, 'lab/x:1', options);

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
    expect(before).toHaveLength(2);
    expect(readdirSync(cache).map((name) => statSync(join(cache, name)).ino)).toEqual(before);
  });
});

describe.skipIf(!hasOracle('skopeo', 'oras'))('a registry whose blobs lie with a thief', () => {
  /** Asks for a password, and redirects each blob to a host that asks for one as well. */
  async function start() {
    const thief = await startServer((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end();
    });
    // Go takes another port for the same place.
    const elsewhere = thief.host.replace('127.0.0.1', 'localhost');
    const registry = await startFakeRegistry(input, ({ headers, url }, response) => {
      if (!headers.authorization) response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end();
      else if (url === '/v2/') response.end('{}');
      else if (!url.includes('/blobs/')) return false;
      else response.writeHead(307, { location: `http://${elsewhere}/stolen` }).end();
      return true;
    });
    return { thief, registry };
  }

  const { user, password } = login;
  it.each<[string, (host: string) => Promise<unknown>]>([
    [
      'skopeo',
      (host) =>
        command(
          'skopeo',
          'copy',
          '--src-tls-verify=false',
          '--src-creds',
          `${user}:${password}`,
          `docker://${host}/lab/x:1`,
          `dir:${temporaryFolder()}`,
        ),
    ],
    [
      'oras',
      (host) =>
        command(
          'oras',
          'blob',
          'fetch',
          '--plain-http',
          '-u',
          user,
          '-p',
          password,
          '--output',
          '-',
          `${host}/lab/x@${makeImage(input).layers[0]!.digest}`,
        ),
    ],
    [
      'scapfeed',
      (host) => {
        const auth = Buffer.from(`${user}:${password}`).toString('base64');
        const path = temporaryFile('auth.json', JSON.stringify({ auths: { [host]: { auth } } }));
        return open(host, 'lab/x:1', { env: { HOME: noHome(), REGISTRY_AUTH_FILE: path } });
      },
    ],
  ])('does not make %s send it the password', async (_, pull) => {
    const { thief, registry } = await start();

    await expect(pull(registry.host)).rejects.toThrow();

    expect(registry.requests.some(({ headers }) => headers.authorization)).toBe(true);
    expect(thief.requests.length).toBeGreaterThan(0);
    for (const { headers } of thief.requests) expect(headers.authorization).toBeUndefined();
  });
});

describe.skipIf(!hasOracle('docker-registry', 'skopeo', 'htpasswd'))("Debian's registry with a login", () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await startRegistry(login);
  });
  afterAll(() => registry.stop());

  it('lets nobody in without it', async () => {
    await expect(open(registry.host, 'lab/x:1')).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
  });

  it('lets in who is in the file that skopeo login writes', async () => {
    await push(registry.host, '--dest-creds', `${login.user}:${login.password}`);
    const runtime = temporaryFolder();
    mkdirSync(join(runtime, 'containers'));
    const authFile = join(runtime, 'containers/auth.json');
    const credentials = ['--username', login.user, '--password', login.password];
    await command(
      'skopeo',
      'login',
      '--tls-verify=false',
      '--authfile',
      authFile,
      ...credentials,
      registry.host,
    );

    const image = await open(registry.host, 'lab/x:1', { env: { XDG_RUNTIME_DIR: runtime, HOME: runtime } });

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
  });

  it("lets in who is in docker's config.json", async () => {
    await push(registry.host, '--dest-creds', `${login.user}:${login.password}`);
    const folder = temporaryFolder();
    const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));

    const image = await open(registry.host, 'lab/x:1', { env: { DOCKER_CONFIG: folder, HOME: folder } });

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
  });

  it('refuses a wrong password', async () => {
    const folder = temporaryFolder();
    const auth = Buffer.from(`${login.user}:wrong`).toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));

    const opening = open(registry.host, 'lab/x:1', { env: { DOCKER_CONFIG: folder, HOME: folder } });

    await expect(opening).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
  });
});
