import { Budget } from '../../image/limits.ts';
import { parseManifest } from '../../image/manifest/manifest.ts';
import { parsePlatform } from '../../image/manifest/platform.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { subjectsOf } from '../subject.ts';
import { findSignatures } from './find-signatures.ts';
import { openStore } from './open-store.ts';
import type { SignatureStore, StoreOptions } from './store.ts';

/** The largest document that is read. */
const maxBytes = 64 * 1024 * 1024;

/** A document that is attached to an image; nobody has checked who attached it. */
export interface AttachedDocument {
  /** `REFERENCE, attached sha256:…` */
  where: string;
  bytes: Buffer;
}

/**
 * Documents attached to an image, in a registry or an OCI layout, whose type has the word: artifacts of that type, and
 * attestations with such a predicate. Signatures are not checked. Errors: IMAGE_*, FETCH_*.
 */
export async function attachedDocuments(
  text: string,
  word: RegExp,
  options: StoreOptions,
): Promise<AttachedDocument[]> {
  const { store, reference } = await openStore(text, options);
  try {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const subjects = await subjectsOf(store, platform);
    const found: AttachedDocument[] = [];
    const seen = new Set<string>();
    for (const { digest } of subjects) {
      for (const { descriptor } of await store.attached(digest)) {
        if (seen.has(descriptor.digest)) continue;
        seen.add(descriptor.digest);
        for (const document of await artifactDocuments(store, descriptor.digest, word))
          found.push({ where: `${reference}, attached ${document.digest}`, bytes: document.bytes });
      }
    }
    const { candidates } = await findSignatures(store, subjects);
    for (const { content, digest } of candidates) {
      if (!('bytes' in content)) continue;
      const statement = statementOf(content.bytes, word);
      if (statement) found.push({ where: `${reference}, attested ${digest}`, bytes: statement });
    }
    return found;
  } finally {
    await store.close();
  }
}

/** The layers of an artifact whose own type, or a layer's, has the word. */
async function artifactDocuments(
  store: SignatureStore,
  digest: string,
  word: RegExp,
): Promise<{ digest: string; bytes: Buffer }[]> {
  const budget = new Budget();
  const manifest = parseManifest(await store.manifest(digest), budget, `${store.where}, manifest ${digest}`);
  if (manifest.kind !== 'image') return [];
  const own = [manifest.artifactType, manifest.config.mediaType].some((type) => word.test(type ?? ''));
  const layers = manifest.layers.filter(({ mediaType }) => own || word.test(mediaType ?? ''));
  const documents: { digest: string; bytes: Buffer }[] = [];
  for (const layer of layers) {
    documents.push({ digest: layer.digest, bytes: await store.blob(layer, maxBytes) });
  }
  return documents;
}

/** The in-toto statement in a DSSE envelope, alone or in a Sigstore bundle, if its predicate's type has the word. */
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
    const value: unknown = parseForeignJson(bytes);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
