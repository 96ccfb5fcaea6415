import { Budget } from '../../image/limits.ts';
import { type Descriptor, type OciManifest, parseManifest } from '../../image/manifest/manifest.ts';
import type { SignatureForm, SignaturePlace, SignedSubject } from '../../model/verdict/index.ts';
import { signatureLimits, tooMany } from '../limits.ts';
import { asRefused, Refused } from '../refused.ts';
import type { AttachedRow, SignatureStore } from './store.ts';

/** A signature or attestation as it was found: its bytes, or why they could not be had. */
export interface Candidate<Subject extends SignedSubject = SignedSubject> {
  form: SignatureForm;
  place: SignaturePlace;
  digest: string;
  at: Subject;
  content: { bytes: Buffer; annotations: Readonly<Record<string, string>>; mediaType: string } | Refused;
}

export interface FoundCandidates<Subject extends SignedSubject> {
  candidates: Candidate<Subject>[];
  /** Attached manifests that are no signatures. */
  others: number;
}

type ImageManifest = Extract<OciManifest, { kind: 'image' }>;

/** Types of artifacts that may turn out to be signatures: cosign 2 lists its bundles as `empty`, older clients as nothing. */
const unclear = new Set([
  '',
  'application/vnd.oci.empty.v1+json',
  'application/vnd.oci.image.config.v1+json',
]);

/** All signatures and attestations of what is signed of an image, by every way that they are kept. */
export async function findSignatures<Subject extends SignedSubject>(
  store: SignatureStore,
  subjects: readonly Subject[],
): Promise<FoundCandidates<Subject>> {
  const reader = new CandidateReader<Subject>(store);
  for (const subject of subjects) {
    for (const row of await store.attached(subject.digest)) await reader.attached(row, subject);
    for (const row of await store.legacy(subject.digest, 'sig')) {
      await reader.legacy(row, subject, 'cosign-signature');
    }
    for (const row of await store.legacy(subject.digest, 'att')) {
      await reader.legacy(row, subject, 'cosign-attestation');
    }
  }
  return { candidates: reader.candidates, others: reader.others };
}

class CandidateReader<Subject extends SignedSubject> {
  readonly candidates: Candidate<Subject>[] = [];
  others = 0;
  #store: SignatureStore;
  #budget = new Budget();
  #seen = new Set<string>();
  #bytes = 0;

  constructor(store: SignatureStore) {
    this.#store = store;
  }

  /** A manifest that is listed as attached to the subject. */
  async attached({ descriptor, place }: AttachedRow, at: Subject): Promise<void> {
    const key = `${at.digest} ${descriptor.digest}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const listedAs = formOf(descriptor.artifactType);
    if (!listedAs && !unclear.has(descriptor.artifactType ?? '')) {
      this.others++;
      return;
    }
    const { digest } = descriptor;
    try {
      const manifest = await this.#manifest(descriptor);
      const [layer, ...more] = manifest.layers;
      const form =
        formOf(manifest.artifactType) ?? formOf(manifest.config.mediaType) ?? formOf(layer?.mediaType);
      if (!form) {
        this.others++;
        return;
      }
      if (manifest.subject !== at.digest) {
        const named = manifest.subject ?? 'nothing';
        const refused = new Refused(
          'ATTACHED_TO_OTHER',
          `expected a manifest attached to ${at.digest}, found one attached to ${named}`,
        );
        this.#add({ form, place, digest, at, content: refused });
      } else if (!layer || more.length > 0) {
        const count = manifest.layers.length;
        const refused = new Refused('SIGNATURE_MALFORMED', `expected one layer, found ${count}`);
        this.#add({ form, place, digest, at, content: refused });
      } else await this.#read(layer, { form, place, at });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#add({ form: listedAs ?? 'sigstore-bundle', place, digest, at, content: error });
    }
  }

  /** A manifest each of whose layers is a signature or attestation. */
  async legacy({ descriptor, place }: AttachedRow, at: Subject, form: SignatureForm): Promise<void> {
    try {
      const manifest = await this.#manifest(descriptor);
      for (const layer of manifest.layers) await this.#read(layer, { form, place, at });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#add({ form, place, digest: descriptor.digest, at, content: error });
    }
  }

  async #manifest({ digest }: Descriptor): Promise<ImageManifest> {
    try {
      const bytes = await this.#store.manifest(digest);
      const manifest = parseManifest(bytes, this.#budget, `${this.#store.where}, manifest ${digest}`);
      if (manifest.kind === 'image') return manifest;
    } catch (error) {
      throw asRefused(error);
    }
    throw new Refused('SIGNATURE_MALFORMED', 'expected a manifest of a signature, found an index');
  }

  async #read(
    layer: Descriptor,
    found: { form: SignatureForm; place: SignaturePlace; at: Subject },
  ): Promise<void> {
    const content = await this.#content(layer);
    this.#add({ ...found, digest: layer.digest, content });
  }

  async #content(layer: Descriptor): Promise<Candidate['content']> {
    try {
      const bytes = await this.#store.blob(layer, signatureLimits.signatureBytes);
      this.#bytes += bytes.length;
      if (this.#bytes > signatureLimits.allBytes) {
        throw tooMany('bytes of signatures', signatureLimits.allBytes, this.#store.where);
      }
      return { bytes, annotations: layer.annotations, mediaType: layer.mediaType ?? '' };
    } catch (error) {
      return asRefused(error);
    }
  }

  #add(candidate: Candidate<Subject>): void {
    this.candidates.push(candidate);
    if (this.candidates.length > signatureLimits.signatures) {
      throw tooMany('signatures', signatureLimits.signatures, this.#store.where);
    }
  }
}

function formOf(type: string | undefined): SignatureForm | undefined {
  if (type?.startsWith('application/vnd.dev.sigstore.bundle')) return 'sigstore-bundle';
  return type === 'application/vnd.cncf.notary.signature' ? 'notation' : undefined;
}
