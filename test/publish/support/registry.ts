import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificate, privateKey } from '../../image/support/tls.ts';

/** Answers a request in the registry's place, or leaves it to it by returning false. */
export type Lie = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface MemoryRegistry {
  /** `oci://127.0.0.1:PORT/feeds/debian:latest` */
  url: string;
  host: string;
  /** `GET /v2/…`, in the order of arrival. */
  requests: string[];
  /** Bytes of all bodies that were sent to it. */
  received: () => number;
  blobs: Map<string, Buffer>;
  /** By digest, and by tag. */
  manifests: Map<string, Buffer>;
  lie(lie: Lie | undefined): void;
  close(): void;
}

export interface RegistryOptions {
  /** Whether manifests may be deleted. */
  deletes?: boolean;
  /** Content at the start. */
  content?: Pick<MemoryRegistry, 'blobs' | 'manifests'>;
  /** https, by a certificate that signed itself. */
  tls?: boolean;
  /** Whether it knows If-None-Match. */
  conditional?: boolean;
}

/**
 * A registry of one repository in memory, on the loopback: as much of the distribution
 * specification as a client may ask for, and a place for lies.
 */
export async function startMemoryRegistry({
  deletes = true,
  content,
  tls = false,
  conditional = true,
}: RegistryOptions = {}): Promise<MemoryRegistry> {
  const requests: string[] = [];
  const blobs = new Map(content?.blobs);
  const manifests = new Map(content?.manifests);
  let received = 0;
  let lie: Lie | undefined;

  const listener: RequestListener = async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    received += body.length;
    if (!lie?.(request, response)) answer(request, response, body);
  };
  const server = tls
    ? createTlsServer({ cert: certificate, key: privateKey }, listener)
    : createServer(listener);

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { method, url = '' } = request;
    const { pathname, searchParams } = new URL(url, 'http://registry');
    const [, kind, reference = ''] = /^\/v2\/feeds\/debian\/(blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
    const store = kind === 'blobs' ? blobs : kind === 'manifests' ? manifests : undefined;
    if (!store) return void response.writeHead(404).end();
    if (method === 'POST') {
      response.writeHead(202, { location: `${pathname}session?state=1` }).end();
    } else if (method === 'PUT') {
      const digest = kind === 'blobs' ? searchParams.get('digest')! : digestOf(body);
      if (kind === 'manifests' && !allThere(body)) {
        return void response.writeHead(400).end('{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}');
      }
      if (digest !== digestOf(body)) return void response.writeHead(400).end();
      store.set(digest, body);
      if (kind === 'manifests') store.set(reference, body);
      response.writeHead(201).end();
    } else if (method === 'DELETE') {
      response.writeHead(!deletes ? 405 : store.delete(reference) ? 202 : 404).end();
    } else {
      const bytes = store.get(reference);
      if (!bytes) return void response.writeHead(404).end();
      if (conditional && request.headers['if-none-match'] === `"${digestOf(bytes)}"`) {
        return void response.writeHead(304).end();
      }
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range =
        start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start, ...range });
      response.end(method === 'HEAD' ? undefined : bytes.subarray(start));
    }
  }

  /** As real ones do: a manifest is taken when all that it names is there. */
  function allThere(body: Buffer): boolean {
    const named = JSON.parse(body.toString('utf8')) as Partial<Record<string, { digest: string }[]>>;
    const there = (store: Map<string, Buffer>, key: string) =>
      (named[key] ?? []).every(({ digest }) => store.has(digest));
    return there(blobs, 'layers') && there(manifests, 'manifests');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `oci://${host}/feeds/debian:latest`,
    host,
    requests,
    received: () => received,
    blobs,
    manifests,
    lie: (next) => {
      lie = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
