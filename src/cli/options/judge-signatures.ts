import { readFileSync } from 'node:fs';
import { currentTime } from '../../io/clock.ts';
import { type Environment, ScapfeedError, type SignatureGate, type Signer } from '../../model/index.ts';
import {
  type Asked,
  checkSigned,
  type Required,
  readSigningPolicy,
  readTrustedCertificates,
  readTrustedKey,
} from '../../signatures/index.ts';
import { usage } from '../usage.ts';
import { reachable } from './reachable.ts';
import { readAuthorities } from './registry-access.ts';

/** The options that say who must have signed, and how the image is reached. */
export interface SignatureChoice {
  'require-signed': string | undefined;
  'signed-by': readonly string[] | undefined;
  lookaside: string | undefined;
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
  const { lookaside, 'insecure-registry': insecure, 'ca-file': ca } = given;
  if (/^sbom:/.test(reference)) {
    throw usage(command, 'an SBOM in a file has no signatures', 'name the image, or leave the option out');
  }
  const platform = given.platform?.find((text) => text.includes('/'));
  const required = requiredBy(command, given);
  const options = {
    env,
    ...(platform !== undefined && { platform }),
    ...(lookaside !== undefined && { lookaside }),
    registry: {
      ...(insecure !== undefined && { insecure }),
      ...(ca !== undefined && { ca: readAuthorities(ca) }),
    },
  };
  const { image, verdict, policy, asked, signatures } = await reachable(reference, () =>
    checkSigned(reference, required, options, currentTime()),
  );
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

function requiredBy(
  command: string,
  { 'require-signed': policy, 'signed-by': files = [], lookaside }: SignatureChoice,
): Required {
  if (policy === undefined) return askedBy(command, files, lookaside);
  if (files.length === 0) return readSigningPolicy(readTrusted(policy), policy);
  throw usage(
    command,
    '--require-signed and --signed-by both say who must have signed',
    'leave one of them out',
  );
}

/** Public keys, certificates and OpenPGP keys, by what stands in the file; any of them is enough. */
function askedBy(command: string, files: readonly string[], lookaside: string | undefined): Asked {
  const read = files.map((file) => ({ file, bytes: readTrusted(file) }));
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
    identities: [],
    thresholds: {},
  };
}

function readTrusted(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_MISSING',
      message: `what is to be trusted cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: 'name a file that exists and can be read',
      cause,
    });
  }
}
