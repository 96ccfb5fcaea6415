import { readAll } from '../../io/bytes.ts';
import { isDigest } from '../../io/digest.ts';
import { downloadHttp } from '../pull/download-http.ts';
import { countedBy, openPatience } from '../pull/patience.ts';
import type { BlobSource } from './blob-source.ts';
import type { FeedRepository } from './repository.ts';

/** Blobs of a feed in a registry. */
export function registrySource({ name, reference, client, close }: FeedRepository): BlobSource {
  const traffic = { requests: 0, bytes: 0 };
  const patience = openPatience(client.http.limits);

  async function counted<T extends Buffer | undefined>(answer: Promise<T>): Promise<T> {
    traffic.requests += 1;
    const bytes = await answer;
    traffic.bytes += bytes?.length ?? 0;
    return bytes;
  }

  async function manifest(wanted: string, maxBytes: number, known?: string): Promise<Buffer | undefined> {
    const found = await patience.during((signal) => client.newManifest(wanted, maxBytes, known, signal));
    patience.received(found?.bytes.length ?? 0);
    return found?.bytes;
  }

  function blob(digest: string, maxBytes: number): Promise<Buffer> {
    const where = client.blobUrl(digest);
    const bounds = { maxBytes, code: 'FETCH_TOO_LARGE', where } as const;
    return patience.during((signal) =>
      readAll(countedBy(patience, client.blob(digest, maxBytes, signal)), bounds),
    );
  }

  /** Only responses with a body are downloads; others are reported with the registry's own error. */
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
    blob: (digest, maxBytes) => counted(blob(digest, maxBytes)),
    download: (digest, length, file) =>
      downloadHttp({ request }, client.blobUrl(digest), length, file, { patience, traffic }),
    close,
  };
}
