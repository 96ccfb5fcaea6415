import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ImageInput, makeImage, mediaTypes } from './make-image.ts';
import { certificate, privateKey } from './tls.ts';

/** A request as it came, for the test to look at. */
export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Answers a request, or leaves it to the registry by returning false. */
export type Override = (request: SeenRequest, response: ServerResponse) => boolean | undefined;

export interface FakeServer {
  /** `127.0.0.1:PORT` */
  host: string;
  requests: SeenRequest[];
}

/** A server on the loopback that is gone when the test is over. */
export async function startServer(
  answer: (request: SeenRequest, response: ServerResponse) => void,
  tls = false,
): Promise<FakeServer> {
  const requests: SeenRequest[] = [];
  const listener: RequestListener = async (incoming, response) => {
    let body = '';
    for await (const piece of incoming) body += piece;
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body,
    };
    requests.push(request);
    answer(request, response);
  };
  const server: Server = tls
    ? createTlsServer({ cert: certificate, key: privateKey }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** A registry with one image as lab/x:1; `override` sees each request first. */
export async function startFakeRegistry(input: ImageInput, override: Override = () => false, tls = false) {
  const image = makeImage(input);
  const blobs = new Map([image.config, ...image.layers].map(({ digest, bytes }) => [digest, bytes]));
  const server = await startServer((request, response) => {
    if (override(request, response)) return;
    const [, kind, reference = ''] = /^\/v2\/lab\/x\/(manifests|blobs)\/(.+)$/.exec(request.url) ?? [];
    const isManifest = kind === 'manifests' && ['1', image.manifest.digest].includes(reference);
    const bytes = isManifest ? image.manifest.bytes : kind === 'blobs' ? blobs.get(reference) : undefined;
    if (!bytes) return void response.writeHead(404).end('{"errors":[]}');
    sendRange(request, response, bytes, isManifest ? { 'content-type': mediaTypes.manifest } : {});
  }, tls);
  return { ...server, image };
}

/** Answers with a whole document, or with the range that was asked for. */
export function sendRange(
  { headers }: SeenRequest,
  response: ServerResponse,
  bytes: Buffer,
  extra: Record<string, string> = {},
): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const start = Number(first ?? 0);
  const end = last ? Number(last) + 1 : bytes.length;
  const isPart = start > 0 || end < bytes.length;
  const range = isPart ? { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` } : {};
  response.writeHead(isPart ? 206 : 200, { 'content-length': end - start, ...range, ...extra });
  response.end(bytes.subarray(start, end));
}
