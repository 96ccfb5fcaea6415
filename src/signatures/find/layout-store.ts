import type { Archive } from '../../image/archive/archive.ts';
import { blobPath, chooseTagged, layoutBlobs, readLayoutIndex } from '../../image/archive/oci-layout.ts';
import { Budget } from '../../image/limits.ts';
import type { BlobStore } from '../../image/manifest/blob-store.ts';
import { type Descriptor, parseManifest } from '../../image/manifest/manifest.ts';
import type { ImagePlatform } from '../../image/manifest/platform.ts';
import { isScapfeedError } from '../../model/error.ts';
import { signatureLimits, tooMany } from '../limits.ts';
import { Refused } from '../refused.ts';
import { type AttachedRow, requireContent, requireSmall, type SignatureStore, tagOf } from './store.ts';

const tagAnnotation = 'org.opencontainers.image.ref.name';

export interface LayoutOptions {
  tag: string | undefined;
  platform: ImagePlatform | undefined;
}

/**
 * An OCI layout: what is attached stands in index.json, under tags as in a registry, without one where it names its subject
 * itself (oras), or marked as a signature (cosign save); nested indexes are gone through too.
 */
export class LayoutStore implements SignatureStore {
  readonly where: string;
  #archive: Archive;
  #options: LayoutOptions;
  #blobs: BlobStore;
  #budget = new Budget();
  #rows: Promise<readonly Descriptor[]> | undefined;

  constructor(archive: Archive, options: LayoutOptions) {
    this.where = archive.where;
    this.#archive = archive;
    this.#options = options;
    this.#blobs = layoutBlobs(archive);
  }

  async top(): Promise<Descriptor> {
    const { tag, platform } = this.#options;
    return chooseTagged(
      await readLayoutIndex(this.#archive, this.#budget),
      tag,
      platform,
      `${this.where}#/index.json`,
    );
  }

  async manifest(digest: string): Promise<Buffer> {
    return this.#blobs.read(
      { digest, size: 0, annotations: {} },
      'manifest',
      this.#budget.limits.manifestBytes,
    );
  }

  async blob(descriptor: Descriptor, maxBytes: number): Promise<Buffer> {
    requireSmall(descriptor.size, maxBytes);
    const bytes = await this.#archive.read(blobPath(descriptor.digest), descriptor.size);
    if (!bytes) throw new Refused('SIGNATURE_MISSING', `expected the blob ${descriptor.digest}, found none`);
    requireContent(bytes, descriptor);
    return bytes;
  }

  async attached(digest: string): Promise<AttachedRow[]> {
    const rows = await this.#all();
    const tag = tagOf(digest);
    const tagged = rows.find(({ annotations }) => annotations[tagAnnotation] === tag);
    const listed = tagged ? await this.#members(tagged.digest) : [];
    const named: AttachedRow[] = [];
    for (const descriptor of rows) {
      if ((await this.#subjectOf(descriptor)) === digest) named.push({ descriptor, place: 'layout' });
    }
    return [...listed.map((descriptor): AttachedRow => ({ descriptor, place: 'fallback-tag' })), ...named];
  }

  async legacy(digest: string, kind: 'sig' | 'att'): Promise<AttachedRow[]> {
    const tag = `${tagOf(digest)}.${kind}`;
    return (await this.#all()).flatMap((descriptor): AttachedRow[] => {
      if (descriptor.annotations[tagAnnotation] === tag) return [{ descriptor, place: 'legacy-tag' }];
      // cosign save names no image: the payload does.
      const isSaved = descriptor.annotations['kind'] === `dev.cosignproject.cosign/${kind}s`;
      return isSaved ? [{ descriptor, place: 'layout' }] : [];
    });
  }

  async close(): Promise<void> {}

  /** Every manifest of index.json and of the indexes in it, each once. */
  #all(): Promise<readonly Descriptor[]> {
    this.#rows ??= this.#collect();
    return this.#rows;
  }

  async #collect(): Promise<readonly Descriptor[]> {
    const rows: Descriptor[] = [];
    const seen = new Set<string>();
    let level = await readLayoutIndex(this.#archive, this.#budget);
    for (let depth = 0; level.length > 0 && depth <= this.#budget.limits.indexDepth; depth++) {
      rows.push(...level);
      if (rows.length > signatureLimits.referrers) {
        throw tooMany('manifests in a layout', signatureLimits.referrers, this.where);
      }
      const fresh = level.filter(({ digest }) => !seen.has(digest));
      for (const { digest } of fresh) seen.add(digest);
      const members: Descriptor[] = [];
      for (const { digest } of fresh) members.push(...(await this.#members(digest)));
      level = members;
    }
    return rows;
  }

  async #members(digest: string): Promise<readonly Descriptor[]> {
    const manifest = await this.#parsed(digest);
    return manifest?.kind === 'index' ? manifest.manifests : [];
  }

  async #subjectOf({ digest }: Descriptor): Promise<string | undefined> {
    const manifest = await this.#parsed(digest);
    return manifest?.kind === 'image' ? manifest.subject : undefined;
  }

  /** Undefined: the layout does not hold it (other platforms are often left out), or it is no manifest. */
  async #parsed(digest: string) {
    try {
      return parseManifest(await this.manifest(digest), this.#budget, `${this.where}, manifest ${digest}`);
    } catch (error) {
      if (isScapfeedError(error) && ['IMAGE_NOT_FOUND', 'IMAGE_MALFORMED'].includes(error.code)) {
        return undefined;
      }
      throw error;
    }
  }
}
