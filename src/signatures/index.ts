import { parsePlatform } from '../image/manifest/platform.ts';
import type { ImageReference } from '../image/reference.ts';
import type { FoundSignature, SignedResult, SignedVerdict } from '../model/verdict/index.ts';
import type { Demand, RequiredSigners, Requirement, TrustedCertificate } from './asked.ts';
import { findSignatures } from './find/find-signatures.ts';
import { readLookaside } from './find/lookaside.ts';
import { openStore } from './find/open-store.ts';
import type { StoreOptions } from './find/store.ts';
import { judge } from './judge.ts';
import type { JudgeContext } from './judge-context.ts';
import { nameText } from './notary/rules.ts';
import { readContainersPolicy } from './policy/containers-policy.ts';
import { readNotaryPolicy } from './policy/notary-policy.ts';
import type { SigningPolicy } from './policy/policy.ts';
import { policyInvalid, readStrictJson } from './policy/strict-json.ts';
import { readTrustedRoot } from './sigstore/trusted-root.ts';
import { subjectsOf } from './subject.ts';
import { readTrustedCertificates } from './trusted-certificates.ts';
import { readTrustedKey } from './trusted-key.ts';

export type {
  RequiredSigners,
  Thresholds,
  TrustedCertificate,
  TrustedIdentity,
  TrustedKey,
  TrustedOpenPgp,
} from './asked.ts';
export type { StoreOptions } from './find/store.ts';
export type { VerifiedAttestation } from './judge-context.ts';
export { readOwnPolicy } from './policy/own-policy.ts';
export type { SigningPolicy } from './policy/policy.ts';
export { attestationNames, predicateTypesOf } from './predicate-types.ts';
export { type UsedImage, usedImages } from './sigstore/image-materials.ts';
export { readTrustedRoot } from './sigstore/trusted-root.ts';
export { readTrustedCertificates } from './trusted-certificates.ts';
export { readTrustedKey } from './trusted-key.ts';

/** The requirements for images: the same for all, or by name. */
export type Required = RequiredSigners | SigningPolicy;

/**
 * Finds every signature of an image and judges each by the requirements. One valid signature is enough for each requirement;
 * problems of the others are reported. Errors IMAGE_* and FETCH_*: a failed search is never "unsigned".
 */
export async function checkSigned(
  text: string,
  required: Required,
  options: StoreOptions,
  now: Date,
  onAttested?: JudgeContext['onAttested'],
): Promise<Omit<SignedResult, 'tool' | 'format'>> {
  const { store, reference, parsed, named } = await openStore(text, options);
  try {
    const { requirements, policy } = demandOf(required, parsed);
    await requireOpenPgpKeys(requirements);
    const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const image = await subjectsOf(store, platform);
    const { candidates, others } = await findSignatures(store, image);
    const beside = options.lookaside === undefined ? [] : readLookaside(options.lookaside, named, image);
    const signatures: FoundSignature[] = [];
    const verdicts: SignedVerdict[] = [];
    for (const [at, requirement] of requirements.entries()) {
      const judged: FoundSignature[] = [];
      if (requirement.kind === 'signature') {
        const context = { image, named, asked: requirement.asked, now, ...(onAttested && { onAttested }) };
        for (const candidate of [...candidates, ...beside]) judged.push(await judge(candidate, context));
      }
      verdicts.push(verdictOf(requirement, judged));
      const number = requirements.length > 1 ? { requirement: at + 1 } : {};
      signatures.push(...judged.map((one) => ({ ...one, ...number })));
    }
    return {
      image: { reference, subjects: image.map(({ kind, digest }) => ({ kind, digest })) },
      ...(policy && { policy }),
      asked: requirements.flatMap(requirementText),
      verdict: worstOf(verdicts),
      signatures,
      otherAttachments: others,
    };
  } finally {
    await store.close();
  }
}

function demandOf(required: Required, reference: ImageReference): Demand {
  if ('demandFor' in required) return required.demandFor(reference);
  return { requirements: [{ kind: 'signature', asked: required }] };
}

/** Reports an invalid key even if the image has no signature. */
async function requireOpenPgpKeys(requirements: readonly Requirement[]): Promise<void> {
  const keys = requirements.flatMap((one) => (one.kind === 'signature' ? one.asked.openpgp : []));
  if (keys.length === 0) return;
  const { readKeys } = await import('./simple/read-keys.ts');
  await readKeys(keys);
}

function verdictOf({ kind }: Requirement, signatures: readonly FoundSignature[]): SignedVerdict {
  if (kind !== 'signature') return kind === 'anything' ? 'not_required' : 'rejected';
  const states = new Set(signatures.map(({ outcome }) => outcome.state));
  if (signatures.some(isProven)) return 'signed';
  if (states.has('verified')) return 'not_required';
  return states.has('refused') ? 'refused' : 'unsigned';
}

/** If the policy only logs that a signer is not trusted, the signature proves nothing. */
function isProven({ outcome }: FoundSignature): boolean {
  if (outcome.state !== 'verified') return false;
  return outcome.signer.kind !== 'x509' || outcome.signer.trusted !== undefined;
}

/** The worst verdict, because all requirements must hold; `signed` ranks before `not_required`. */
function worstOf(verdicts: readonly SignedVerdict[]): SignedVerdict {
  const order = ['rejected', 'refused', 'unsigned', 'signed', 'not_required'] as const;
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'rejected';
}

function requirementText(requirement: Requirement): string[] {
  if (requirement.kind === 'anything') return ['nothing: the policy accepts any image here'];
  if (requirement.kind === 'nothing') {
    const { keyType } = requirement;
    return [
      keyType === undefined
        ? 'nothing can be enough: the policy rejects every image here'
        : `nothing can be enough: keys of the type ${keyType} are not read`,
    ];
  }
  return askedText(requirement.asked);
}

const notaryWords: Readonly<Record<TrustedCertificate['use'], string>> = {
  signer: 'a Notary Project signature',
  'signing-authority': 'a Notary Project signature by a service',
  'timestamp-authority': 'for Notary Project signatures, a timestamp by an authority',
};

function askedText({
  keys,
  identities,
  certificates,
  openpgp,
  predicateTypes,
  notary,
}: RequiredSigners): string[] {
  const what = predicateTypes ? `an attestation ${predicateTypes.join(', ')}` : 'a signature';
  return [
    ...keys.map(({ file, digest }) => `${what} by the key ${file} (${digest})`),
    ...identities.map(({ name, issuer }) => {
      const who = typeof name === 'string' ? name : `a name like ${name.source}`;
      return `${what} by ${who}, for whom ${issuer} vouches`;
    }),
    ...certificates.map(({ file, subject, use }) => `${notaryWords[use]} below ${subject} (${file})`),
    ...(notary?.identities ?? []).map((name) => `a Notary Project signature by ${nameText(name)}`),
    ...openpgp.map(({ file }) => `a signature in the form of containers/image by an OpenPGP key of ${file}`),
  ];
}

/**
 * Something that signatures can be checked by: a trusted root, a policy, a public key, certificates or OpenPGP keys, by what
 * stands in the file. Errors: TRUST_ROOT_INVALID, TRUST_POLICY_INVALID.
 */
export async function requireTrustFile(bytes: Buffer, file: string): Promise<void> {
  const text = bytes.toString('utf8');
  if (text.trimStart().startsWith('{')) {
    if (text.includes('vnd.dev.sigstore.trustedroot')) readTrustedRoot(text, file);
    else readSigningPolicy(bytes, file);
  } else if (text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    const { readKeys } = await import('./simple/read-keys.ts');
    await readKeys([{ file, bytes }]);
  } else if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) readTrustedKey(text, file);
  else readTrustedCertificates(bytes, file, 'signer');
}

/** A policy by what stands in it. Errors: TRUST_POLICY_INVALID. */
export function readSigningPolicy(bytes: Buffer, file: string): SigningPolicy {
  const document = readStrictJson(bytes.toString('utf8'), file);
  if ('default' in document || 'transports' in document) return readContainersPolicy(document, file);
  if ('trustPolicies' in document) return readNotaryPolicy(document, file);
  throw policyInvalid("expected containers' policy.json or a trust policy of the Notary Project", file);
}
