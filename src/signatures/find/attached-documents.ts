import { Budget } from '../../image/limits.ts';
import { type Descriptor, parseManifest } from '../../image/manifest/manifest.ts';
import { parsePlatform } from '../../image/manifest/platform.ts';
import { JsonNameError, parseForeignJson } from '../../io/foreign-json.ts';
import { asRefused, Refused } from '../refused.ts';
import { subjectsOf } from '../subject.ts';
import { findSignatures } from './find-signatures.ts';
import { openStore } from './open-store.ts';
import type { SignatureStore, StoreOptions } from './store.ts';

/** Limit on all artifacts that are read of an image. */
const maxBytes = 64 * 1024 * 1024;

/** A document that is attached to an image; its author is not verified. */
export interface AttachedDocument {
  /** `REFERENCE, attached sha256:…` */
  where: string;
  bytes: Buffer;
}

/** Attached documents, and those that cannot be had: anybody who may write to the registry can attach one that is broken. */
export interface AttachedDocuments {
  documents: AttachedDocument[];
  leftOut: { where: string; detail: string }[];
  /** Digests of the image, and of the indexes that lead to it. */
  subjects: string[];
}

/**
 * Documents attached to an image, in a registry or an OCI layout, whose type has the word: artifacts of that type, and
 * attestations with such a predicate. Signatures are not checked. Errors: IMAGE_*, FETCH_*.
 */
export async function attachedDocuments(
  text: string,
  word: RegExp,
  options: StoreOptions,
): Promise<AttachedDocuments> {
  const { store, reference } = await openStore(text, options);
  try {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const subjects = await subjectsOf(store, platform);
    const reader = new ArtifactReader(store, reference, word);
    const seen = new Set<string>();
    for (const { digest } of subjects) {
      for (const { descriptor } of await store.attached(digest)) {
        if (seen.has(descriptor.digest)) continue;
        seen.add(descriptor.digest);
        await reader.read(descriptor);
      }
    }
    const { documents, leftOut } = reader;
    const { candidates } = await findSignatures(store, subjects);
    for (const { content, digest, form } of candidates) {
      const where = `${reference}, attested ${digest}`;
      if ('bytes' in content) {
        try {
          const statement = statementOf(content.bytes, word);
          if (statement) documents.push({ where, bytes: statement });
        } catch (error) {
          leftOut.push({ where, detail: asRefused(error).message });
        }
      } else if (form === 'sigstore-bundle' || form === 'cosign-attestation')
        leftOut.push({ where, detail: content.message });
    }
    return { documents, leftOut, subjects: subjects.map(({ digest }) => digest) };
  } finally {
    await store.close();
  }
}

/** Reads the layers of artifacts whose own type, or a layer's, has the word. */
class ArtifactReader {
  readonly documents: AttachedDocuments['documents'] = [];
  readonly leftOut: AttachedDocuments['leftOut'] = [];
  readonly #store: SignatureStore;
  readonly #reference: string;
  readonly #word: RegExp;
  #budget = new Budget();
  #left = maxBytes;

  constructor(store: SignatureStore, reference: string, word: RegExp) {
    this.#store = store;
    this.#reference = reference;
    this.#word = word;
  }

  async read({ digest, artifactType }: Descriptor): Promise<void> {
    try {
      const text = await this.#store.manifest(digest);
      const manifest = parseManifest(text, this.#budget, `${this.#store.where}, manifest ${digest}`);
      if (manifest.kind !== 'image') return;
      const own = [manifest.artifactType, manifest.config.mediaType].some((type) => this.#isAsked(type));
      for (const layer of manifest.layers)
        if (own || this.#isAsked(layer.mediaType)) await this.#readLayer(layer);
    } catch (error) {
      const { message } = asRefused(error);
      if (this.#isAsked(artifactType)) this.#leaveOut(digest, message);
    }
  }

  async #readLayer(layer: Descriptor): Promise<void> {
    try {
      const bytes = await this.#store.blob(layer, this.#left);
      this.#left -= bytes.length;
      this.documents.push({ where: `${this.#reference}, attached ${layer.digest}`, bytes });
    } catch (error) {
      this.#leaveOut(layer.digest, asRefused(error).message);
    }
  }

  #isAsked(type: string | undefined): boolean {
    return this.#word.test(type ?? '');
  }

  #leaveOut(digest: string, detail: string): void {
    this.leftOut.push({ where: `${this.#reference}, attached ${digest}`, detail });
  }
}

/**
 * The in-toto statement in a DSSE envelope, alone or in a Sigstore bundle, if its predicate's type has the word. Refused: one of them has a
 * name twice, and who signed it may have meant the other value.
 */
function statementOf(bytes: Buffer, word: RegExp): Buffer | undefined {
  const outer = objectOf(bytes);
  const envelope = typeof outer['dsseEnvelope'] === 'object' ? (outer['dsseEnvelope'] as object) : outer;
  const payload: unknown = 'payload' in envelope ? envelope.payload : undefined;
  if (typeof payload !== 'string') return undefined;
  const statement = Buffer.from(payload, 'base64');
  return word.test(String(objectOf(statement)['predicateType'])) ? statement : undefined;
}

function objectOf(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = parseForeignJson(bytes, { uniqueNames: true });
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof JsonNameError) throw new Refused('SIGNATURE_MALFORMED', error.message, error);
    return {};
  }
}
