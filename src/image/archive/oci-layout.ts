import { ScapfeedError } from '../../model/error.ts';
import { type Budget, malformed } from '../limits.ts';
import { type BlobStore, type ImagePlan, planImage } from '../manifest/blob-store.ts';
import { verifyDigest } from '../manifest/digest.ts';
import { chooseManifest, type Descriptor, parseManifest } from '../manifest/manifest.ts';
import type { ImagePlatform } from '../manifest/platform.ts';
import type { Archive } from './archive.ts';

const layoutPath = '/oci-layout';
const indexPath = '/index.json';
/** OCI image specification, "Pre-Defined Annotation Keys": the tag; containerd and Docker write the whole name. */
const tagAnnotation = 'org.opencontainers.image.ref.name';
const nameAnnotation = 'io.containerd.image.name';

/** True for an OCI image layout, in a directory or a tar. */
export function isOciLayout(archive: Archive): boolean {
  return archive.has(layoutPath) && archive.has(indexPath);
}

/** The image of an OCI layout by tag and platform. Errors: IMAGE_NOT_FOUND, IMAGE_MALFORMED, IMAGE_DIGEST_MISMATCH. */
export async function planOciLayout(
  archive: Archive,
  tag: string | undefined,
  platform: ImagePlatform | undefined,
  budget: Budget,
): Promise<ImagePlan> {
  const manifests = await readLayoutIndex(archive, budget);
  const top = chooseTagged(manifests, tag, platform, `${archive.where}#${indexPath}`);
  return planImage(layoutBlobs(archive), top, platform, budget);
}

/** The rows of index.json. Errors: IMAGE_MALFORMED, IMAGE_LIMIT_EXCEEDED. */
export async function readLayoutIndex(archive: Archive, budget: Budget): Promise<readonly Descriptor[]> {
  const where = `${archive.where}#${indexPath}`;
  const bytes = await archive.read(indexPath, budget.limits.manifestBytes);
  if (!bytes) throw malformed('expected an OCI layout, found no index.json in it', archive.where);
  const index = parseManifest(bytes, budget, where);
  if (index.kind !== 'index') throw malformed('expected an index, found a manifest', where);
  return index.manifests;
}

/** The only one with its tag, or the one for the platform: an index may have an image for each platform. */
export function chooseTagged(
  manifests: readonly Descriptor[],
  tag: string | undefined,
  platform: ImagePlatform | undefined,
  where: string,
): Descriptor {
  const images = manifests.filter((manifest) => !isAttached(manifest));
  const untagged = images.length > 0 ? images : manifests;
  const found = tag === undefined ? untagged : manifests.filter((manifest) => hasTag(manifest, tag));
  if (found.length === 1) return found[0]!;
  if (found.length > 1 && sameName(found)) return chooseManifest(found, platform, where);
  const tags = untagged
    .map(({ annotations }) => annotations[tagAnnotation])
    .filter((name) => name !== undefined);
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected one image${tag === undefined ? '' : ` with the tag ${tag}`}, found ${found.length}`,
    where,
    remedy: `specify one with oci:DIR:TAG: ${tags.slice(0, 20).join(', ') || 'none has a tag'}`,
  });
}

function hasTag({ annotations }: Descriptor, tag: string): boolean {
  const name = annotations[nameAnnotation] ?? '';
  return annotations[tagAnnotation] === tag || name === tag || name.endsWith(`/${tag}`);
}

/** Signatures and the like, which are copied with images: as referrers, by tags of their digests, as cosign saves them. */
function isAttached({ annotations, artifactType }: Descriptor): boolean {
  return (
    artifactType !== undefined ||
    /^sha256-[0-9a-f]{64}(\.(sig|att|sbom))?$/.test(annotations[tagAnnotation] ?? '') ||
    /^dev\.cosignproject\.cosign\/(sigs|atts|sboms)$/.test(annotations['kind'] ?? '')
  );
}

function sameName(manifests: readonly Descriptor[]): boolean {
  return new Set(manifests.map(({ annotations }) => annotations[tagAnnotation])).size === 1;
}

/** The blobs of a layout. */
export function layoutBlobs(archive: Archive): BlobStore {
  const missing = ({ digest }: Descriptor) =>
    new ScapfeedError({
      code: 'IMAGE_NOT_FOUND',
      message: 'expected the blob in the layout, found no such file',
      where: `${archive.where}#${blobPath(digest)}`,
      remedy: 'copy the image again, with all its platforms or with the one that you want',
    });
  return {
    where: archive.where,
    read: async (descriptor, kind, maxBytes) => {
      const bytes = await archive.read(blobPath(descriptor.digest), maxBytes);
      if (!bytes) throw missing(descriptor);
      // A longer one has been read only in part, and the parser refuses it for its size.
      if (bytes.length <= maxBytes)
        verifyDigest(bytes, descriptor.digest, `${archive.where}, ${kind} ${descriptor.digest}`);
      return bytes;
    },
    open: (descriptor) => {
      const bytes = archive.open(blobPath(descriptor.digest));
      if (!bytes) throw missing(descriptor);
      return bytes;
    },
  };
}

export function blobPath(digest: string): string {
  return `/blobs/${digest.replace(':', '/')}`;
}
