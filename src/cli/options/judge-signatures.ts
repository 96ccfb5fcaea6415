import { reachable } from '../../acts/reachable.ts';
import { signingPolicy } from '../../acts/signing-policy.ts';
import { currentTime } from '../../io/clock.ts';
import {
  type Environment,
  ScapfeedError,
  type SignatureGate,
  type SignedSubject,
  type Signer,
} from '../../model/index.ts';
import {
  type Asked,
  checkSigned,
  predicateTypesOf,
  type Required,
  readTrustedCertificates,
  readTrustedKey,
  type VerifiedAttestation,
} from '../../signatures/index.ts';
import type { OptionValues } from '../option.ts';
import { usage } from '../usage.ts';
import type { identityOptions } from './identity-options.ts';
import { readAuthorities } from './registry-access.ts';
import { identityChoice, rootChoice } from './signer-choice.ts';
import { type TrustReader, trustReader } from './trust-reader.ts';

/** The options that say who must have signed, and how the image is reached. */
export interface SignatureChoice extends OptionValues<typeof identityOptions> {
  'require-signed': string | undefined;
  'signed-by': readonly string[] | undefined;
  lookaside: string | undefined;
  /** Whose keys and roots are meant by `feed:NAME`. */
  feed?: string | undefined;
  platform: readonly string[] | undefined;
  'insecure-registry': readonly string[] | undefined;
  'ca-file': string | undefined;
}

/** What --require-signed or --signed-by make of an image. */
export async function judgeSignatures(
  command: string,
  reference: string,
  given: SignatureChoice,
  env: Environment,
): Promise<SignatureGate> {
  return gateOf(await check(command, reference, await requiredBy(command, given, env), given, env));
}

/** An SBOM that somebody who was asked for attested of an image, and how that was found. */
export interface AttestedSbom {
  gate: SignatureGate;
  /** The in-toto statement that has it. */
  statement: Buffer;
  /** What it was attested of. */
  at: SignedSubject;
}

/**
 * The SBOM of a verified attestation. @throws {ScapfeedError} ATTESTATION_MISSING, ATTESTATION_REFUSED, and those of `signed`
 */
export async function attestedSbom(
  command: string,
  reference: string,
  type: string,
  given: SignatureChoice,
  env: Environment,
): Promise<AttestedSbom> {
  const types = predicateTypesOf(type);
  const { result, attestations } = await attested(command, reference, types, given, env);
  const [one, ...others] = attestations;
  if (one && others.length === 0) return { gate: gateOf(result), statement: one.statement, at: one.at };
  throw attestationError(result, attestations.length, type, reference);
}

/** What was attested of an image, and why others were left out. */
export interface AttestedVex {
  /** In-toto statements with a VEX document each, and where they were found. */
  documents: { statement: Buffer; where: string }[];
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
  command: string,
  reference: string,
  given: SignatureChoice,
  env: Environment,
): Promise<AttestedVex> {
  const { result, attestations } = await attested(command, reference, vexTypes, given, env);
  const where = (digest: string) => `${reference}, attested ${digest}`;
  return {
    documents: attestations.map(({ statement, digest }) => ({ statement, where: where(digest) })),
    leftOut: result.signatures.flatMap(({ digest, outcome }) =>
      outcome.state === 'refused'
        ? [{ where: where(digest), detail: `${outcome.refusal.code}: ${outcome.refusal.message}` }]
        : [],
    ),
  };
}

/** Verified attestations of some types, each statement once. */
async function attested(
  command: string,
  reference: string,
  predicateTypes: readonly string[],
  given: SignatureChoice,
  env: Environment,
): Promise<{ result: CheckedSignatures; attestations: VerifiedAttestation[] }> {
  const required = await requiredBy(command, given, env);
  if ('demandFor' in required) {
    throw usage(
      command,
      'a policy does not say whose attestations count',
      'name the signer with --signed-by',
    );
  }
  const found = new Map<string, VerifiedAttestation>();
  const result = await check(
    command,
    reference,
    { ...required, predicateTypes },
    given,
    env,
    (attestation) => {
      found.set(attestation.statement.toString('base64'), attestation);
    },
  );
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
      remedy: 'remove what is outdated, or name a signer of one of them only',
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

async function check(
  command: string,
  reference: string,
  required: Required,
  given: SignatureChoice,
  env: Environment,
  onAttested?: (attestation: VerifiedAttestation) => void,
): Promise<CheckedSignatures> {
  const { lookaside, 'insecure-registry': insecure, 'ca-file': ca } = given;
  if (/^sbom:/.test(reference)) {
    throw usage(command, 'an SBOM in a file has no signatures', 'name the image, or leave the option out');
  }
  const platform = given.platform?.find((text) => text.includes('/'));
  const options = {
    env,
    ...(platform !== undefined && { platform }),
    ...(lookaside !== undefined && { lookaside }),
    registry: {
      ...(insecure !== undefined && { insecure }),
      ...(ca !== undefined && { ca: readAuthorities(ca) }),
    },
  };
  return reachable(reference, () => checkSigned(reference, required, options, currentTime(), onAttested));
}

function gateOf({ image, verdict, policy, asked, signatures }: CheckedSignatures): SignatureGate {
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

function signerText(signer: Signer): string {
  switch (signer.kind) {
    case 'key':
      return signer.key;
    case 'certificate':
      return `${signer.identity} (${signer.issuer})`;
    case 'x509':
      return signer.subject;
    case 'openpgp':
      return signer.fingerprint;
  }
}

async function requiredBy(command: string, given: SignatureChoice, env: Environment): Promise<Required> {
  const { 'require-signed': policy, 'signed-by': files = [], lookaside } = given;
  const trust = trustReader(given.feed, env);
  const identities = identityChoice(command, given);
  if (policy === undefined) {
    const signers = askedBy(command, files, lookaside, trust);
    return { ...signers, identities, ...rootChoice(given, identities, trust) };
  }
  if (files.length + identities.length === 0) return signingPolicy(policy, trust);
  throw usage(
    command,
    '--require-signed says who must have signed, found --signed-by or --identity too',
    'leave one of them out',
  );
}

/** Public keys, certificates and OpenPGP keys, by what stands in the file; any of them is enough. */
function askedBy(
  command: string,
  files: readonly string[],
  lookaside: string | undefined,
  trust: TrustReader,
): Omit<Asked, 'identities'> {
  const read = files.map((file) => ({ file, bytes: trust.read(file) }));
  const kindOf = ({ bytes }: (typeof read)[number]) =>
    /-----BEGIN (CERTIFICATE|PGP PUBLIC KEY BLOCK)-----/.exec(bytes.toString('latin1'))?.[1] ?? 'PUBLIC KEY';
  const openpgp = read.filter((one) => kindOf(one) === 'PGP PUBLIC KEY BLOCK');
  if (openpgp.length > 0 && lookaside === undefined) {
    throw usage(command, 'OpenPGP signatures are in a lookaside folder, found none', 'add --lookaside');
  }
  return {
    keys: read
      .filter((one) => kindOf(one) === 'PUBLIC KEY')
      .map(({ file, bytes }) => readTrustedKey(bytes.toString('utf8'), file)),
    certificates: read
      .filter((one) => kindOf(one) === 'CERTIFICATE')
      .flatMap(({ file, bytes }) => readTrustedCertificates(bytes, file, 'signer')),
    openpgp,
    thresholds: {},
  };
}
