import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Answers a request; `count` is 1 for the first request to that path. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, with TLS `https:` */
  origin: string;
  /** Method, path and headers of every request, in the order of arrival. */
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[];
}

/**
 * Self-signed for 127.0.0.1, known to nobody else: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
 * -nodes -days 36500 -subj '/CN=scapfeed test' -addext 'subjectAltName=IP:127.0.0.1'
 */
export const testCertificate: string = readFileSync(new URL('tls/certificate.pem', import.meta.url), 'utf8');

/** A real server on the loopback interface that behaves as told, path by path; other paths are 404. */
export async function serve(
  behaviours: Readonly<Record<string, Behaviour>>,
  { tls = false }: { tls?: boolean } = {},
): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const counts = new Map<string, number>();
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    requests.push({ method: request.method ?? '', path, headers: request.headers });
    const behaviour = behaviours[path];
    if (behaviour) behaviour(request, response, count);
    else response.writeHead(404).end();
  };
  const server = tls ? createTlsServer(testIdentity(), listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function testIdentity() {
  return { cert: testCertificate, key: readFileSync(new URL('tls/key.pem', import.meta.url), 'utf8') };
}
