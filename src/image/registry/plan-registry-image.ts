import { createHttp } from '../../io/http/create-http.ts';
import { digestOf } from '../../registry/digest.ts';
import { openRepository } from '../../registry/open-repository.ts';
import { usesPlainHttp } from '../../registry/plain-http.ts';
import { repositoryName } from '../../registry/reference.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import type { RegistrySubject } from '../../registry/subject.ts';
import { storedPart } from '../archive/stored-part.ts';
import type { ImageReadOptions } from '../image-options.ts';
import type { LayerSource } from '../layers/layer-source.ts';
import { tablePlace } from '../layers/table-of-contents.ts';
import type { Budget } from '../limits.ts';
import { type BlobStore, type ImagePlan, planImage } from '../manifest/blob-store.ts';
import { requireSame, verifyDigest } from '../manifest/digest.ts';
import type { Descriptor } from '../manifest/manifest.ts';
import type { ImagePlatform } from '../manifest/platform.ts';
import type { RegistryReference } from '../reference.ts';
import { BlobCache, defaultCacheFolder } from './blob-cache.ts';

export interface RegistryContext {
  options: ImageReadOptions;
  budget: Budget;
  platform: ImagePlatform | undefined;
}

const subject: RegistrySubject = {
  noun: 'image',
  notFound: 'IMAGE_NOT_FOUND',
  tooLarge: 'IMAGE_LIMIT_EXCEEDED',
  login: 'log in with `docker login` or `podman login` as a user who may pull this image',
};

/** Manifest and configuration of an image in a registry; its layers are fetched when they are read. `close` ends the connections. */
export async function planRegistryImage(
  reference: RegistryReference,
  { options, budget, platform }: RegistryContext,
): Promise<{ plan: ImagePlan; close(): Promise<void> }> {
  const env = options.env ?? process.env;
  const { registry = {} } = options;
  const http = registry.http ?? createHttp({ env, ...(registry.ca !== undefined && { ca: registry.ca }) });
  const close = async () => {
    if (!registry.http) await http.close();
  };
  try {
    const { insecure } = registry;
    const client = openRepository(reference, {
      http,
      env,
      credentials: registry.credentials,
      insecure: await usesPlainHttp(reference.host, registry),
      plainHosts: typeof insecure === 'object' ? insecure : [],
      may: 'pull',
      subject,
    });
    const store = new RegistryStore(client, repositoryName(reference), cacheOf(options));
    const top = await store.top(reference, budget.limits.manifestBytes);
    return { plan: await planImage(store, top, platform, budget), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function cacheOf({ registry, env = process.env }: ImageReadOptions): BlobCache | undefined {
  if (registry?.cache === false) return undefined;
  return new BlobCache(registry?.cache ?? defaultCacheFolder(env), registry?.cacheBytes);
}

class RegistryStore implements BlobStore {
  readonly where: string;
  #client: RegistryClient;
  #cache: BlobCache | undefined;
  /** The manifest of the tag, which has been fetched already. */
  #top: { digest: string; bytes: Buffer } | undefined;

  constructor(client: RegistryClient, where: string, cache: BlobCache | undefined) {
    this.#client = client;
    this.where = where;
    this.#cache = cache;
  }

  /** Resolves a tag or digest. @throws IMAGE_NOT_FOUND, IMAGE_DIGEST_MISMATCH */
  async top({ tag, digest }: RegistryReference, maxBytes: number): Promise<Descriptor> {
    const { bytes, digest: announced } = await this.#client.manifest(digest ?? tag ?? 'latest', maxBytes);
    const where = `${this.where}, manifest`;
    if (digest !== undefined) verifyDigest(bytes, digest, where);
    const found = digest ?? digestOf(bytes);
    // The header is of the registry's own choosing; that it agrees shows that nothing was changed on the way.
    if (announced?.startsWith('sha256:') && found.startsWith('sha256:')) requireSame(announced, found, where);
    this.#top = { digest: found, bytes };
    return { digest: found, size: bytes.length, annotations: {} };
  }

  async read(descriptor: Descriptor, kind: 'manifest' | 'config', maxBytes: number): Promise<Buffer> {
    const { digest } = descriptor;
    if (this.#top?.digest === digest) return this.#top.bytes;
    const bytes =
      kind === 'config'
        ? await this.#client.readBlob(digest, maxBytes)
        : (await this.#client.manifest(digest, maxBytes)).bytes;
    verifyDigest(bytes, digest, `${this.where}, ${kind} ${digest}`);
    return bytes;
  }

  open({
    digest,
    size,
    annotations,
  }: Descriptor): Pick<LayerSource, 'open' | 'again' | 'verified' | 'rejected' | 'parts'> {
    const cache = this.#cache;
    const fetch = () => this.#client.blob(digest, size);
    const table = tablePlace(annotations);
    const parts = table && {
      parts: {
        table,
        size,
        read: (span: { offset: number; size: number }) => this.#client.part(digest, span),
      },
    };
    if (!cache?.fits(size)) return { again: true, open: fetch, ...parts };
    if (cache.has(digest, size)) {
      // Removed if its bytes do not have the digest of its name, so that the next run fetches it.
      return { ...storedPart(cache.path(digest), { offset: 0, size }), rejected: () => cache.remove(digest) };
    }
    const recording = cache.record(digest, fetch);
    return {
      again: true,
      open: recording.open,
      verified: recording.keep,
      rejected: recording.drop,
      ...parts,
    };
  }
}
