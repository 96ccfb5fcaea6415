import { parsePlatform } from '../image/manifest/platform.ts';
import type { FoundSignature, SignedResult } from '../model/index.ts';
import type { Asked } from './asked.ts';
import { type Candidate, findSignatures } from './find/find-signatures.ts';
import { openStore } from './find/open-store.ts';
import type { StoreOptions } from './find/store.ts';
import { checkNotary } from './notary/check.ts';
import { Refused } from './refused.ts';
import { checkSigstore, type SigstoreCandidate } from './sigstore/check.ts';
import { type Subject, subjectsOf } from './subject.ts';

export type { Asked, Thresholds, TrustedCertificate, TrustedIdentity, TrustedKey } from './asked.ts';
export type { StoreOptions } from './find/store.ts';
export { attestationNames, predicateTypesOf } from './predicate-types.ts';
export { readTrustedRoot } from './sigstore/trusted-root.ts';
export { readTrustedCertificates } from './trusted-certificates.ts';
export { readTrustedKey } from './trusted-key.ts';

/**
 * Finds every signature of an image and judges each by what is asked for. One that is as asked is enough; what is wrong with
 * the others is told. Errors: IMAGE_*, FETCH_*: what could not be looked for is never "unsigned".
 */
export async function checkSigned(
  text: string,
  asked: Asked,
  options: StoreOptions,
  now: Date,
): Promise<Omit<SignedResult, 'tool' | 'format'>> {
  const { store, reference } = await openStore(text, options);
  try {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const image = await subjectsOf(store, platform);
    const { candidates, others } = await findSignatures(store, image);
    const signatures = candidates.map((candidate) => judged(candidate, image, asked, now));
    return {
      image: { reference, subjects: image.map(({ kind, digest }) => ({ kind, digest })) },
      asked: askedText(asked),
      verdict: verdictOf(signatures),
      signatures,
      otherAttachments: others,
    };
  } finally {
    await store.close();
  }
}

function judged(
  candidate: Candidate<Subject>,
  image: readonly Subject[],
  asked: Asked,
  now: Date,
): FoundSignature {
  const { form, place, digest, at } = candidate;
  return {
    form,
    place,
    digest,
    at: { kind: at.kind, digest: at.digest },
    outcome: outcomeOf(candidate, image, asked, now),
  };
}

function outcomeOf(
  candidate: Candidate<Subject>,
  image: readonly Subject[],
  asked: Asked,
  now: Date,
): FoundSignature['outcome'] {
  const { at, content } = candidate;
  try {
    if (content instanceof Refused) throw content;
    if (isSigstore(candidate)) return checkSigstore(candidate, image, asked, now);
    return checkNotary(content, at, image, asked, now);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { state: 'refused', refusal: error.refusal };
  }
}

function isSigstore(candidate: Candidate<Subject>): candidate is SigstoreCandidate {
  return candidate.form !== 'notation' && !(candidate.content instanceof Refused);
}

function verdictOf(signatures: readonly FoundSignature[]): SignedResult['verdict'] {
  const states = new Set(signatures.map(({ outcome }) => outcome.state));
  if (states.has('verified')) return 'signed';
  return states.has('refused') ? 'refused' : 'unsigned';
}

function askedText({ keys, identities, certificates, predicateTypes }: Asked): string[] {
  const what = predicateTypes ? `an attestation ${predicateTypes.join(', ')}` : 'a signature';
  return [
    ...keys.map(({ file, digest }) => `${what} by the key ${file} (${digest})`),
    ...identities.map(({ name, issuer }) => {
      const who = typeof name === 'string' ? name : `a name like ${name.source}`;
      return `${what} by ${who}, for whom ${issuer} vouches`;
    }),
    ...certificates.map(({ file, subject, use }) =>
      use === 'signer'
        ? `a Notary Project signature below ${subject} (${file})`
        : `a Notary Project signature by a service below ${subject} (${file})`,
    ),
  ];
}
