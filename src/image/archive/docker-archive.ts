import { isDigest } from '../../io/digest.ts';
import { ScapfeedError } from '../../model/error.ts';
import { digestOf } from '../../registry/digest.ts';
import type { LayerSource } from '../layers/layer-source.ts';
import { type Budget, malformed } from '../limits.ts';
import { type ImagePlan, requirePlatform } from '../manifest/blob-store.ts';
import {
  isObject,
  type JsonObject,
  parseBoundedJson,
  requireArray,
  requireString,
} from '../manifest/bounded-json.ts';
import { verifyDigest } from '../manifest/digest.ts';
import { parseImageConfig, requireLayerCount } from '../manifest/image-config.ts';
import type { ImagePlatform } from '../manifest/platform.ts';
import type { Archive } from './archive.ts';

const manifestPath = '/manifest.json';

/** True for what `docker save`, podman and skopeo write: a list of images in manifest.json. */
export function isDockerArchive(archive: Archive): boolean {
  return archive.has(manifestPath);
}

/**
 * The image of a docker-archive, in one of two forms: `ID/layer.tar` (Docker < 25, skopeo) and
 * `blobs/sha256/…` (Docker >= 25). Errors: IMAGE_NOT_FOUND, IMAGE_MALFORMED, IMAGE_DIGEST_MISMATCH.
 */
export async function planDockerArchive(
  archive: Archive,
  tag: string | undefined,
  platform: ImagePlatform | undefined,
  budget: Budget,
): Promise<ImagePlan> {
  const image = chooseImage(await readManifest(archive, budget), tag, archive.where);
  const where = `${archive.where}#${manifestPath}`;
  const configPath = requireString(image['Config'], `${where}, Config`);
  const bytes = await archive.read(configPath, budget.limits.configBytes);
  if (!bytes) throw malformed(`expected the configuration ${configPath}, found no such file`, where);
  const config = parseImageConfig(bytes, budget, `${archive.where}#${configPath}`);
  verifyName(configPath, bytes, `${archive.where}#${configPath}`);
  requirePlatform(config, platform, `${archive.where}#${configPath}`);
  const paths = requireArray(image['Layers'], `${where}, Layers`).map((path) =>
    requireString(path, `${where}, Layers`),
  );
  budget.check('layers', paths.length, where);
  requireLayerCount(config, paths.length, where);
  const layers = paths.map((path, index) => layerSource(archive, path, { ...config.layers[index] }));
  return { digest: digestOf(bytes), config, layers };
}

async function readManifest(archive: Archive, budget: Budget): Promise<readonly unknown[]> {
  const where = `${archive.where}#${manifestPath}`;
  const bytes = await archive.read(manifestPath, budget.limits.manifestBytes);
  if (!bytes) throw malformed('expected a docker-archive, found no manifest.json in it', archive.where);
  return requireArray(parseBoundedJson(bytes, budget, 'manifestBytes', where), where);
}

/** By tag; without one, the only image there is. */
function chooseImage(images: readonly unknown[], tag: string | undefined, where: string): JsonObject {
  const objects = images.filter(isObject);
  const found =
    tag === undefined ? objects : objects.filter((image) => tagsOf(image).some((name) => sameTag(name, tag)));
  if (found.length === 1) return found[0]!;
  if (tag === undefined && found.length === 0)
    throw malformed('expected an image in manifest.json, found none', where);
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message:
      tag === undefined
        ? `expected one image, found ${found.length}`
        : `expected an image with the tag ${tag}, found ${found.length}`,
    where,
    remedy: `specify one with docker-archive:FILE:TAG: ${objects.flatMap(tagsOf).slice(0, 20).join(', ') || 'none has a tag'}`,
  });
}

/** RepoTags may be null. */
function tagsOf(image: JsonObject): string[] {
  const tags = image['RepoTags'];
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

/** `lab/x:1`, or in short `x:1` for `docker.io/library/x:1`. */
function sameTag(name: string, tag: string): boolean {
  const short = (text: string) => text.replace(/^(docker\.io|localhost)\//, '').replace(/^library\//, '');
  const whole = (text: string) => (text.lastIndexOf(':') > text.lastIndexOf('/') ? text : `${text}:latest`);
  return short(name) === short(whole(tag)) || name.endsWith(`:${tag}`);
}

/** A configuration whose name is a digest must have it. */
function verifyName(path: string, bytes: Buffer, where: string): void {
  const digest = `sha256:${path.replace(/\.json$/, '').slice(-64)}`;
  if (isDigest(digest)) verifyDigest(bytes, digest, where);
}

function layerSource(archive: Archive, path: string, layer: LayerSource['layer']): LayerSource {
  const where = `${archive.where}, layer ${path}`;
  const bytes = archive.open(path);
  if (!bytes) throw malformed(`expected the layer ${path}, found no such file`, where);
  const blob = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  return { ...bytes, where, layer: blob === undefined ? layer : { ...layer, digest: `sha256:${blob}` } };
}
