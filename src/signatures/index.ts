import { parsePlatform } from '../image/manifest/platform.ts';
import type { FoundSignature, SignedResult } from '../model/index.ts';
import type { Asked } from './asked.ts';
import { findSignatures } from './find/find-signatures.ts';
import { readLookaside } from './find/lookaside.ts';
import { openStore } from './find/open-store.ts';
import type { StoreOptions } from './find/store.ts';
import { judge } from './judge.ts';
import { subjectsOf } from './subject.ts';

export type {
  Asked,
  Thresholds,
  TrustedCertificate,
  TrustedIdentity,
  TrustedKey,
  TrustedOpenPgp,
} from './asked.ts';
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
  if (asked.openpgp.length > 0) {
    const { readKeys } = await import('./simple/read-keys.ts');
    // A key that is none is told whether or not there is a signature.
    await readKeys(asked.openpgp);
  }
  const { store, reference, named } = await openStore(text, options);
  try {
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const image = await subjectsOf(store, platform);
    const { candidates, others } = await findSignatures(store, image);
    const beside = options.lookaside === undefined ? [] : readLookaside(options.lookaside, named, image);
    const signatures: FoundSignature[] = [];
    for (const candidate of [...candidates, ...beside]) {
      signatures.push(await judge(candidate, { image, named, asked, now }));
    }
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

function verdictOf(signatures: readonly FoundSignature[]): SignedResult['verdict'] {
  const states = new Set(signatures.map(({ outcome }) => outcome.state));
  if (states.has('verified')) return 'signed';
  return states.has('refused') ? 'refused' : 'unsigned';
}

function askedText({ keys, identities, certificates, openpgp, predicateTypes }: Asked): string[] {
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
    ...openpgp.map(({ file }) => `a signature in the form of containers/image by an OpenPGP key of ${file}`),
  ];
}
