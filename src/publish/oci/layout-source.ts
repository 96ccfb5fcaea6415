import { writeFileSync } from 'node:fs';
import { ScapfeedError } from '../../model/error.ts';
import type { FileReader } from '../pull/file-reader.ts';
import type { BlobSource } from './blob-source.ts';
import { readLayout } from './read-artifact.ts';

/**
 * Blobs of a feed in an OCI image layout, as `skopeo copy --all` and `oras copy --to-oci-layout` write it. `tag`: of several indexes
 * the one with this tag.
 */
export function layoutSource(name: string, reader: FileReader, tag?: string): BlobSource {
  const traffic = { requests: 0, bytes: 0 };

  function read(path: string, maxBytes: number): Buffer {
    const bytes = reader.read(path, maxBytes);
    traffic.requests += 1;
    traffic.bytes += bytes?.length ?? 0;
    if (bytes) return bytes;
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected a blob of the layout, found none',
      where: `${name}/${path}`,
      remedy:
        'copy the whole index (skopeo copy --all, oras copy), or specify with --platform what was copied',
    });
  }

  const blob = (digest: string, maxBytes: number) => read(`blobs/${digest.replace(':', '/')}`, maxBytes);
  return {
    name,
    offline: true,
    traffic,
    async top(maxBytes) {
      const path = 'index.json';
      const [digest, ...more] = readLayout(read(path, maxBytes), `${name}/${path}`, tag);
      if (digest !== undefined && more.length === 0) return blob(digest, maxBytes);
      throw new ScapfeedError({
        code: 'TRUST_NOT_METADATA',
        message: `expected a layout with one index${tag === undefined ? '' : ` of the tag ${tag}`}, found ${digest === undefined ? 'none' : more.length + 1}`,
        where: `${name}/${path}`,
        remedy:
          'specify the tag as oci:DIR:TAG, or copy the feed into a folder of its own, as an index: skopeo copy --all, oras copy',
      });
    },
    manifest: async (digest, maxBytes) => blob(digest, maxBytes),
    blob: async (digest, maxBytes) => blob(digest, maxBytes),
    download: async (digest, length, file) => writeFileSync(file, blob(digest, length)),
    close: async () => reader.close(),
  };
}
