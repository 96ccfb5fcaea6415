import { currentTime } from '../../io/clock.ts';
import type { Environment } from '../../model/environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import {
  type SignatureGate,
  type SignedSubject,
  type Signer,
  signerText,
} from '../../model/verdict/index.ts';
import {
  checkSigned,
  predicateTypesOf,
  type Required,
  type RequiredSigners,
  type UsedImage,
  usedImages,
  type VerifiedAttestation,
} from '../../signatures/index.ts';
import { reachable } from '../image/reachable.ts';

/** Where signatures are looked for. */
export interface SignatureAccess {
  env: Environment;
  /** The image of a multi-platform index. */
  platform?: string;
  /** Signatures of skopeo and podman. */
  lookaside?: string;
  registry: { insecure?: readonly string[]; ca?: string };
}

/** Judges the signatures of an image. Errors: those of `signed`. */
export async function signatureGate(
  reference: string,
  required: Required,
  access: SignatureAccess,
): Promise<SignatureGate> {
  return gateOf(await check(reference, required, access));
}

/** An SBOM that an accepted signer attested for an image, and the result of the check. */
export interface AttestedSbom {
  gate: SignatureGate;
  /** The in-toto statement that has it. */
  statement: Buffer;
  /** The subject of the attestation. */
  at: SignedSubject;
}

/**
 * The SBOM of a verified attestation. @throws {ScapfeedError} ATTESTATION_MISSING, ATTESTATION_REFUSED, and those of `signed`
 */
export async function attestedSbom(
  reference: string,
  type: string,
  asked: RequiredSigners,
  access: SignatureAccess,
): Promise<AttestedSbom> {
  const { result, attestations } = await attested(reference, predicateTypesOf(type), asked, access);
  const [one, ...others] = attestations;
  if (one && others.length === 0) return { gate: gateOf(result), statement: one.statement, at: one.at };
  throw attestationError(result, attestations.length, type, reference);
}

/** Documents attested for an image, and why others were left out. */
export interface AttestedVex {
  /** In-toto statements with a VEX document each, where they were found, who signed it, and the digest that each was verified for. */
  documents: { statement: Buffer; where: string; signer: Signer; subject: string }[];
  leftOut: { where: string; detail: string }[];
}

/** Predicates of cosign, docker scout and others that are VEX documents. */
const vexTypes = [
  'https://openvex.dev/ns',
  'https://docs.oasis-open.org/csaf/csaf',
  'https://cyclonedx.org/vex',
];

/** The VEX documents of verified attestations of an image. Errors: those of `signed`. */
export async function attestedVex(
  reference: string,
  asked: RequiredSigners,
  access: SignatureAccess,
): Promise<AttestedVex> {
  const { result, attestations } = await attested(reference, vexTypes, asked, access);
  return {
    documents: attestations.map(({ statement, digest, signer, at }) => ({
      ...{ statement, where: placeOf(reference, digest), signer, subject: at.digest },
    })),
    leftOut: refusedOf(reference, result),
  };
}

/** The images that an image was built from, and why attestations were left out. */
export interface AttestedMaterials {
  /** Each once, in the order of the statements. */
  images: UsedImage[];
  leftOut: AttestedVex['leftOut'];
}

/** The images that verified SLSA provenance of an image lists. Errors: those of `signed`. */
export async function attestedMaterials(
  reference: string,
  asked: RequiredSigners,
  access: SignatureAccess,
): Promise<AttestedMaterials> {
  const { result, attestations } = await attested(reference, predicateTypesOf('slsa'), asked, access);
  const images = new Map<string, UsedImage>();
  for (const image of attestations.flatMap(({ statement }) => usedImages(statement))) {
    images.set(`${image.repository}:${image.tag}@${image.digest}`, image);
  }
  return { images: [...images.values()], leftOut: refusedOf(reference, result) };
}

function refusedOf(reference: string, { signatures }: CheckedSignatures): AttestedVex['leftOut'] {
  return signatures.flatMap(({ digest, outcome }) =>
    outcome.state === 'refused'
      ? [
          {
            where: placeOf(reference, digest),
            detail: `${outcome.refusal.code}: ${outcome.refusal.message}`,
          },
        ]
      : [],
  );
}

function placeOf(reference: string, digest: string): string {
  return `${reference}, attested ${digest}`;
}

/** Verified attestations of some types, each statement once. */
async function attested(
  reference: string,
  predicateTypes: readonly string[],
  asked: RequiredSigners,
  access: SignatureAccess,
): Promise<{ result: CheckedSignatures; attestations: VerifiedAttestation[] }> {
  const found = new Map<string, VerifiedAttestation>();
  const result = await check(reference, { ...asked, predicateTypes }, access, (attestation) => {
    found.set(attestation.statement.toString('base64'), attestation);
  });
  return { result, attestations: [...found.values()] };
}

function attestationError(
  { signatures }: CheckedSignatures,
  verified: number,
  type: string,
  where: string,
): ScapfeedError {
  if (verified > 1) {
    return new ScapfeedError({
      code: 'ATTESTATION_REFUSED',
      message: `expected one attested SBOM (${type}), found ${verified} that differ`,
      where,
      remedy: 'remove outdated attestations, or specify a signer of only one of them',
    });
  }
  const refused = signatures.flatMap(({ outcome }) =>
    outcome.state === 'refused' ? [`${outcome.refusal.code}: ${outcome.refusal.message}`] : [],
  );
  const remedy = `look at them with \`scapfeed signed IMAGE --attestation ${type}\``;
  if (refused.length === 0) {
    const message = `expected an attestation of the type ${type}, found none`;
    return new ScapfeedError({ code: 'ATTESTATION_MISSING', message, where, remedy });
  }
  const message = `expected an attestation by whom is asked for; refused: ${refused.slice(0, 3).join('; ')}`;
  return new ScapfeedError({ code: 'ATTESTATION_REFUSED', message, where, remedy });
}

type CheckedSignatures = Awaited<ReturnType<typeof checkSigned>>;

function check(
  reference: string,
  required: Required,
  access: SignatureAccess,
  onAttested?: (attestation: VerifiedAttestation) => void,
): Promise<CheckedSignatures> {
  return reachable(reference, () => checkSigned(reference, required, access, currentTime(), onAttested));
}

/** In short, what was found. */
export function gateOf({ image, verdict, policy, asked, signatures }: CheckedSignatures): SignatureGate {
  return {
    verdict,
    ...(policy && { policy }),
    asked,
    subjects: image.subjects,
    signatures: signatures.map(({ outcome, ...found }) => ({
      ...found,
      state: outcome.state,
      ...(outcome.state === 'verified' && { signer: signerText(outcome.signer) }),
      ...(outcome.state === 'refused' && { refusal: outcome.refusal }),
    })),
  };
}
