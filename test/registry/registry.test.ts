import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ImageReadOptions, openImage } from '../../src/image/index.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { listTags } from '../../src/registry/list-names.ts';
import { openRepository } from '../../src/registry/open-repository.ts';
import { pushBlob } from '../../src/registry/push.ts';
import type { RegistrySubject } from '../../src/registry/subject.ts';
import { RegistryStore } from '../../src/signatures/find/registry-store.ts';
import {
  type FakeServer,
  type Override,
  type SeenRequest,
  sendRange,
  startFakeRegistry,
  startServer,
} from '../image/support/fake-registry.ts';
import { descriptorOf, jsonBlob, makeImage, mediaTypes, temporaryFile } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { text, wanted } from '../image/support/open.ts';
import { certificate } from '../image/support/tls.ts';
import { project } from '../support/cli.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const input = {
  layers: [
    [file('var/lib/dpkg/status', 'a')],
    [file('etc/os-release', 'ID=debian\n'), file('opt/x', 'x'.repeat(20_000))],
  ],
  compress: 'none' as const,
};

/** Opens an image of a server on the loopback, with no login but the test's own and without waiting between tries. */
function open({ host }: { host: string }, options: Partial<ImageReadOptions> = {}, reference = 'lab/x:1') {
  const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 2 } });
  onTestFinished(() => http.close());
  return openImage(`registry:${host}/${reference}`, {
    wanted,
    env: { HOME: noHome() },
    ...options,
    registry: { insecure: true, cache: false, http, ...options.registry },
  });
}

function isBlob({ url }: SeenRequest, digest: string): boolean {
  return url.endsWith(`/blobs/${digest}`);
}

function expectRead(image: Awaited<ReturnType<typeof open>>): void {
  expect(text(image, '/var/lib/dpkg/status')).toBe('a');
  expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
}

describe('a registry', () => {
  it('is asked for manifest, configuration and layers, once each', async () => {
    const registry = await startFakeRegistry(input);

    const image = await open(registry);

    expectRead(image);
    expect(image.digest).toBe(registry.image.manifest.digest);
    expect(registry.requests).toHaveLength(4);
    expect(registry.requests[0]).toMatchObject({
      method: 'GET',
      url: '/v2/lab/x/manifests/1',
      headers: { accept: expect.stringContaining('oci.image.index') },
    });
  });

  it('gives the image for a platform by an index of indexes', async () => {
    const image = makeImage(input);
    const other = jsonBlob({
      schemaVersion: 2,
      manifests: [{ ...descriptorOf(image.manifest), platform: { os: 'linux', architecture: 'amd64' } }],
    });
    const index = jsonBlob({
      schemaVersion: 2,
      manifests: [{ ...descriptorOf(other), platform: { os: 'linux', architecture: 'amd64' } }],
    });
    const registry = await startFakeRegistry(input, (request, response) => {
      const found =
        [index, other].find(({ digest }) => request.url.endsWith(digest)) ??
        (request.url.endsWith('/multi') ? index : undefined);
      if (found) sendRange(request, response, found.bytes);
      return found !== undefined;
    });

    expectRead(await open(registry, {}, 'lab/x:multi'));
    await expect(open(registry, { platform: 'linux/arm64' }, 'lab/x:multi')).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: 'expected an image for linux/arm64, found linux/amd64',
    });
  });

  it('that is not there is a failure of the network', async () => {
    const { host } = await startFakeRegistry(input);

    await expect(open({ host: host.replace(/\d+$/, '1') })).rejects.toMatchObject({ code: 'FETCH_FAILED' });
  });

  it.each([500, 503])('that answers %i is tried again', async (status) => {
    let left = 2;
    const registry = await startFakeRegistry(input, (_, response) => {
      left -= 1;
      if (left >= 0) response.writeHead(status).end();
      return left >= 0;
    });

    expectRead(await open(registry));
  });

  it('that asks for patience is waited for', async () => {
    let left = 1;
    const registry = await startFakeRegistry(input, (_, response) => {
      left -= 1;
      if (left >= 0) response.writeHead(429, { 'retry-after': '0' }).end();
      return left >= 0;
    });

    expectRead(await open(registry));
  });

  it('that asks for more patience than there is, says so', async () => {
    const registry = await startFakeRegistry(input, (_, response) => {
      response.writeHead(429, { 'retry-after': '86400' }).end();
      return true;
    });

    await expect(open(registry)).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: expect.stringContaining('86400'),
    });
  });
});

describe('by TLS', () => {
  it('a registry is not trusted without a known authority', async () => {
    const registry = await startFakeRegistry(input, () => false, true);

    await expect(open(registry, { registry: { insecure: false } })).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
    });
  });

  it("a registry is trusted by the user's own authority", async () => {
    const registry = await startFakeRegistry(input, () => false, true);
    const options = { wanted, env: {}, registry: { ca: certificate, cache: false as const } };

    expectRead(await openImage(`registry:${registry.host}/lab/x:1`, options));
  });

  it('a registry on the loopback is read by whom the system trusts, and never in the clear', async () => {
    const registry = await startFakeRegistry(input, () => false, true);
    const http = createHttp({ env: {}, ca: certificate });
    onTestFinished(() => http.close());

    expectRead(await open(registry, { registry: { insecure: [], http } }));
    const before = registry.requests.length;
    await expect(open(registry, { registry: { insecure: [] } })).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: expect.stringContaining('certificate is not trusted'),
    });
    expect(registry.requests).toHaveLength(before);
  });

  it('is the default: nothing goes in the clear unless the host is named, or of this machine without TLS', async () => {
    const registry = await startFakeRegistry(input);

    const trusting = { insecure: ['other.example'], ca: certificate };
    await expect(open(registry, { registry: trusting })).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: `${registry.host} does not use TLS: it answered in plain http`,
      remedy: expect.stringContaining(`--insecure-registry ${registry.host}`),
    });
    expect(registry.requests).toEqual([]);
    expectRead(await open(registry, { registry: { insecure: [registry.host], ca: certificate } }));
    expectRead(await open(registry, { registry: { insecure: [] } }));
  });
});

describe('a registry with a token server', () => {
  /** Wants the token `t1`, then `t2` and so on, from a server of its own. */
  async function start(lifeOfToken = 100) {
    let issued = 0;
    let uses = 0;
    const tokens = await startServer((_, response) => {
      issued += 1;
      uses = 0;
      response.end(JSON.stringify({ token: `t${issued}` }));
    });
    const registry = await startFakeRegistry(input, ({ headers }, response) => {
      uses += 1;
      if (headers.authorization === `Bearer t${issued}` && uses <= lifeOfToken) return false;
      const challenge = `Bearer realm="http://${tokens.host}/token?a=b",service="lab",scope="repository:lab/x:pull"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[]}');
      return true;
    });
    return { registry, tokens };
  }

  it('is read with a token for everybody', async () => {
    const { registry, tokens } = await start();

    expectRead(await open(registry));
    expect(tokens.requests.map(({ url }) => url)).toEqual([
      '/token?a=b&service=lab&scope=repository%3Alab%2Fx%3Apull',
    ]);
    expect(tokens.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("is read with the user's own token", async () => {
    const { registry, tokens } = await start();

    expectRead(
      await open(registry, {
        env: dockerConfig({ auths: { [registry.host]: { auth: base64('me:pass:word') } } }),
      }),
    );
    expect(tokens.requests[0]?.headers.authorization).toBe(`Basic ${base64('me:pass:word')}`);
  });

  it('trades a refresh token', async () => {
    const { registry, tokens } = await start();

    expectRead(
      await open(registry, {
        env: dockerConfig({ auths: { [registry.host]: { identitytoken: 'refresh' } } }),
      }),
    );
    expect(tokens.requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(Object.fromEntries(new URLSearchParams(tokens.requests[0]?.body))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'refresh',
      service: 'lab',
    });
  });

  it('takes a token that the user brings', async () => {
    const { registry, tokens } = await start();
    await open(registry);

    expectRead(
      await open(registry, { env: dockerConfig({ auths: { [registry.host]: { registrytoken: 't1' } } }) }),
    );
    expect(tokens.requests).toHaveLength(1);
  });

  it('is asked for a new token when the old one has run out', async () => {
    const { registry, tokens } = await start(2);

    expectRead(await open(registry));
    expect(tokens.requests.length).toBeGreaterThan(1);
  });

  it.each([
    ['answers 403', (response: ServerResponse) => response.writeHead(403).end()],
    ['sends no JSON', (response: ServerResponse) => response.end('<html>')],
    ['sends no token', (response: ServerResponse) => response.end('{"token":7}')],
    [
      'sends a token with a line break',
      (response: ServerResponse) => response.end('{"token":"a\\r\\nx: y"}'),
    ],
  ])('is refused when that server %s', async (_, answer) => {
    const tokens = await startServer((_request, response) => void answer(response));
    const registry = await startFakeRegistry(input, (_request, response) => {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${tokens.host}/"` }).end();
      return true;
    });

    await expect(open(registry)).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      remedy: expect.stringContaining('log in'),
    });
  });

  it('does not send a login to a token server in the clear', async () => {
    const tokens = await startServer((_, response) => void response.end('{"token":"t"}'));
    const registry = await startFakeRegistry(
      input,
      (_, response) => {
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${tokens.host}/"` }).end();
        return true;
      },
      true,
    );
    const env = dockerConfig({ auths: { [registry.host]: { auth: base64('me:secret') } } });

    const opening = openImage(`registry:${registry.host}/lab/x:1`, {
      wanted,
      env,
      registry: { ca: certificate, cache: false },
    });

    await expect(opening).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: expect.stringContaining('https'),
    });
    expect(tokens.requests).toEqual([]);
  });
});

describe('a host to which a registry redirects', () => {
  const secrets = { 'a password': { auth: base64('me:secret') }, 'a refresh token': { identitytoken: 'r' } };
  const documents = ['/manifests/1', makeImage(input).config.digest, makeImage(input).layers[1]!.digest];
  const cases = Object.entries(secrets).flatMap(([name, login]) =>
    documents.flatMap((document) =>
      ['Basic', 'Bearer'].map((scheme) => [scheme, document.slice(0, 20), name, document, login] as const),
    ),
  );

  it.each(cases)(
    'and that asks for a %s login for %s does not get %s',
    async (scheme, _, __, document, login) => {
      const thief = await startServer((request, response) => {
        const realm = `http://${request.headers.host}/token`;
        response.writeHead(401, { 'www-authenticate': `${scheme} realm="${realm}",service="x"` }).end();
      });
      const tokens = await startServer((_, response) => void response.end('{"token":"t"}'));
      const registry = await startFakeRegistry(input, ({ url, headers }, response) => {
        if (!headers.authorization) {
          const challenge = `Basic realm="lab", Bearer realm="http://${tokens.host}/token"`;
          response.writeHead(401, { 'www-authenticate': challenge }).end();
          return true;
        }
        if (!url.endsWith(document)) return false;
        response.writeHead(307, { location: `http://${thief.host}/x` }).end();
        return true;
      });
      const env = dockerConfig({ auths: { [registry.host]: login } });

      await expect(open(registry, { env })).rejects.toMatchObject({
        code: 'FETCH_REFUSED',
        message: expect.stringContaining(`http://${thief.host}, to which the registry redirects`),
      });

      expect(thief.requests).toHaveLength(1);
      expect(thief.requests[0]).toMatchObject({ method: 'GET', url: '/x', body: '' });
      expect(thief.requests[0]?.headers.authorization).toBeUndefined();
    },
  );

  it('for an upload does not get a password', async () => {
    const thief = await startServer((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    const registry = await startServer(({ headers }, response) => {
      if (headers.authorization) response.writeHead(202, { location: `http://${thief.host}/up` }).end();
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end();
    });
    const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 1 } });
    onTestFinished(() => http.close());
    const client = openRepository(
      { host: registry.host, name: 'lab/x' },
      {
        http,
        env: dockerConfig({ auths: { [registry.host]: { auth: base64('me:secret') } } }),
        insecure: true,
        may: 'push',
        subject: { noun: 'feed', notFound: 'FETCH_NOT_FOUND', tooLarge: 'FETCH_TOO_LARGE', login: 'log in' },
      },
    );
    const { digest, bytes } = makeImage(input).layers[0]!;

    await expect(pushBlob(client, digest, bytes)).rejects.toMatchObject({ code: 'FETCH_REFUSED' });

    expect(thief.requests.map(({ method }) => method)).toEqual(['PUT']);
    expect(thief.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a token server in the clear', () => {
  /** A registry on 127.0.0.1 that names a token server on another address of the loopback. */
  async function start() {
    const tokens = await startServer((_, response) => void response.end('{"token":"t1"}'));
    const other = tokens.host.replace('127.0.0.1', 'localhost');
    const registry = await startFakeRegistry(input, ({ headers }, response) => {
      if (headers.authorization === 'Bearer t1') return false;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${other}/token"` }).end();
      return true;
    });
    const env = dockerConfig({ auths: { [registry.host]: { auth: base64('me:secret') } } });
    return { tokens, other, registry, env };
  }

  it('on another host is not asked, though the registry is spoken to in the clear', async () => {
    const { tokens, registry, env } = await start();

    for (const insecure of [true, [registry.host]]) {
      await expect(open(registry, { env, registry: { insecure } })).rejects.toMatchObject({
        code: 'FETCH_REFUSED',
        message: expect.stringContaining('--insecure-registry'),
      });
    }
    expect(tokens.requests).toEqual([]);
  });

  it('on another host is asked if the user names it', async () => {
    const { other, registry, env } = await start();

    expectRead(await open(registry, { env, registry: { insecure: [registry.host, other] } }));
  });
});

describe('a login', () => {
  /** A registry that wants Basic, and the last Authorization header that it was sent. */
  async function start() {
    const seen: (string | undefined)[] = [];
    const registry = await startFakeRegistry(input, ({ headers }, response) => {
      seen.push(headers.authorization);
      if (headers.authorization) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end();
      return true;
    });
    return { registry, seen };
  }

  it.each<[string, (host: string) => Record<string, string>]>([
    ["docker's auths", (host) => dockerConfig({ auths: { [host]: { auth: base64('me:secret') } } })],
    [
      'an old key with scheme and path',
      (host) => dockerConfig({ auths: { [`https://${host}/v1/`]: { auth: base64('me:secret') } } }),
    ],
    [
      'user and password apart',
      (host) => dockerConfig({ auths: { [host]: { username: 'me', password: 'secret' } } }),
    ],
    [
      'the longest key of podman',
      (host) =>
        containersAuth({
          auths: { [host]: { auth: base64('no:no') }, [`${host}/lab`]: { auth: base64('me:secret') } },
        }),
    ],
    [
      "podman's file before docker's",
      (host) => ({
        ...dockerConfig({ auths: { [host]: { auth: base64('no:no') } } }),
        ...containersAuth({ auths: { [host]: { auth: base64('me:secret') } } }),
      }),
    ],
    [
      'a helper for the host',
      (host) => helper({ credHelpers: { [host]: 'lab' } }, '{"Username":"me","Secret":"secret"}'),
    ],
    ['a helper for all', () => helper({ credsStore: 'lab' }, '{"Username":"me","Secret":"secret"}')],
    [
      'auths where the helper knows nothing',
      (host) =>
        helper(
          { credsStore: 'lab', auths: { [host]: { auth: base64('me:secret') } } },
          'credentials not found in native keychain',
          1,
        ),
    ],
  ])('is found by %s', async (_, envFor) => {
    const { registry, seen } = await start();

    expectRead(await open(registry, { env: envFor(registry.host) }));
    expect(seen.at(-1)).toBe(`Basic ${base64('me:secret')}`);
  });

  it.each<[string, (host: string) => Record<string, string>]>([
    ['a host without an entry', (host) => dockerConfig({ auths: { [host]: null } })],
    ['no auths', () => dockerConfig({ auths: null, credHelpers: null, credsStore: null })],
    ['a file of null', () => dockerConfig('null')],
    ['no helper for the host', (host) => dockerConfig({ credHelpers: { [host]: null } })],
    ['a helper that answers null', () => helper({ credsStore: 'lab' }, 'null')],
    ['a helper that answers {}', () => helper({ credsStore: 'lab' }, '{}')],
  ])('is not there with %s', async (_, envFor) => {
    const { registry } = await start();

    await expect(open(registry, { env: envFor(registry.host) })).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: expect.stringContaining('asks for a login'),
    });
  });

  it('by a helper gets the host on its stdin', async () => {
    const { registry } = await start();
    const env = helper({ credsStore: 'lab' }, '{"Username":"me","Secret":"secret"}');

    await open(registry, { env });

    expect(readFileSync(join(env['DOCKER_CONFIG']!, 'asked'), 'utf8')).toBe(registry.host);
  });

  it.each<[string, (host: string) => Record<string, string>]>([
    ['a helper that fails', () => helper({ credsStore: 'lab' }, 'boom', 3)],
    ['a helper that is not there', () => dockerConfig({ credsStore: 'nonexistent' })],
    ['a helper with a path for a name', () => dockerConfig({ credsStore: '../../bin/sh' })],
    ['a helper that answers no JSON', () => helper({ credsStore: 'lab' }, '{secret')],
    ['a helper that answers a list', () => helper({ credsStore: 'lab' }, '["secret"]')],
    ['a list of logins', () => dockerConfig({ auths: ['secret'] })],
    ['a text for an entry', (host) => dockerConfig({ auths: { [host]: 'secret' } })],
    ['a file of a list', () => dockerConfig(['secret'])],
    ['a file that is no JSON', () => dockerConfig('{"auths": secret')],
    ['base64 of nothing', (host) => dockerConfig({ auths: { [host]: { auth: base64('nothing') } } })],
  ])('is an error with %s', async (_, envFor) => {
    const { registry } = await start();

    const error = await open(registry, { env: envFor(registry.host) }).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'FETCH_REFUSED', where: expect.stringContaining('config.json') });
    expect(JSON.stringify(error) + String((error as Error).message)).not.toContain('secret');
  });

  it('that is not there is an error', async () => {
    const { registry } = await start();

    await expect(open(registry)).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: expect.stringContaining('basic'),
    });
  });
});

describe('a layer', () => {
  it('is fetched from another host without the login', async () => {
    const store = await startServer((request, response) => {
      const blob = makeImage(input).layers.find(({ digest }) => request.url.includes(digest));
      sendRange(request, response, blob!.bytes);
    });
    const registry = await startFakeRegistry(input, (request, response) => {
      if (!request.headers.authorization) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end();
        return true;
      }
      const layer = makeImage(input).layers.some(({ digest }) => isBlob(request, digest));
      if (layer) response.writeHead(307, { location: `http://${store.host}/data?${request.url}` }).end();
      return layer;
    });

    expectRead(
      await open(registry, {
        env: dockerConfig({ auths: { [registry.host]: { auth: base64('me:secret') } } }),
      }),
    );
    expect(store.requests).toHaveLength(2);
    for (const { headers } of store.requests) expect(headers.authorization).toBeUndefined();
    expect(registry.requests.filter(({ headers }) => headers.authorization)).not.toHaveLength(0);
  });

  /** Cuts each transfer of the second layer after some bytes, `times` times. */
  function cutting(times: number, answersRanges: boolean): Override {
    const { digest, bytes } = makeImage(input).layers[1]!;
    let left = times;
    return (request, response) => {
      if (!isBlob(request, digest)) return false;
      if (!answersRanges) delete request.headers.range;
      left -= 1;
      if (left < 0) return false;
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': bytes.length - start,
        ...(start > 0 && range),
      });
      response.write(bytes.subarray(start, start + 5000), () => response.destroy());
      return true;
    };
  }

  it('that is cut is taken up where it stopped', async () => {
    const registry = await startFakeRegistry(input, cutting(3, true));

    expectRead(await open(registry));
    const ranges = registry.requests
      .map(({ headers }) => headers.range)
      .filter((range) => range !== undefined);
    expect(ranges).toEqual(['bytes=5000-', 'bytes=10000-', 'bytes=15000-']);
  });

  it('that is cut is read again from a server without ranges', async () => {
    expectRead(await open(await startFakeRegistry(input, cutting(1, false))));
  });

  it('that is cut again and again without a byte is given up', async () => {
    const { digest } = makeImage(input).layers[1]!;
    const registry = await startFakeRegistry(input, (request, response) => {
      if (!isBlob(request, digest)) return false;
      response.writeHead(200, { 'content-length': '100' });
      response.flushHeaders();
      setImmediate(() => response.destroy());
      return true;
    });

    await expect(open(registry)).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      where: expect.stringContaining(digest),
    });
  });

  it('that is longer than its manifest says is stopped there, even if it never ends', async () => {
    const { digest } = makeImage(input).layers[1]!;
    const registry = await startFakeRegistry(input, (request, response) => {
      if (!isBlob(request, digest)) return false;
      response.writeHead(200);
      const timer = setInterval(() => response.write(Buffer.alloc(10_000)), 1);
      response.on('close', () => clearInterval(timer));
      return true;
    });

    await expect(open(registry)).rejects.toMatchObject({
      code: 'IMAGE_MALFORMED',
      where: expect.stringContaining(digest),
    });
  });

  it.each(['layer', 'config'] as const)(
    'and configuration are refused when they are others than their digests say (%s)',
    async (kind) => {
      const image = makeImage(input);
      const { digest, bytes } = kind === 'config' ? image.config : image.layers[0]!;
      const forged = Buffer.from(bytes);
      forged[40]! ^= 1;
      const registry = await startFakeRegistry(input, (request, response) => {
        if (isBlob(request, digest)) sendRange(request, response, forged);
        return isBlob(request, digest);
      });

      await expect(open(registry)).rejects.toMatchObject({ where: expect.stringContaining(digest) });
    },
  );
});

describe('a manifest', () => {
  it.each([
    ['another than its digest', `lab/x@${makeImage(input).manifest.digest}`, {}],
    [
      'another than the registry announces',
      'lab/x:1',
      { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    ],
  ])('is refused when it is %s', async (_, reference, headers) => {
    const forged = Buffer.from(makeImage(input).manifest.bytes.toString().replace('{', '{ '));
    const registry = await startFakeRegistry(input, (request, response) => {
      sendRange(request, response, forged, headers);
      return true;
    });

    await expect(open(registry, {}, reference)).rejects.toMatchObject({ code: 'IMAGE_DIGEST_MISMATCH' });
  });

  it('of 100 MB is not read to its end', async () => {
    let sent = 0;
    const registry = await startFakeRegistry(input, (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (sent < 100 << 20) {
          sent += 1 << 16;
          if (!response.write(Buffer.alloc(1 << 16, ' '))) return void response.once('drain', more);
        }
        response.end();
      };
      more();
      return true;
    });

    await expect(open(registry)).rejects.toMatchObject({ code: 'IMAGE_LIMIT_EXCEEDED' });
    expect(sent).toBeLessThan(50 << 20);
  });
});

describe('the cache of layers', () => {
  const sizes = () => makeImage(input).layers.map(({ bytes }) => bytes.length);

  async function start(cacheBytes?: number) {
    const registry = await startFakeRegistry(input);
    const cache = join(temporaryFolder(), 'deep/blobs');
    const read = () =>
      open(registry, { registry: { cache, ...(cacheBytes !== undefined && { cacheBytes }) } });
    return { registry, cache, read };
  }

  function blobRequests({ requests }: FakeServer, digests: readonly string[]): number {
    return requests.filter(({ url }) => digests.some((digest) => url.endsWith(digest))).length;
  }

  it('spares the network', async () => {
    const { registry, cache, read } = await start();
    await read();
    const layers = registry.image.layers.map(({ digest }) => digest);
    expect(readdirSync(cache).sort()).toEqual(layers.map((digest) => digest.replace(':', '-')).sort());

    expectRead(await read());

    expect(blobRequests(registry, layers)).toBe(2);
  });

  it('stays within its bound: what was not used for longest goes', async () => {
    const [small = 0, large = 0] = sizes();
    const { registry, cache, read } = await start(small + large);
    mkdirSync(cache, { recursive: true });
    for (const [name, size, age] of [
      ['sha256-old', small, 2000],
      ['sha256-older', large, 3000],
    ] as const) {
      writeFileSync(join(cache, name), Buffer.alloc(size));
      utimesSync(join(cache, name), new Date(age), new Date(age));
    }

    expectRead(await read());

    expect(readdirSync(cache).sort()).toEqual(
      registry.image.layers.map(({ digest }) => digest.replace(':', '-')).sort(),
    );
  });

  it('does not keep what is larger than all of it', async () => {
    const { cache, read } = await start(10);

    expectRead(await read());

    expect(existsSync(cache)).toBe(false);
  });

  it('throws away what was changed on the disk', async () => {
    const { registry, cache, read } = await start();
    await read();
    const path = join(cache, registry.image.layers[0]!.digest.replace(':', '-'));
    const bytes = readFileSync(path);
    bytes[600]! ^= 1;
    writeFileSync(path, bytes);

    await expect(read()).rejects.toMatchObject({ code: 'IMAGE_DIGEST_MISMATCH' });
    expectRead(await read());
  });

  it('that holds a damaged layer and cannot be changed is an error of the digest', async () => {
    const registry = await startFakeRegistry(input);
    const home = temporaryFolder();
    chmodSync(home, 0o755);
    const cache = join(home, 'scapfeed', 'blobs');
    mkdirSync(cache, { recursive: true });
    const { digest, bytes } = registry.image.layers[0]!;
    writeFileSync(join(cache, digest.replace(':', '-')), Buffer.alloc(bytes.length));
    chmodSync(cache, 0o555);
    const cli = join(project, 'dist/cli.cjs');
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

    const running = promisify(execFile)(
      process.execPath,
      [cli, 'inventory', `registry:${registry.host}/lab/x:1`, '--insecure-registry', registry.host],
      { ...user, env: { HOME: noHome(), XDG_CACHE_HOME: home } },
    );

    await expect(running).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[IMAGE_DIGEST_MISMATCH]'),
    });
  });

  it('is private: layers may be of private images', async () => {
    const cache = join(temporaryFolder(), 'new', 'blobs');
    const registry = await startFakeRegistry(input);
    const old = process.umask(0o022);
    onTestFinished(() => void process.umask(old));

    await open(registry, { registry: { cache } });

    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect([mode(join(cache, '..')), mode(cache)]).toEqual(['700', '700']);
    expect(readdirSync(cache).map((name) => mode(join(cache, name)))).toEqual(['600', '600']);
  });

  it('closes a folder that an earlier version left open to all', async () => {
    const cache = temporaryFolder();
    chmodSync(cache, 0o755);
    const registry = await startFakeRegistry(input);

    await open(registry, { registry: { cache } });

    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  it('keeps nothing that its digest does not fit', async () => {
    const [layer] = makeImage(input).layers;
    const forged = Buffer.from(layer!.bytes);
    // The first byte of the first file's content.
    forged[512]! ^= 1;
    const registry = await startFakeRegistry(input, (request, response) => {
      const forge = isBlob(request, layer!.digest);
      if (forge) sendRange(request, response, forged);
      return forge;
    });
    const cache = join(temporaryFolder(), 'blobs');

    await expect(open(registry, { registry: { cache } })).rejects.toMatchObject({
      code: 'IMAGE_DIGEST_MISMATCH',
    });

    expect(
      readdirSync(cache).filter((name) => !name.includes(makeImage(input).layers[1]!.digest.slice(7))),
    ).toEqual([]);
  });

  it('that cannot be written is done without', async () => {
    const registry = await startFakeRegistry(input);

    expectRead(await open(registry, { registry: { cache: join(temporaryFile('no-folder', ''), 'blobs') } }));
  });
});

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}

/** Environment with a config.json of docker's. */
function dockerConfig(config: unknown): Record<string, string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return { DOCKER_CONFIG: folder, HOME: folder, PATH: process.env['PATH'] ?? '' };
}

/** Environment with an auth.json of podman's. */
function containersAuth(config: unknown): Record<string, string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'containers'));
  writeFileSync(join(folder, 'containers/auth.json'), JSON.stringify(config));
  return { XDG_RUNTIME_DIR: folder };
}

/** Environment with a credential helper `lab` that gives one answer and writes down what it was asked. */
function helper(config: unknown, answer: string, code = 0): Record<string, string> {
  const env = dockerConfig(config);
  const folder = env['DOCKER_CONFIG']!;
  const path = join(folder, 'docker-credential-lab');
  writeFileSync(path, `#!/bin/sh\ncat > ${folder}/asked\nprintf '%s' '${answer}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return { ...env, PATH: `${folder}:${env['PATH']}` };
}

describe('a registry that sends a byte now and then', () => {
  /** The start of a document that never ends, a byte at a time. */
  function drip(response: ServerResponse, type = 'application/json'): void {
    response.writeHead(200, { 'content-type': type });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  }

  /** A repository of a registry that drips where the pattern fits, by a client with a small limit in place of a minute. */
  async function dripping(pattern: RegExp, asksForToken = false) {
    const registry = await startServer((request, response) => {
      if (pattern.test(request.url)) return drip(response, mediaTypes.index);
      const challenge = `Bearer realm="http://${request.headers.host}/token"`;
      response.writeHead(asksForToken ? 401 : 404, { 'www-authenticate': challenge }).end('{"errors":[]}');
    });
    const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 2, idle: 200, least: 10_000 } });
    onTestFinished(() => http.close());
    const subject: RegistrySubject = {
      ...{ noun: 'image', login: 'log in' },
      notFound: 'IMAGE_NOT_FOUND',
      tooLarge: 'IMAGE_LIMIT_EXCEEDED',
    };
    const client = openRepository(
      { host: registry.host, name: 'lab/x' },
      { http, env: { HOME: noHome() }, insecure: true, may: 'pull', subject },
    );
    const reference = { kind: 'registry', host: registry.host, name: 'lab/x', tag: '1' } as const;
    const store = new RegistryStore(client, reference, async () => undefined);
    return { registry, client, store };
  }

  type Dripping = Awaited<ReturnType<typeof dripping>>;
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each<[string, RegExp, (at: Dripping) => Promise<unknown>]>([
    ['a manifest', /manifests\/1$/, ({ client }) => client.manifest('1', 1 << 20)],
    ['a small blob', /blobs\//, ({ client }) => client.readBlob(digest, 1 << 20)],
    ['the list of referrers', /referrers\//, ({ store }) => store.attached(digest)],
    ['the list of tags', /tags\/list/, ({ client }) => listTags(client, 10, () => true)],
    ['an answer with a token', /\/token/, ({ client }) => client.manifest('1', 1 << 20)],
  ])('ends with an error for %s, and is not asked again', async (what, pattern, read) => {
    const at = await dripping(pattern, what.includes('token'));
    await expect(read(at)).rejects.toMatchObject({
      code: 'FETCH_TIMEOUT',
      message: expect.stringContaining('which is too slow'),
      where: expect.stringMatching(pattern),
    });
    expect(at.registry.requests.filter(({ url }) => pattern.test(url))).toHaveLength(1);
  });

  it('ends with an error for a layer, and is not asked again', async () => {
    const { digest } = makeImage(input).layers[1]!;
    const registry = await startFakeRegistry(input, (request, response) => {
      if (!isBlob(request, digest)) return false;
      drip(response, mediaTypes.layer);
      return true;
    });
    const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 2, idle: 200, least: 10_000 } });
    onTestFinished(() => http.close());
    await expect(open(registry, { registry: { insecure: true, cache: false, http } })).rejects.toMatchObject({
      code: 'FETCH_TIMEOUT',
      message: expect.stringContaining('which is too slow'),
      where: expect.stringContaining(digest),
    });
    expect(registry.requests.filter((request) => isBlob(request, digest))).toHaveLength(1);
  });
});
