import { isDigest } from '../../io/digest.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { looksLikeHtml } from '../pull/trust-error.ts';
import { mediaTypes, platformAnnotation, titleAnnotation } from './artifact.ts';

/** Limit on an index or manifest, in bytes; the distribution specification requires registries to accept as many. */
export const maxManifestBytes = 4 * 2 ** 20;

/** Digest and declared size of a blob. */
export interface BlobDescriptor {
  digest: string;
  size: number;
}

/** Manifests of a feed's index by platform, `feed` included. @throws TRUST_NOT_METADATA for anything else */
export function readIndex(bytes: Buffer, where: string): Map<string, BlobDescriptor> {
  const descriptors = descriptorsIn(bytes, 'manifests', platformAnnotation, where);
  if (descriptors.size > 0) return descriptors;
  throw notFeed('an index that names no platform', where);
}

/** Layers of a manifest by their path in a published folder. */
export function readManifest(bytes: Buffer, where: string): Map<string, BlobDescriptor> {
  return descriptorsIn(bytes, 'layers', titleAnnotation, where);
}

const tagAnnotation = 'org.opencontainers.image.ref.name';

/** Digests of the indexes that an OCI layout's index.json names; `tag`: only those that have this one. */
export function readLayout(bytes: Buffer, where: string, tag?: string): string[] {
  const { manifests } = parse(bytes, where);
  if (!Array.isArray(manifests)) throw notFeed('a document without manifests', where);
  return (manifests as unknown[]).flatMap((entry) => {
    const { digest, mediaType, annotations } = asObject(entry);
    if (tag !== undefined && asObject(annotations)[tagAnnotation] !== tag) return [];
    return mediaType === mediaTypes.index && typeof digest === 'string' && isDigest(digest) ? [digest] : [];
  });
}

function descriptorsIn(
  bytes: Buffer,
  key: string,
  annotation: string,
  where: string,
): Map<string, BlobDescriptor> {
  const entries = parse(bytes, where)[key];
  if (!Array.isArray(entries)) throw notFeed(`a document without ${key}`, where);
  const descriptors = new Map<string, BlobDescriptor>();
  for (const entry of entries as unknown[]) {
    const { digest, size, annotations } = asObject(entry);
    const name = asObject(annotations)[annotation];
    const whole = typeof digest === 'string' && isDigest(digest) && Number.isSafeInteger(size);
    if (whole && typeof name === 'string') descriptors.set(name, { digest, size: size as number });
  }
  return descriptors;
}

function parse(bytes: Buffer, where: string): Record<string, unknown> {
  try {
    return asObject(parseForeignJson(bytes));
  } catch (cause) {
    throw notFeed(looksLikeHtml(bytes) ? 'a web page' : 'something that is no JSON', where, cause);
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function notFeed(found: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_NOT_METADATA',
    message: `expected a feed, found ${found}`,
    where,
    remedy: 'check host, name and tag, and whether a proxy or a login page answers instead',
    cause,
  });
}
