import { isDigest } from '../../registry/digest.ts';
import { downloadHttp } from '../pull/download-http.ts';
import { patience } from '../pull/patience.ts';
import type { BlobSource } from './oci-origin.ts';
import type { FeedRepository } from './repository.ts';

/** Blobs of a feed in a registry. */
export function registrySource({ name, reference, client, close }: FeedRepository): BlobSource {
  const traffic = { requests: 0, bytes: 0 };
  const { limits } = client.http;
  const patient = (maxBytes: number) => AbortSignal.timeout(patience(maxBytes, limits));

  async function counted<T extends Buffer | undefined>(answer: Promise<T>): Promise<T> {
    traffic.requests += 1;
    const bytes = await answer;
    traffic.bytes += bytes?.length ?? 0;
    return bytes;
  }

  async function manifest(wanted: string, maxBytes: number, known?: string): Promise<Buffer | undefined> {
    return (await client.newManifest(wanted, maxBytes, known, patient(maxBytes)))?.bytes;
  }

  /** Of the answers only those with a body are a download's; the others are told in the registry's own words. */
  async function request(url: string, options: Parameters<typeof client.request>[1]) {
    const answer = await client.request(url, options);
    if (![401, 403, 404].includes(answer.status)) return answer;
    await answer.discard();
    throw client.unexpected(answer, url);
  }

  return {
    name,
    offline: false,
    ...(isDigest(reference) ? { pinned: reference } : {}),
    traffic,
    top: (maxBytes, known) => counted(manifest(reference, maxBytes, known)),
    manifest: async (digest, maxBytes) => (await counted(manifest(digest, maxBytes)))!,
    blob: (digest, maxBytes) => counted(client.readBlob(digest, maxBytes, patient(maxBytes))),
    download: (digest, length, file) =>
      downloadHttp({ request, limits }, client.blobUrl(digest), length, file, traffic),
    close,
  };
}
