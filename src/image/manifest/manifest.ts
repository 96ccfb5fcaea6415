import { ScapfeedError } from '../../model/error.ts';
import { type Budget, malformed } from '../limits.ts';
import { isObject, type JsonObject, parseBoundedJson, requireArray, requireObject } from './bounded-json.ts';
import { requireDigest } from './digest.ts';
import {
  defaultPlatform,
  type ImagePlatform,
  isDefaultVariant,
  platformMatches,
  platformText,
} from './platform.ts';

/** An OCI descriptor of another blob. */
export interface Descriptor {
  digest: string;
  size: number;
  mediaType?: string;
  /** Its type if it is not an image: a signature, an SBOM. */
  artifactType?: string;
  platform?: ImagePlatform;
  annotations: Readonly<Record<string, string>>;
}

/** OCI image manifest or Docker schema 2 manifest; OCI index or Docker manifest list. */
export type OciManifest =
  | {
      kind: 'image';
      config: Descriptor;
      layers: readonly Descriptor[];
      annotations: Readonly<Record<string, string>>;
      artifactType?: string;
      /** Digest of the manifest that it declares as its subject. */
      subject?: string;
    }
  | { kind: 'index'; manifests: readonly Descriptor[] };

/** Detects the kind by content: media types are often absent or wrong. @throws IMAGE_MALFORMED, IMAGE_LIMIT_EXCEEDED */
export function parseManifest(bytes: Buffer, budget: Budget, where: string): OciManifest {
  const document = requireObject(parseBoundedJson(bytes, budget, 'manifestBytes', where), where);
  if (document['schemaVersion'] === 1) {
    throw malformed('expected a manifest of schema version 2, found version 1', where);
  }
  const isIndex = document['manifests'] !== undefined;
  // A document that is both may be read differently by different readers (CVE-2021-41190).
  if (isIndex && (document['layers'] !== undefined || document['config'] !== undefined)) {
    throw malformed('expected a manifest or an index, found one that is both', where);
  }
  if (isIndex) return { kind: 'index', manifests: descriptors(document, 'manifests', where) };
  const layers = descriptors(document, 'layers', where);
  budget.check('layers', layers.length, where);
  const { artifactType, subject, annotations } = document;
  return {
    kind: 'image',
    config: descriptor(document['config'], `${where}#/config`),
    layers,
    annotations: textValues(annotations),
    ...(typeof artifactType === 'string' && { artifactType }),
    ...(isObject(subject) && typeof subject['digest'] === 'string' && { subject: subject['digest'] }),
  };
}

/**
 * Chooses the manifest of an index for a platform. Default: linux/amd64, or the only image.
 * @throws IMAGE_NOT_FOUND with the available platforms
 */
export function chooseManifest(
  manifests: readonly Descriptor[],
  wish: ImagePlatform | undefined,
  where: string,
): Descriptor {
  // Attestations are in the index as images of platform unknown/unknown.
  const images = manifests.filter(({ platform }) => platform?.os !== 'unknown');
  const wanted = wish ?? defaultPlatform;
  const matching = images.filter(({ platform }) => platform && platformMatches(platform, wanted));
  const chosen = matching.find(({ platform }) => platform && isDefaultVariant(platform)) ?? matching[0];
  if (chosen) return chosen;
  const only = images.length === 1 ? images[0] : undefined;
  if (only && (wish === undefined || only.platform === undefined)) return only;
  const there = images.map(({ platform }) => (platform ? platformText(platform) : 'one without platform'));
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected an image for ${platformText(wanted)}, found ${there.join(', ') || 'none'}`,
    where,
    remedy: "specify one of the image's platforms with --platform",
  });
}

function descriptors(document: JsonObject, key: string, where: string): Descriptor[] {
  const values = requireArray(document[key], `${where}#/${key}`);
  return values.map((value, index) => descriptor(value, `${where}#/${key}/${index}`));
}

function descriptor(value: unknown, where: string): Descriptor {
  const { digest, size, mediaType, artifactType, platform, annotations } = requireObject(value, where);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw malformed(`expected a size in bytes, found ${JSON.stringify(size)}`, `${where}/size`);
  }
  const known = platformOf(platform);
  return {
    digest: requireDigest(digest, `${where}/digest`),
    size,
    ...(typeof mediaType === 'string' && { mediaType }),
    ...(typeof artifactType === 'string' && { artifactType }),
    ...(known && { platform: known }),
    annotations: textValues(annotations),
  };
}

function platformOf(value: unknown): ImagePlatform | undefined {
  if (!isObject(value)) return undefined;
  const { os, architecture, variant } = value;
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
  return typeof variant === 'string' && variant !== '' ? { os, architecture, variant } : { os, architecture };
}

/** The members of an object that are texts, as labels and annotations must be. */
export function textValues(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
