import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromRegistries } from '../../src/fleet/from-registries.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { lookupWithin, offLimits } from '../../src/io/http/off-link.ts';
import { openRepository } from '../../src/registry/open-repository.ts';
import { registryImages } from '../../src/tasks/fleet/registry-images.ts';
import { remotePlace } from '../../src/tasks/fleet/remote-place.ts';
import { addImages, heldStore, night } from '../support/fleet.ts';
import { serve } from '../support/http-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome } from '../support/temporary.ts';

const env = { HOME: noHome() };
/** A machine may have an answer at these addresses: no test waits for it. */
const limits = { retries: 0, connect: 300, whole: 2_000 };

/** Each is 169.254.169.254, an address beside it, or where another cloud tells a machine its credentials. */
const metadata = [
  '169.254.169.254',
  '0xa9.254.43518',
  '2852039166',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[fd20:ce::254]',
  '100.100.100.200',
  '168.63.129.16',
];

const refused = { code: 'FETCH_REFUSED', message: expect.stringContaining('link-local address or a cloud') };

const off = { link: true, machine: true };
const offLink = <T>(work: () => Promise<T>) => offLimits({ link: true, machine: false }, work);

describe('a fleet reads no registry at a link-local address', { timeout: 120_000 }, () => {
  it.each(metadata)('whether it is written as %s', async (host) => {
    const asked = offLink(async () => createHttp({ env, limits }).request(`https://${host}/v2/a/tags/list`));
    await expect(asked).rejects.toMatchObject(refused);
  });

  it('or by a name that stands for one when the connection is made', async () => {
    const found = promisify(lookupWithin(off))('169.254.43518', {});
    await expect(found).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('169.254.43518 is this machine, a link-local'),
    });
    const open = lookupWithin({ link: true, machine: false });
    expect(await promisify(open)('localhost', { family: 4 })).toBe('127.0.0.1');
  });

  it('or by a redirect, or by the token server of another one', async () => {
    await using server = await serve({
      '/redirect': (_, response) => response.writeHead(302, { location: 'https://169.254.169.254/' }).end(),
      '/v2/a/tags/list': (_, response) =>
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="https://169.254.169.254/token"' }).end(),
    });
    await offLink(async () => {
      const http = createHttp({ env, limits });
      await expect(http.request(`${server.origin}/redirect`)).rejects.toMatchObject(refused);
      const subject = {
        noun: 'image',
        notFound: 'IMAGE_NOT_FOUND',
        tooLarge: 'IMAGE_LIMIT_EXCEEDED',
        login: '',
      };
      const place = { host: new URL(server.origin).host, name: 'a' };
      const client = openRepository(place, { http, env, insecure: true, may: 'pull', subject } as never);
      await expect(client.request(`${server.origin}/v2/a/tags/list`)).rejects.toMatchObject(refused);
      await http.close();
    });
  });

  it('unless that is allowed', async () => {
    const read = () => registryImages('169.254.169.254/a', '*', { env, insecure: [] });
    await expect(fromRegistries({}, '169.254.169.254/a', read)).rejects.toMatchObject({
      code: 'IMAGE_UNREACHABLE',
    });
    const seen = await fromRegistries(
      { linkLocal: true },
      'a.example/a',
      async () => createHttp({ env }).limits.redirects,
    );
    expect(seen).toBe(5);
  });

  it('and says so of the image and of the registry, which are not clean', async () => {
    await using store = await heldStore();
    await addImages(store, ['169.254.169.254/app:1']);
    const { summary, news } = await night(store, writeSmallFeed([{ platform: bookworm, statements: [] }]));
    expect(summary).toMatchObject({ names: 1, unread: 1 });
    expect(news[0]).toMatchObject({
      kind: 'unread',
      detail: expect.stringContaining('--allow-link-local-registry'),
    });
  });
});

describe('a fleet reads nothing at its own machine that others name', () => {
  /** The error of an address that another server named, from the address on. */
  const heard = (url: string, linkLocal: boolean) =>
    fromRegistries({ linkLocal }, 'registry.example/team/app:1', async () => {
      const http = createHttp({ env, limits });
      try {
        return (await http.request(url)).status;
      } catch (error) {
        return error;
      } finally {
        await http.close();
      }
    });

  it.each([false, true])(
    'the same is heard of all its ports, link-local addresses allowed: %s',
    async (linkLocal) => {
      await using server = await serve({ '/v2/': (_, response) => response.writeHead(200).end() });
      const { port } = new URL(server.origin);
      for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433']) {
        const answers = [];
        for (const each of [port, '1', '9'])
          answers.push(await heard(`http://${host}:${each}/v2/`, linkLocal));
        expect(answers[0], host).toMatchObject(refused);
        expect(answers.slice(1).map(String), host).toEqual([String(answers[0]), String(answers[0])]);
      }
      expect(server.requests).toEqual([]);
    },
  );

  /** The resolver of this process answers for a name with these addresses in turn, and then with the last. */
  function resolves(name: string, ...addresses: readonly string[]): void {
    const known = { plain: dns.lookup, promised: dns.promises.lookup };
    const left = [...addresses];
    const next = () => [{ address: left.length > 1 ? left.shift()! : left[0]!, family: 4 }];
    dns.promises.lookup = (async (host: string, options: object) =>
      host === name ? next() : known.promised(host, options)) as typeof dns.promises.lookup;
    dns.lookup = ((host: string, options: object, done: (error: null, found: object) => void) =>
      host === name ? done(null, next()) : known.plain(host, options, done as never)) as typeof dns.lookup;
    syncBuiltinESMExports();
    onTestFinished(() => {
      dns.lookup = known.plain;
      dns.promises.lookup = known.promised;
      syncBuiltinESMExports();
    });
  }

  it('an image whose host resolves to this machine after it was accepted is not read, and nothing is sent', async () => {
    await using server = await serve({});
    resolves('moving.example', '192.0.2.1', '127.0.0.1');
    const image = `moving.example:${new URL(server.origin).port}/app:1`;
    expect(await remotePlace('image', image)).toBe(image);
    await using store = await heldStore();
    await addImages(store, [image]);

    const { summary, news } = await night(store, writeSmallFeed([{ platform: bookworm, statements: [] }]));
    expect(summary).toMatchObject({ names: 1, unread: 1 });
    expect(news).toMatchObject([{ kind: 'unread', detail: expect.stringContaining('is this machine') }]);
    expect(server.requests).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost', 'moving.example'])(
    'a registry elsewhere does not lead to it by a redirect to %s',
    async (to) => {
      await using server = await serve({});
      resolves('moving.example', '127.0.0.1');
      const location = `http://${to}:${new URL(server.origin).port}/v2/`;
      // A proxy stands for the registry elsewhere, as tests have this machine alone.
      const registry = 'http://registry.example/v2/';
      await using proxy = await serve({
        [registry]: (_, answer) => answer.writeHead(307, { location }).end(),
      });
      const through = { ...env, HTTP_PROXY: proxy.origin, NO_PROXY: 'moving.example' };
      await fromRegistries({}, 'registry.example/app:1', async () => {
        const http = createHttp({ env: through, limits });
        await expect(http.request(registry)).rejects.toMatchObject(refused);
        await http.close();
      });
      expect(proxy.requests).toHaveLength(1);
      expect(server.requests).toEqual([]);
    },
  );

  it('what its user added by its address is read, and redirects within it are followed', async () => {
    await using server = await serve({
      '/from': (_, response) => response.writeHead(302, { location: '/to' }).end(),
      '/to': (_, response) => response.writeHead(200).end(),
    });
    const { host, port } = new URL(server.origin);
    for (const place of [`${host}/app:1`, `registry:${host}/app:1`, `localhost:${port}/app`]) {
      const read = async () => (await createHttp({ env, limits }).request(`${server.origin}/from`)).status;
      expect(await fromRegistries({}, place, read)).toBe(200);
    }
  });
});

describe('whoever has a token', () => {
  it.each([
    ...metadata,
    'localhost',
    'localhost:5432',
    '127.0.0.1:22',
    '[::1]:22',
    '0.0.0.0:8710',
    '[::ffff:127.0.0.1]',
    '2130706433:80',
  ])('has no registry watched at %s', async (host) => {
    const wrong = { code: 'IMAGE_REFERENCE_INVALID' };
    await expect(remotePlace('registry', host)).rejects.toMatchObject(wrong);
    await expect(remotePlace('registry', `${host}/team`)).rejects.toMatchObject(wrong);
    // A first part without a dot or a port belongs to the name of an image of docker.io.
    if (/[.:]|^localhost$/.test(host))
      await expect(remotePlace('image', `${host}/app:1`)).rejects.toMatchObject(wrong);
  });

  it('may name registries of private networks, link-local ones where that is allowed, and names not known now', async () => {
    for (const host of ['10.0.0.5:5000', '192.168.1.2', '[fd12::5]:5000', 'no-such.invalid'])
      expect(await remotePlace('image', `${host}/app:1`)).toBe(`${host}/app:1`);
    expect(await remotePlace('registry', '169.254.1.2:5000/team', { linkLocal: true })).toBe(
      '169.254.1.2:5000/team',
    );
    await expect(remotePlace('registry', '127.0.0.1', { linkLocal: true })).rejects.toThrow(
      "server's own machine",
    );
  });

  it.each([
    '',
    '/team',
    '../x',
    'a b',
    'host/UPPER',
    'host//x',
    'host/x?y',
    'host/x\r\nhost: y',
    'user@host',
    'host:port',
  ])('is told that %j is no registry', async (place) => {
    await expect(remotePlace('registry', place)).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
  });

  it.each(['dir:/', '/etc', 'podman:app', 'docker:app', 'oci:/x', 'sbom:/etc/passwd'])(
    'is told that %j is no image of a registry',
    async (place) => {
      await expect(remotePlace('image', place)).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
    },
  );
});
