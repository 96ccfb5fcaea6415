import type { Behaviour } from './http-server.ts';

// Faults of servers and of proxies. Each is a whole answer, to any request.

export function send(content: string | Uint8Array): Behaviour {
  return (_, response) => response.end(content);
}

export function status(code: number): Behaviour {
  return (_, response) => response.writeHead(code).end();
}

/** Announces a length and sends nothing of it. */
export function announce(length: number): Behaviour {
  return (_, response) => response.writeHead(200, { 'content-length': String(length) }).flushHeaders();
}

/** A proxy's page, with status 200. */
export const webPage: Behaviour = send('<!DOCTYPE html><title>Sign in</title>');

/** The connection ends within a body, each time. */
export const alwaysCut: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{', () => response.destroy());
};

export const closedAtOnce: Behaviour = (request) => request.socket.destroy();

export const redirectLoop: Behaviour = (request, response) =>
  response.writeHead(302, { location: request.url ?? '/' }).end();

/** To a request without conditions too. */
export const unasked304: Behaviour = status(304);

/** The headers, one byte, and then nothing for ever. */
export const stalled: Behaviour = (_, response) => {
  response.writeHead(200);
  response.write('{');
};

/** A document with an ETag, which answers conditional requests. */
export function dated(
  content: string | Uint8Array,
  etag: string,
  modified = 'Tue, 24 Nov 2026 10:00:00 GMT',
): Behaviour {
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, 'last-modified': modified }).end(content);
  };
}

/** Those that any document may meet, with the error that a fetch ends with. */
export const misbehaviours: readonly { name: string; behaviour: Behaviour; code: string }[] = [
  { name: 'a server in trouble', behaviour: status(500), code: 'FETCH_FAILED' },
  { name: 'a refusal', behaviour: status(403), code: 'FETCH_FAILED' },
  { name: 'a body that is always cut', behaviour: alwaysCut, code: 'FETCH_FAILED' },
  { name: 'a connection that is closed at once', behaviour: closedAtOnce, code: 'FETCH_FAILED' },
  { name: 'redirects in a circle', behaviour: redirectLoop, code: 'FETCH_REFUSED' },
  { name: 'a body that stops coming', behaviour: stalled, code: 'FETCH_TIMEOUT' },
  { name: 'a body that never ends', behaviour: announce(2 ** 40), code: 'FETCH_TOO_LARGE' },
];

/** The same in place of an archive: what begins with another byte is no archive, before its end is missed. */
export const archiveMisbehaviours: typeof misbehaviours = misbehaviours.map((each) =>
  each.behaviour === alwaysCut || each.behaviour === stalled ? { ...each, code: 'SOURCE_MALFORMED' } : each,
);

/** Limits under which a failing fetch ends within a test. */
export const hurriedLimits = { firstDelay: 1, retries: 1, idle: 200 } as const;
