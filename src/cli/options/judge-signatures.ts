import type { Environment } from '../../model/environment.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import {
  type Required,
  type RequiredSigners,
  readTrustedCertificates,
  readTrustedKey,
} from '../../signatures/index.ts';
import { usage } from '../../tasks/given-words.ts';
import { sbomFile } from '../../tasks/image/sbom-subject.ts';
import { attestedVexOf, type VexOfImage } from '../../tasks/image/vex.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type AttestedImage, attestedImage } from '../../tasks/signed/attested-image.ts';
import {
  type AttestedMaterials,
  attestedMaterials,
  type SignatureAccess,
  signatureGate,
} from '../../tasks/signed/image-signatures.ts';
import type { identityOptions } from '../../tasks/signed/options.ts';
import { signingPolicy, type TrustFiles } from '../../tasks/signed/trust-files.ts';
import { platformOfIndex } from './image-choice.ts';
import { storeOptions } from './registry-access.ts';
import { identityChoice, rootChoice } from './signer-choice.ts';
import { trustReader } from './trust-reader.ts';

/** The options for required signers, and for access to the image. */
export interface SignatureChoice extends OptionValues<typeof identityOptions> {
  'require-signed': string | undefined;
  'signed-by': readonly string[] | undefined;
  lookaside: string | undefined;
  /** The feed that `feed:NAME` takes keys and roots from. */
  feed?: string | undefined;
  platform: readonly string[] | undefined;
  'insecure-registry': readonly string[] | undefined;
  'ca-file': string | undefined;
}

/** The result of --require-signed or --signed-by for an image. */
export async function judgeSignatures(
  command: string,
  reference: string,
  given: SignatureChoice,
  env: Environment,
): Promise<SignatureGate> {
  const required = await requiredBy(command, given, env);
  return signatureGate(reference, required, await accessOf(command, reference, given, env));
}

/** The SBOM of a verified attestation, in place of the image. */
export async function attestedSubject(
  command: string,
  reference: string,
  type: string,
  given: SignatureChoice,
  env: Environment,
): Promise<AttestedImage> {
  const asked = await attestersBy(command, given, env);
  return attestedImage(reference, type, asked, await accessOf(command, reference, given, env));
}

/** The VEX documents of verified attestations of an image. `signers`: in place of those that options name. */
export async function attestedVex(
  command: string,
  reference: string,
  signers: RequiredSigners | undefined,
  given: SignatureChoice,
  env: Environment,
): Promise<VexOfImage> {
  const asked = signers ?? (await attestersBy(command, given, env));
  return attestedVexOf(reference, asked, await accessOf(command, reference, given, env));
}

/** The images that verified provenance of an image says it was built from. */
export async function imagesOfBuild(
  command: string,
  reference: string,
  given: SignatureChoice,
  env: Environment,
): Promise<AttestedMaterials> {
  const asked = await attestersBy(command, given, env);
  return attestedMaterials(reference, asked, await accessOf(command, reference, given, env));
}

/** Accepted signers of attestations. */
async function attestersBy(
  command: string,
  given: SignatureChoice,
  env: Environment,
): Promise<RequiredSigners> {
  const required = await requiredBy(command, given, env);
  if (!('demandFor' in required)) return required;
  throw usage(
    command,
    'a policy does not say whose attestations count',
    'specify the signer with --signed-by',
  );
}

async function accessOf(
  command: string,
  reference: string,
  given: SignatureChoice,
  env: Environment,
): Promise<SignatureAccess> {
  if ((await sbomFile(reference)) !== undefined) {
    throw usage(command, 'an SBOM in a file has no signatures', 'specify the image, or omit the option');
  }
  return storeOptions({ ...given, platform: platformOfIndex(given.platform) }, env);
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
    'omit one of them',
  );
}

/** Public keys, certificates and OpenPGP keys, by what stands in the file; any of them is enough. */
function askedBy(
  command: string,
  files: readonly string[],
  lookaside: string | undefined,
  trust: TrustFiles,
): Omit<RequiredSigners, 'identities'> {
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
