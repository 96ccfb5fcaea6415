import { ScapfeedError } from '../../model/error.ts';
import { feedRole } from '../../published/names.ts';
import { digestOf } from '../../registry/digest.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import { type BlobDescriptor, maxManifestBytes, readIndex, readManifest } from './read-artifact.ts';
import type { FeedRepository } from './repository.ts';

/** The tag's publication before a publish. It is not trusted; it only shows what the registry has. */
export interface PublishedTag {
  digest: string;
  /** Manifests by platform, `feed` among them. */
  entries: ReadonlyMap<string, BlobDescriptor>;
  /** Layers of the manifest `feed`, by path. */
  shared: ReadonlyMap<string, BlobDescriptor>;
}

/** Undefined: nothing was published there yet. @throws TRUST_NOT_METADATA if the tag names something other than a feed */
export async function readTag({
  client,
  reference,
  name,
}: FeedRepository): Promise<PublishedTag | undefined> {
  const found = await optional(client.manifest(reference, maxManifestBytes));
  if (!found) return undefined;
  const entries = readIndex(found.bytes, name);
  const shared = await readLayers(client, entries.get(feedRole));
  return { digest: digestOf(found.bytes), entries, shared };
}

/** Current digest of the tag. */
export async function readTagDigest({ client, reference }: FeedRepository): Promise<string | undefined> {
  const found = await optional(client.manifest(reference, maxManifestBytes));
  return found && digestOf(found.bytes);
}

/** Layers of a manifest, by path; none if the registry has lost it. */
export async function readLayers(
  client: RegistryClient,
  descriptor: BlobDescriptor | undefined,
): Promise<Map<string, BlobDescriptor>> {
  const found = descriptor && (await optional(client.manifest(descriptor.digest, maxManifestBytes)));
  return found ? readManifest(found.bytes, client.manifestUrl(descriptor.digest)) : new Map();
}

async function optional<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}
