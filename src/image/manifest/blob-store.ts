import { ScapfeedError } from '../../model/error.ts';
import type { LayerSource, StoredBytes } from '../layers/layer-source.ts';
import type { Budget } from '../limits.ts';
import { type ImageConfig, parseImageConfig, requireLayerCount } from './image-config.ts';
import { chooseManifest, type Descriptor, type OciManifest, parseManifest } from './manifest.ts';
import { type ImagePlatform, platformMatches, platformText } from './platform.ts';

/** Gives the blobs of an image by their digests: a layout on disk or in a tar, or a registry. */
export interface BlobStore {
  /** Name of the store in errors. */
  where: string;
  /** A whole small blob, its digest verified. Errors: IMAGE_NOT_FOUND, IMAGE_DIGEST_MISMATCH, IMAGE_LIMIT_EXCEEDED. */
  read(descriptor: Descriptor, kind: 'manifest' | 'config', maxBytes: number): Promise<Buffer>;
  /** A layer's bytes; its digest is verified by the reader of layers. */
  open(descriptor: Descriptor): StoredBytes;
}

/** An image before its layers are read. */
export interface ImagePlan {
  digest?: string;
  config: ImageConfig;
  /** Of the manifest, if there is one. */
  annotations?: Readonly<Record<string, string>>;
  layers: LayerSource[];
}

/** Resolves a descriptor through indexes to the image for a platform. */
export async function planImage(
  store: BlobStore,
  top: Descriptor,
  platform: ImagePlatform | undefined,
  budget: Budget,
): Promise<ImagePlan> {
  const { descriptor, manifest } = await findImage(store, top, platform, budget);
  const where = `${store.where}, config ${manifest.config.digest}`;
  const bytes = await store.read(manifest.config, 'config', budget.limits.configBytes);
  const config = parseImageConfig(bytes, budget, where);
  requirePlatform(config, platform, where);
  requireLayerCount(config, manifest.layers.length, where);
  const layers = manifest.layers.map(
    (blob, index): LayerSource => ({
      ...store.open(blob),
      where: `${store.where}, layer ${blob.digest}`,
      size: blob.size,
      layer: { digest: blob.digest, ...config.layers[index] },
    }),
  );
  return { digest: descriptor.digest, config, annotations: manifest.annotations, layers };
}

async function findImage(
  store: BlobStore,
  top: Descriptor,
  platform: ImagePlatform | undefined,
  budget: Budget,
): Promise<{ descriptor: Descriptor; manifest: Extract<OciManifest, { kind: 'image' }> }> {
  let descriptor = top;
  for (let depth = 0; ; depth++) {
    const where = `${store.where}, manifest ${descriptor.digest}`;
    budget.check('indexDepth', depth, where);
    const bytes = await store.read(descriptor, 'manifest', budget.limits.manifestBytes);
    const manifest = parseManifest(bytes, budget, where);
    if (manifest.kind === 'image') return { descriptor, manifest };
    descriptor = chooseManifest(manifest.manifests, platform, where);
  }
}

/** Checks the requested platform also without an index. @throws IMAGE_NOT_FOUND */
export function requirePlatform(config: ImageConfig, wish: ImagePlatform | undefined, where: string): void {
  if (!wish || !config.platform || platformMatches(config.platform, wish)) return;
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected an image for ${platformText(wish)}, found one for ${platformText(config.platform)}`,
    where,
    remedy: 'omit --platform, or specify the one that the image has',
  });
}
