import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/io/bytes.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import type { Fetched, Http, HttpOptions } from '../../src/io/http/http.ts';
import { retryDelay } from '../../src/io/http/retry.ts';
import { networkReason } from '../../src/io/system-reason.ts';
import { type Behaviour, serve, testCertificate } from '../support/http-server.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** No test waits for real delays: the schedule has its own test. */
const quick = { firstDelay: 1, retries: 3, headers: 300, idle: 300, least: 0 };
const document = Buffer.from(Array.from({ length: 50_000 }, (_, line) => `line ${line}\n`).join(''));

describe('retries', () => {
  it.each([408, 429, 500, 502, 503, 504])('a passing status %i is tried again', async (status) => {
    const flaky: Behaviour = (_, response, count) => {
      if (count < 3) response.writeHead(status).end('sorry');
      else response.end(document);
    };
    await using server = await serve({ '/data': flaky });

    expect((await text(client(), `${server.origin}/data`)).equals(document)).toBe(true);
    expect(server.requests).toHaveLength(3);
  });

  it.each([400, 401, 403])('a refusal %i is not', async (status) => {
    await using server = await serve({ '/data': (_, response) => response.writeHead(status).end() });

    await expect(client().get(`${server.origin}/data`)).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: `expected status 200, the server answered ${status}`,
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each([404, 410])('a document that is not there (%i) has its own code', async (status) => {
    await using server = await serve({ '/data': (_, response) => response.writeHead(status).end() });

    await expect(client().get(`${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
  });

  it('ends with the last status after all tries', async () => {
    await using server = await serve({ '/data': (_, response) => response.writeHead(503).end() });

    await expect(client().get(`${server.origin}/data`)).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: 'expected status 200, the server answered 503',
      where: `${server.origin}/data`,
    });
    expect(server.requests).toHaveLength(1 + quick.retries);
  });

  it('does not wait for a Retry-After beyond its patience', async () => {
    const busy: Behaviour = (_, response) => response.writeHead(429, { 'retry-after': '86400' }).end();
    await using server = await serve({ '/data': busy });

    await expect(client().get(`${server.origin}/data`)).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: expect.stringContaining('retry-after: 86400'),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('a POST is never repeated', async () => {
    await using server = await serve({ '/token': (_, response) => response.writeHead(503).end() });

    const answer = await client().request(`${server.origin}/token`, { method: 'POST', body: 'a=b' });

    expect(answer.status).toBe(503);
    expect(server.requests).toHaveLength(1);
  });

  it('a server that is not there', async () => {
    await expect(client().get('http://127.0.0.1:1/data')).rejects.toMatchObject({ code: 'FETCH_FAILED' });
  });
});

describe('the schedule', () => {
  const limits = { firstDelay: 500, longestDelay: 120_000 };

  it.each([
    { attempt: 0, headers: {}, delay: 500 },
    { attempt: 1, headers: {}, delay: 1000 },
    { attempt: 3, headers: {}, delay: 4000 },
    { attempt: 20, headers: {}, delay: 120_000 },
    { attempt: 0, headers: { 'retry-after': '7' }, delay: 7000 },
    { attempt: 4, headers: { 'retry-after': '1' }, delay: 8000 },
    { attempt: 0, headers: { 'retry-after': '121' }, delay: undefined },
    { attempt: 0, headers: { 'retry-after': 'soon' }, delay: 500 },
    {
      attempt: 0,
      headers: { 'retry-after': 'Tue, 24 Nov 2026 10:00:30 GMT', date: 'Tue, 24 Nov 2026 10:00:00 GMT' },
      delay: 30_000,
    },
  ])('try $attempt with $headers waits $delay ms', ({ attempt, headers, delay }) => {
    expect(retryDelay(limits, attempt, headers)).toBe(delay);
  });
});

describe('a body that is cut', () => {
  const etag = '"one"';

  it('goes on by Range from where it stopped', async () => {
    const cutOnce: Behaviour = (request, response, count) => {
      if (count === 1) return cut(response, document.subarray(0, 100_000), { etag });
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
      response.writeHead(206, {
        'content-range': `bytes ${from}-${document.length - 1}/${document.length}`,
        etag,
      });
      response.end(document.subarray(from));
    };
    await using server = await serve({ '/data': cutOnce });

    expect((await text(client(), `${server.origin}/data`)).equals(document)).toBe(true);
    expect(server.requests[1]?.headers).toMatchObject({ 'if-range': etag });
  });

  it('begins anew where the server knows no Range', async () => {
    const cutOnce: Behaviour = (_, response, count) => {
      if (count === 1) cut(response, document.subarray(0, 100_000), {});
      else response.end(document);
    };
    await using server = await serve({ '/data': cutOnce });

    expect((await text(client(), `${server.origin}/data`)).equals(document)).toBe(true);
    expect(server.requests[1]?.headers.range).toBeUndefined();
  });

  it.each([
    ['another content', Buffer.from(document.toString().toUpperCase())],
    ['a shorter content', document.subarray(0, 10)],
  ])('never joins two versions: %s', async (_, other) => {
    const changing: Behaviour = (_request, response, count) => {
      if (count === 1) cut(response, document.subarray(0, 100_000), { etag });
      else response.writeHead(200, { etag: '"two"' }).end(other);
    };
    await using server = await serve({ '/data': changing });

    await expect(text(client(), `${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_CHANGED' });
  });

  it('gives up after the tries', async () => {
    const broken: Behaviour = (_, response) => cut(response, document.subarray(0, 10), {});
    await using server = await serve({ '/data': broken });

    await expect(text(client(), `${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    expect(server.requests).toHaveLength(1 + quick.retries);
  });
});

describe('limits', () => {
  it('refuses an announced length above the bound before reading', async () => {
    await using server = await serve({ '/data': (_, response) => response.end(document) });

    await expect(client().get(`${server.origin}/data`, { maxBytes: 1000 })).rejects.toMatchObject({
      code: 'FETCH_TOO_LARGE',
      message: `expected at most 1000 bytes, the server announces ${document.length}`,
    });
  });

  it('refuses more bytes than the bound when no length was announced', async () => {
    const endless: Behaviour = (_, response) => {
      const more = () => {
        while (response.writable && response.write(document));
        response.once('drain', more);
      };
      more();
    };
    await using server = await serve({ '/data': endless });

    await expect(text(client(), `${server.origin}/data`, { maxBytes: 5_000_000 })).rejects.toMatchObject({
      code: 'FETCH_TOO_LARGE',
    });
  });

  it('counts the plain bytes of a compressed body', async () => {
    const bomb: Behaviour = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000)));
    await using server = await serve({ '/data': bomb });

    await expect(text(client(), `${server.origin}/data`, { maxBytes: 100_000 })).rejects.toMatchObject({
      code: 'FETCH_TOO_LARGE',
    });
  });

  it('an answer that never comes', async () => {
    await using server = await serve({ '/data': () => undefined });

    await expect(
      client({ limits: { ...quick, retries: 0 } }).get(`${server.origin}/data`),
    ).rejects.toMatchObject({
      code: 'FETCH_TIMEOUT',
    });
  });

  it('a body that falls silent', async () => {
    const silent: Behaviour = (_, response) => void response.write('a');
    await using server = await serve({ '/data': silent });

    const read = text(client({ limits: { ...quick, retries: 0 } }), `${server.origin}/data`);

    await expect(read).rejects.toMatchObject({ code: 'FETCH_TIMEOUT' });
  });

  it('a body that drips for ever', async () => {
    const dripping: Behaviour = (_, response) => {
      const timer = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(timer));
    };
    await using server = await serve({ '/data': dripping });

    const read = text(client({ limits: { ...quick, whole: 400 } }), `${server.origin}/data`);

    await expect(read).rejects.toMatchObject({
      code: 'FETCH_TIMEOUT',
      message: 'the whole transfer took too long',
    });
  });
});

describe('a server that sends a byte now and then', () => {
  const dripping: Behaviour = (_, response) => {
    const timer = setInterval(() => response.write('a'), 20);
    response.on('close', () => clearInterval(timer));
  };
  const slow = { code: 'FETCH_TIMEOUT', message: expect.stringContaining('which is too slow') };

  it('does not keep a transfer waiting, nor is it asked again', async () => {
    await using server = await serve({ '/data': dripping });
    const http = client({ limits: { ...quick, idle: 200, least: 10_000 } });
    await expect(text(http, `${server.origin}/data`)).rejects.toMatchObject(slow);
    const { body } = await http.request(`${server.origin}/data`);
    await expect(
      readAll(body, { maxBytes: 1 << 20, code: 'FETCH_TOO_LARGE', where: 'data' }),
    ).rejects.toMatchObject(slow);
    expect(server.requests).toHaveLength(2);
  });
});

describe('the time for the whole', () => {
  it('ends a wait before another try', async () => {
    const busy: Behaviour = (_, response) => response.writeHead(503, { 'retry-after': '60' }).end();
    await using server = await serve({ '/data': busy });
    const http = client({ limits: { ...quick, whole: 200 } });

    await expect(http.get(`${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_TIMEOUT' });
    await expect(http.request(`${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_TIMEOUT' });
  });

  it('is the caller’s to end earlier', async () => {
    await using server = await serve({ '/data': () => undefined });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('the user pressed Ctrl-C')), 50);

    const asked = client().get(`${server.origin}/data`, { signal: stop.signal });

    await expect(asked).rejects.toThrow('the user pressed Ctrl-C');
  });
});

describe('conditional requests', () => {
  it('sends both validators, and 304 is the word that nothing changed', async () => {
    await using server = await serve({ '/data': (_, response) => response.writeHead(304).end() });
    const lastModified = 'Tue, 24 Nov 2026 10:00:00 GMT';

    const answer = await client().get(`${server.origin}/data`, { etag: '"one"', lastModified });

    expect(answer).toEqual({ notModified: true });
    expect(server.requests[0]?.headers).toMatchObject({
      'if-none-match': '"one"',
      'if-modified-since': lastModified,
    });
  });

  it('gives the validators of a new document', async () => {
    const lastModified = 'Tue, 24 Nov 2026 10:00:00 GMT';
    const headers = { etag: 'W/"two"', 'last-modified': lastModified };
    await using server = await serve({ '/data': (_, response) => response.writeHead(200, headers).end('x') });

    expect(await client().get(`${server.origin}/data`)).toMatchObject({ etag: 'W/"two"', lastModified });
  });

  it('a 304 that nobody asked for is an error', async () => {
    await using server = await serve({ '/data': (_, response) => response.writeHead(304).end() });

    await expect(client().get(`${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
  });
});

describe('compressed transfer', () => {
  it('is asked for and undone', async () => {
    const packed: Behaviour = (request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(document));
    };
    await using server = await serve({ '/data': packed });

    expect((await text(client(), `${server.origin}/data`)).equals(document)).toBe(true);
  });

  it('that is broken has a code', async () => {
    const broken: Behaviour = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(document).subarray(0, 500));
    await using server = await serve({ '/data': broken });

    await expect(text(client(), `${server.origin}/data`)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
  });
});

describe('redirects', () => {
  const secret = { authorization: 'Bearer secret', cookie: 'a=b', accept: 'application/json' };

  it('carry credentials to the same origin only', async () => {
    await using other = await serve({ '/blob': (_, response) => response.end('x') });
    await using server = await serve({
      '/near': (_, response) => response.writeHead(307, { location: '/here' }).end(),
      '/here': (_, response) => response.end('x'),
      '/far': (_, response) => response.writeHead(307, { location: `${other.origin}/blob` }).end(),
    });

    await client().request(`${server.origin}/near`, { headers: secret });
    const far = await client().request(`${server.origin}/far`, { headers: secret });

    expect(server.requests[1]?.headers).toMatchObject(secret);
    expect(far.url).toBe(`${other.origin}/blob`);
    expect(other.requests[0]?.headers).toMatchObject({ accept: 'application/json' });
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(other.requests[0]?.headers.cookie).toBeUndefined();
  });

  it('in a circle are refused', async () => {
    await using server = await serve({
      '/a': (_, response) => response.writeHead(302, { location: '/a' }).end(),
    });

    await expect(client().request(`${server.origin}/a`)).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: 'expected at most 5 redirects, found more',
    });
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://'])('to %s are refused', async (location) => {
    await using server = await serve({ '/a': (_, response) => response.writeHead(302, { location }).end() });

    await expect(client().request(`${server.origin}/a`)).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
  });

  it('are given to a caller who wants to see them', async () => {
    await using server = await serve({
      '/a': (_, response) => response.writeHead(307, { location: '/b' }).end(),
    });

    const answer = await client().request(`${server.origin}/a`, { redirects: 0 });

    expect(answer).toMatchObject({ status: 307, headers: { location: '/b' } });
    await answer.discard();
  });

  it('303 turns a POST into a GET without its body', async () => {
    await using server = await serve({
      '/upload': (_, response) => response.writeHead(303, { location: '/done' }).end(),
      '/done': (_, response) => response.end('x'),
    });

    await client().request(`${server.origin}/upload`, { method: 'POST', body: 'much' });

    expect(server.requests[1]).toMatchObject({ method: 'GET', path: '/done' });
    expect(server.requests[1]?.headers['content-length']).toBeUndefined();
  });
});

describe('trust', () => {
  it('an authority that nobody named is refused at once', async () => {
    await using server = await serve({ '/data': (_, response) => response.end('x') }, { tls: true });

    await expect(client().get(`${server.origin}/data`)).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  it('is not advised to be given to Node, which an executable is not', () => {
    const text =
      'unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca\n';
    expect(networkReason(new Error(text))).toBe('unable to verify the first certificate');
  });

  it('an authority of one’s own', async () => {
    await using server = await serve({ '/data': (_, response) => response.end('x') }, { tls: true });

    expect((await text(client({ ca: testCertificate }), `${server.origin}/data`)).toString()).toBe('x');
  });

  it('a redirect from https to http is refused', async () => {
    await using plain = await serve({ '/data': (_, response) => response.end('x') });
    const down: Behaviour = (_, response) =>
      response.writeHead(302, { location: `${plain.origin}/data` }).end();
    await using server = await serve({ '/data': down }, { tls: true });

    await expect(client({ ca: testCertificate }).get(`${server.origin}/data`)).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: expect.stringContaining('redirects from https to http:'),
    });
    expect(plain.requests).toEqual([]);
  });
});

describe('proxies', () => {
  it('HTTP_PROXY carries the request unless NO_PROXY names the host', async () => {
    await using server = await serve({ '/data': (_, response) => response.end('direct') });
    await using proxy = await serve({
      'http://vendor.invalid/data': (_, response) => response.end('by proxy'),
    });
    const env = { HTTP_PROXY: proxy.origin, NO_PROXY: 'named.invalid' };

    await expect(text(client({ env }), 'http://named.invalid/data')).rejects.toThrow('named.invalid');
    // This machine needs no naming: what is meant for it, such as a registry's password, would leave it.
    expect((await text(client({ env }), `${server.origin}/data`)).toString()).toBe('direct');
    expect(
      (await text(client({ env }), `${server.origin.replace('127.0.0.1', 'localhost')}/data`)).toString(),
    ).toBe('direct');
    expect((await text(client({ env }), 'http://vendor.invalid/data')).toString()).toBe('by proxy');
  });
});

describe('a mirror', () => {
  const url = 'https://vendor.invalid/tracker/data/json';
  const written = new Date('2026-11-24T10:00:00Z');

  function folder(): string {
    const dir = temporaryFolder('mirror');
    mkdirSync(join(dir, 'vendor.invalid/tracker/data'), { recursive: true });
    writeFileSync(join(dir, 'vendor.invalid/tracker/data/json'), '{}');
    utimesSync(join(dir, 'vendor.invalid/tracker/data/json'), written, written);
    return dir;
  }

  it('in a folder answers as a server would, with the file date; a file is the same by size and nanosecond', async () => {
    const dir = folder();
    const http = client({ mirror: dir });

    const answer = await http.get(url);

    expect(answer).toMatchObject({ notModified: false, lastModified: written.toUTCString() });
    expect((await text(http, url)).toString()).toBe('{}');
    const { etag } = answer as { etag: string };
    expect(await http.get(url, { etag })).toEqual({ notModified: true });
    writeFileSync(join(dir, 'vendor.invalid/tracker/data/json'), '{ }');
    utimesSync(join(dir, 'vendor.invalid/tracker/data/json'), written, written);
    expect(await http.get(url, { etag })).toMatchObject({ notModified: false });
  });

  it('in a folder may carry the dates that its copies lost', async () => {
    const dir = folder();
    const lastModified = 'Mon, 23 Nov 2026 00:00:00 GMT';
    writeFileSync(
      join(dir, 'last-modified.json'),
      JSON.stringify({ 'vendor.invalid/tracker/data/json': lastModified }),
    );

    expect(await client({ mirror: dir }).get(url)).toMatchObject({ lastModified });
  });

  it.each(['https://vendor.invalid/tracker/data', 'https://vendor.invalid/nothing'])(
    'has no %s',
    async (absent) => {
      await expect(client({ mirror: folder() }).get(absent)).rejects.toMatchObject({
        code: 'FETCH_NOT_FOUND',
        remedy: expect.stringContaining('MIRROR/HOST/PATH'),
      });
    },
  );

  it.each(['https://vendor.invalid/%2e%2e/%2e%2e/etc/passwd', 'https://vendor.invalid/..%2f..%2fetc/passwd'])(
    'is not left by %s',
    async (outside) => {
      await expect(client({ mirror: folder() }).get(outside)).rejects.toMatchObject({
        code: expect.stringMatching(/^FETCH_(REFUSED|NOT_FOUND)$/),
      });
    },
  );

  it('on a server has the host as its first folder', async () => {
    await using server = await serve({
      '/copy/vendor.invalid/tracker/data/json': (_, response) => response.end('{}'),
    });

    expect((await text(client({ mirror: `${server.origin}/copy/` }), url)).toString()).toBe('{}');
  });
});

describe('addresses', () => {
  it.each(['ftp://vendor.invalid/x', 'no address'])('%s is refused', async (url) => {
    await expect(client().request(url)).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
  });

  it('every request says who asks', async () => {
    await using server = await serve({ '/data': (_, response) => response.end('x') });

    await text(client({ userAgent: 'scapfeed/1.2.3' }), `${server.origin}/data`);

    expect(server.requests[0]?.headers['user-agent']).toBe('scapfeed/1.2.3');
  });
});

function client(options: HttpOptions = {}): Http {
  return createHttp({ env: {}, limits: quick, ...options });
}

async function text(http: Http, url: string, options?: Parameters<Http['get']>[1]): Promise<Buffer> {
  const answer: Fetched = await http.get(url, options);
  if (answer.notModified) throw new Error('unexpected 304');
  return readAll(answer.body, { maxBytes: 2 ** 30, code: 'FETCH_TOO_LARGE', where: url });
}

/** Sends a part of what was announced, then breaks the connection. */
function cut(response: Parameters<Behaviour>[1], part: Uint8Array, headers: Record<string, string>): void {
  response.writeHead(200, { 'content-length': String(document.length), ...headers });
  response.write(part, () => response.destroy());
}
