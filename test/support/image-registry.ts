import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { type ImageInput, makeImage, mediaTypes } from '../image/support/make-image.ts';

/** A registry on the loopback with images by name and tag, which tests may push to while it answers. */
export interface ImageRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Names stand for this image from now on: `app:1`. Returns its digest. */
  push(name: string, input: ImageInput): string;
  /** No name of this image is there any more. */
  remove(name: string): void;
  /** Paths that were asked for. */
  asked: string[];
  /** The repository of each layer that was read. */
  layersRead: string[];
}

export async function openImageRegistry(): Promise<ImageRegistry> {
  const [manifests, blobs] = [new Map<string, Buffer>(), new Map<string, Buffer>()];
  const [asked, layersRead] = [[] as string[], [] as string[]];
  const layerDigests = new Set<string>();
  const server = createServer(({ url = '', method }, response) => {
    asked.push(url);
    const [, name, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const bytes = kind === 'manifests' ? manifests.get(`${name}:${reference}`) : blobs.get(reference ?? '');
    if (!bytes) return void response.writeHead(url === '/v2/' ? 200 : 404).end('{}');
    if (layerDigests.has(reference!)) layersRead.push(name!);
    response.writeHead(200, {
      'content-length': bytes.length,
      ...(kind === 'manifests' && { 'content-type': mediaTypes.manifest }),
    });
    response.end(method === 'HEAD' ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    push(place, input) {
      const { manifest, config, layers } = makeImage(input);
      for (const { digest, bytes } of [config, ...layers]) blobs.set(digest, bytes);
      for (const { digest } of layers) layerDigests.add(digest);
      const name = place.replace(/:[^:]*$/, '');
      for (const key of [place, `${name}:${manifest.digest}`]) manifests.set(key, manifest.bytes);
      return manifest.digest;
    },
    remove: (place) => void manifests.delete(place),
    ...{ asked, layersRead },
  };
}
