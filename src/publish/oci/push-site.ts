import { someAtOnce } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Progress } from '../../model/progress.ts';
import { digestOf } from '../../registry/digest.ts';
import { hasBlob, pushBlob, pushManifest } from '../../registry/push.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import type { Site } from '../site/layout.ts';
import {
  type Artifact,
  describeSite,
  emptyConfig,
  mediaTypes,
  type PublishedFile,
  type PushedManifest,
} from './artifact.ts';
import { type PublishedTag, readLayers, readTagDigest } from './published-tag.ts';
import type { BlobDescriptor } from './read-artifact.ts';
import type { FeedRepository } from './repository.ts';

/** The blobs that were sent, and those that the registry already had. */
export interface PushOutcome {
  /** `oci://HOST/NAME:TAG` */
  to: string;
  /** Digest of the index that the tag now refers to. */
  digest: string;
  /** Blobs that were sent, and blobs that the registry already had. */
  sent: BlobCount;
  present: BlobCount;
}

/** A number of blobs and their size in bytes. */
export interface BlobCount {
  blobs: number;
  bytes: number;
}

/** Signs the index that the tag will name, before it does. `repository`: HOST/NAME. */
export type SignIndex = (
  client: RegistryClient,
  repository: string,
  index: { mediaType: string; digest: string; size: number },
) => Promise<void>;

/** Blobs on their way at once: most are small, so that a push waits for answers rather than for the line. */
const mostAtOnce = 8;

export interface PushOptions {
  /** The publication of the tag when the publish began. */
  before: PublishedTag | undefined;
  sign?: SignIndex;
  progress: Progress;
}

/**
 * Pushes a published folder to a registry: blobs, then the manifests that name them, then the index by its tag. Clients see
 * no change until then, and the whole publication afterwards.
 */
export async function pushSite(
  site: Site,
  repository: FeedRepository,
  options: PushOptions,
): Promise<PushOutcome> {
  const artifact = describeSite(site);
  // Blobs of earlier manifests are assumed to be there; if the registry lost one, all are checked.
  const amounts =
    (await pushArtifact(site, repository, artifact, options, options.before)) ??
    (await pushArtifact(site, repository, artifact, options, undefined));
  if (amounts) return { to: repository.name, digest: artifact.digest, ...amounts };
  throw new ScapfeedError({
    code: 'PUSH_FAILED',
    message: 'the registry does not have the content that was just pushed',
    where: repository.name,
  });
}

type Amounts = Pick<PushOutcome, 'sent' | 'present'>;

/** Undefined if the registry lacks a blob of `known`. */
async function pushArtifact(
  site: Site,
  repository: FeedRepository,
  { index, digest, manifests }: Artifact,
  { before, sign, progress }: PushOptions,
  known: PublishedTag | undefined,
): Promise<Amounts | undefined> {
  const { client, reference, name } = repository;
  const amounts = { sent: { blobs: 0, bytes: 0 }, present: { blobs: 0, bytes: 0 } };
  await pushMissing(client, digestOf(emptyConfig), () => emptyConfig);
  for (const [done, manifest] of manifests.entries()) {
    progress('pushing', { done, total: manifests.length, unit: 'parts' });
    if (!(await pushContent(client, site, manifest, known?.entries.get(manifest.name), amounts)))
      return undefined;
  }
  if (sign) {
    progress('signing the index');
    // By its digest too: a registry may refuse a signature of what it does not have.
    if (!(await pushManifest(client, digest, mediaTypes.index, index))) return undefined;
    await sign(client, repositoryOf(name), { mediaType: mediaTypes.index, digest, size: index.length });
  }
  await requireSameTag(repository, before);
  return (await pushManifest(client, reference, mediaTypes.index, index)) ? amounts : undefined;
}

/** `oci://HOST/NAME:TAG` without what cosign does not name. */
function repositoryOf(name: string): string {
  return name.replace(/^oci:\/\//, '').replace(/:[^:/]*$/, '');
}

/** Sends a manifest and its missing layers. False: see pushManifest. */
async function pushContent(
  client: RegistryClient,
  site: Site,
  { digest, bytes, layers }: PushedManifest,
  before: BlobDescriptor | undefined,
  { sent, present }: Amounts,
): Promise<boolean> {
  if (before?.digest === digest) {
    for (const layer of layers) add(present, layer);
    return true;
  }
  const known = new Set([...(await readLayers(client, before)).values()].map((layer) => layer.digest));
  // Empty files in one encoding are one blob.
  const blobs = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const push = async (layer: PublishedFile) => {
    const isThere = known.has(layer.digest);
    const isSent = !isThere && (await pushMissing(client, layer.digest, () => readLayer(site, layer)));
    add(isSent ? sent : present, layer);
  };
  await someAtOnce(blobs, push, { width: mostAtOnce });
  return pushManifest(client, digest, mediaTypes.manifest, bytes);
}

/** True if the blob had to be sent. */
async function pushMissing(client: RegistryClient, digest: string, read: () => Buffer): Promise<boolean> {
  if (await hasBlob(client, digest)) return false;
  await pushBlob(client, digest, read());
  return true;
}

function readLayer(site: Site, { path, digest }: PublishedFile): Buffer {
  const bytes = site.read(path);
  if (bytes && digestOf(bytes) === digest) return bytes;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'neither the registry nor the folder of this publisher has a file listed in the signed metadata',
    where: `${site.directory}/${path}`,
    remedy: 'remove the folder, so that it is made again from the registry, and publish again',
  });
}

function add(amount: BlobCount, { size }: PublishedFile): void {
  amount.blobs += 1;
  amount.bytes += size;
}

/** Checks the tag before it is moved: two publishers must not overwrite each other silently. */
async function requireSameTag(repository: FeedRepository, before: PublishedTag | undefined): Promise<void> {
  const now = await readTagDigest(repository);
  if (now === before?.digest) return;
  throw new ScapfeedError({
    code: 'PUBLISH_CONFLICT',
    message: `somebody else published meanwhile: expected the tag at ${before?.digest ?? 'nothing'}, found ${now ?? 'nothing'}`,
    where: repository.name,
    remedy: 'publish again: it then continues from what is there now',
  });
}
