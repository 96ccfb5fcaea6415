import { ScapfeedError } from '../../model/error.ts';
import { feedRole } from '../../published/names.ts';
import { digestOf } from '../../registry/digest.ts';
import { sha256 } from '../feed/lines.ts';
import { feedStays } from '../feed-stays.ts';
import type { Origin } from '../pull/origin.ts';
import type { BlobSource } from './blob-source.ts';
import type { KeptFiles } from './kept-files.ts';
import { type BlobDescriptor, maxManifestBytes, readIndex, readManifest } from './read-artifact.ts';

/**
 * A feed in an OCI artifact. The index is read once, so that one pull sees one publication. Files with a digest in the
 * signed metadata are requested by it; only the timestamp and the roots are looked up in the manifest `feed`.
 */
export function ociOrigin(source: BlobSource, kept?: KeptFiles): Origin {
  let shared: Promise<Map<string, BlobDescriptor>> | undefined;

  async function readShared(): Promise<Map<string, BlobDescriptor>> {
    const descriptor = readIndex(await readTop(), source.name).get(feedRole);
    if (!descriptor) throw notFound(`${source.name}, its metadata`);
    const where = `${source.name}, manifest ${descriptor.digest}`;
    const read = () => source.manifest(descriptor.digest, maxManifestBytes);
    return readManifest(await readKept(descriptor, where, read), where);
  }

  async function readTop(): Promise<Buffer> {
    const name = `${sha256(source.name)}.index`;
    const known = kept?.read(name);
    const now = await source.top(maxManifestBytes, known && digestOf(known));
    if (now && source.pinned !== undefined)
      requireWhole(now, { digest: source.pinned, size: 0 }, source.name);
    if (now) await kept?.write(name, now);
    return now ?? known!;
  }

  /** Cached files of the last pull are not requested again. */
  async function readKept(
    descriptor: BlobDescriptor,
    where: string,
    read: () => Promise<Buffer>,
  ): Promise<Buffer> {
    const name = descriptor.digest.replace(':', '-');
    const known = kept?.read(name);
    if (known && digestOf(known) === descriptor.digest) return known;
    const bytes = await read();
    requireWhole(bytes, descriptor, where);
    await kept?.write(name, bytes);
    return bytes;
  }

  async function lookUp(path: string): Promise<BlobDescriptor> {
    shared ??= readShared();
    const descriptor = (await shared).get(path);
    if (descriptor) return descriptor;
    throw notFound(`${source.name}, ${path}`);
  }

  return {
    name: source.name,
    offline: source.offline,
    mayLackBlocks: true,
    traffic: source.traffic,
    async fetch(path, maxBytes, sha256) {
      const digest = signedDigest(path, sha256);
      // Signed files are checked by their signatures, which give clearer errors.
      if (digest !== undefined) return source.blob(digest, maxBytes);
      const descriptor = await lookUp(path);
      return readKept(descriptor, `${source.name}, ${path}`, () => source.blob(descriptor.digest, maxBytes));
    },
    async download(path, length, file) {
      const digest = signedDigest(path, undefined) ?? (await lookUp(path)).digest;
      await source.download(digest, length, file);
    },
    async close() {
      await shared?.then(
        () => kept?.sweep(),
        () => undefined,
      );
      await source.close();
    },
  };
}

/** A target has its digest in its path. */
function signedDigest(path: string, sha256: string | undefined): string | undefined {
  const hex = sha256 ?? /^targets\/.*\/([0-9a-f]{64})\.[^/]+$/.exec(path)?.[1];
  return hex !== undefined && /^[0-9a-f]{64}$/.test(hex) ? `sha256:${hex}` : undefined;
}

/** The index has the digests of the registry's blobs: other bytes were changed in transfer or on its disk. */
function requireWhole(bytes: Buffer, { digest, size }: BlobDescriptor, where: string): void {
  const found = digestOf(bytes);
  if (found === digest) return;
  const cut = bytes.length < size;
  throw new ScapfeedError({
    code: cut ? 'TRUST_TRUNCATED' : 'TRUST_SWAPPED',
    message: cut
      ? `expected ${size} bytes, found ${bytes.length}`
      : `expected content with digest ${digest}, found ${found}`,
    where,
    remedy: `pull again; if it repeats, use another mirror${feedStays}`,
  });
}

function notFound(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: 'expected a file of a published feed, found none',
    where,
    remedy: 'check host, name and tag; a copy must hold the whole index (skopeo copy --all, oras copy)',
  });
}
