import { Budget } from '../../image/limits.ts';
import { requireSame, verifyDigest } from '../../image/manifest/digest.ts';
import { type Descriptor, parseManifest } from '../../image/manifest/manifest.ts';
import type { RegistryReference } from '../../image/reference.ts';
import { readAll } from '../../io/bytes.ts';
import type { HttpResponse } from '../../io/http/http.ts';
import { isScapfeedError } from '../../model/error.ts';
import { digestOf } from '../../registry/digest.ts';
import { nextPage } from '../../registry/list-names.ts';
import { repositoryName } from '../../registry/reference.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import { signatureLimits, tooMany } from '../limits.ts';
import { Refused } from '../refused.ts';
import { type AttachedRow, requireContent, requireSmall, type SignatureStore, tagOf } from './store.ts';

/** An image in a registry and what is attached to it: by the referrers API, by the tag that stands for it, by cosign's tags. */
export class RegistryStore implements SignatureStore {
  readonly where: string;
  readonly close: () => Promise<void>;
  #client: RegistryClient;
  #reference: RegistryReference;
  #budget = new Budget();
  #manifests = new Map<string, Buffer>();

  constructor(client: RegistryClient, reference: RegistryReference, close: () => Promise<void>) {
    this.where = repositoryName(reference);
    this.close = close;
    this.#client = client;
    this.#reference = reference;
  }

  async top(): Promise<Descriptor> {
    const { tag, digest } = this.#reference;
    const named = await this.#client.manifest(digest ?? tag ?? 'latest', this.#maxBytes);
    const where = `${this.where}, manifest`;
    if (digest !== undefined) verifyDigest(named.bytes, digest, where);
    const found = digest ?? digestOf(named.bytes);
    // The header is of the registry's own choosing; that it agrees shows that nothing was changed on the way.
    if (named.digest?.startsWith('sha256:') && found.startsWith('sha256:'))
      requireSame(named.digest, found, where);
    this.#manifests.set(found, named.bytes);
    return { digest: found, size: named.bytes.length, annotations: {} };
  }

  async manifest(digest: string): Promise<Buffer> {
    const known = this.#manifests.get(digest);
    if (known) return known;
    const { bytes } = await this.#client.manifest(digest, this.#maxBytes);
    verifyDigest(bytes, digest, `${this.where}, manifest ${digest}`);
    return bytes;
  }

  async blob(descriptor: Descriptor, maxBytes: number): Promise<Buffer> {
    requireSmall(descriptor.size, maxBytes);
    // One byte more than it should have shows that it has more.
    const bytes = await this.#client
      .readBlob(descriptor.digest, descriptor.size + 1)
      .catch((error: unknown) => {
        if (!isScapfeedError(error) || error.code !== this.#client.subject.tooLarge) throw error;
        throw new Refused('CONTENT_DIFFERS', `expected ${descriptor.size} bytes, found more`, error);
      });
    requireContent(bytes, descriptor);
    return bytes;
  }

  async attached(digest: string): Promise<AttachedRow[]> {
    const listed = await this.#referrers(digest);
    // A registry that learned the API later may know of older ones by the tag only.
    const tagged = await this.#tagged(tagOf(digest));
    return [
      ...listed.map((descriptor): AttachedRow => ({ descriptor, place: 'referrer' })),
      ...(tagged ? this.#rows(tagged, `${this.where}:${tagOf(digest)}`) : []).map(
        (descriptor): AttachedRow => ({ descriptor, place: 'fallback-tag' }),
      ),
    ];
  }

  async legacy(digest: string, kind: 'sig' | 'att'): Promise<AttachedRow[]> {
    const bytes = await this.#tagged(`${tagOf(digest)}.${kind}`);
    if (!bytes) return [];
    const found = digestOf(bytes);
    this.#manifests.set(found, bytes);
    return [{ descriptor: { digest: found, size: bytes.length, annotations: {} }, place: 'legacy-tag' }];
  }

  get #maxBytes(): number {
    return this.#budget.limits.manifestBytes;
  }

  /** "Listing Referrers" of the distribution specification; none where the registry does not know the API. */
  async #referrers(digest: string): Promise<Descriptor[]> {
    const rows: Descriptor[] = [];
    let url: string | undefined = `${this.#client.base}/referrers/${digest}`;
    for (let page = 0; url !== undefined; page++) {
      if (page === signatureLimits.pages) throw tooMany('pages of referrers', page, this.where);
      const answer: HttpResponse = await this.#client.request(url, {
        headers: { accept: 'application/vnd.oci.image.index.v1+json' },
      });
      const isIndex = /^application\/vnd\.oci\.image\.index\.v1\+json/.test(
        answer.headers['content-type'] ?? '',
      );
      if (page === 0 && (answer.status === 404 || (answer.status === 200 && !isIndex))) {
        await answer.discard();
        return [];
      }
      if (answer.status !== 200) {
        await answer.discard();
        throw this.#client.unexpected(answer, url);
      }
      const bytes = await readAll(answer.body, {
        maxBytes: this.#maxBytes,
        code: this.#client.subject.tooLarge,
        where: url,
      });
      rows.push(...this.#rows(bytes, url));
      if (rows.length > signatureLimits.referrers) {
        throw tooMany('attached manifests', signatureLimits.referrers, this.where);
      }
      url = nextPage(answer.headers['link'], url);
    }
    return rows;
  }

  #rows(bytes: Buffer, where: string): readonly Descriptor[] {
    const index = parseManifest(bytes, this.#budget, where);
    if (index.kind !== 'index') return [];
    if (index.manifests.length <= signatureLimits.referrers) return index.manifests;
    throw tooMany('attached manifests', signatureLimits.referrers, where);
  }

  /** Undefined: there is no such tag. Any other failure is one: what could not be looked at is not unsigned. */
  async #tagged(tag: string): Promise<Buffer | undefined> {
    try {
      return (await this.#client.manifest(tag, this.#maxBytes)).bytes;
    } catch (error) {
      if (isScapfeedError(error) && error.code === this.#client.subject.notFound) return undefined;
      throw error;
    }
  }
}
