import { gateOf, type SignatureAccess } from '../acts/image-signatures.ts';
import { reachable } from '../acts/reachable.ts';
import { signingPolicy } from '../acts/signing-policy.ts';
import { toolVersion } from '../acts/tool-version.ts';
import { ScapfeedError, type SignatureGate, type SignedResult } from '../model/index.ts';
import { signedJson } from '../report/signed-json.ts';
import { signedTable } from '../report/signed-table.ts';
import {
  type Asked,
  checkSigned,
  predicateTypesOf,
  type Required,
  readTrustedCertificates,
  readTrustedKey,
  readTrustedRoot,
} from '../signatures/index.ts';
import { readTrustedFile } from '../signatures/trusted-file.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { count, date, either, listOf, pattern, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { timeOf } from './image.ts';
import { type Reported, reported } from './reports.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Accepted signers of an image. One of the keys, identities and certificates is enough. */
export interface Signers {
  /** Paths of public keys (PEM). */
  keys?: readonly string[];
  /** Identities from an OIDC issuer, as an exact name or a pattern for the whole name. Requires `trustedRoot`. */
  identities?: readonly { name: string | RegExp; issuer: string }[];
  /** Path of a trusted_root.json: Sigstore's authorities and logs. */
  trustedRoot?: string;
  /** Paths of trusted CA certificates for Notary Project signatures. */
  certificates?: readonly string[];
  /** Paths of trusted root certificates of timestamp authorities for Notary Project signatures. */
  timestampAuthorities?: readonly string[];
  /** Paths of OpenPGP keys that are trusted for signatures in `lookaside`. */
  openPgpKeys?: readonly string[];
  /** Folder of signatures by skopeo and podman. */
  lookaside?: string;
  /**
   * Numbers of logs, timestamps and certificate logs required for a signature by an identity. Default: those of the trusted root.
   */
  thresholds?: { logEntries?: number; timestamps?: number; certificateLogs?: number };
}

/** Options of {@link checkSignatures}: the accepted signers, and where to look for signatures. */
export interface CheckSignaturesOptions extends Signers, RunOptions, NetworkOptions {
  /** Path of a policy that says who must have signed which image. Used instead of keys, identities and certificates. */
  policy?: string;
  /** Requires an attestation instead of a signature: `slsa`, `cyclonedx`, or a predicate type. */
  attestation?: string;
  /** The image of a multi-platform index to check. Default: `linux/amd64`. */
  platform?: string;
  /** The time at which signatures must be valid. Default: now. */
  now?: Date;
}

/** The result of {@link checkSignatures}. */
export interface SignatureReport extends Reported<SignedResult, 'json' | 'table'> {
  /** A summary of the result, for `signed` of {@link judge}. */
  readonly gate: SignatureGate;
}

/** @internal Who must have signed. */
export const signerOptions = {
  keys: things.texts,
  identities: listOf(
    optionShapes<{ name: string | RegExp; issuer: string }>({
      name: required(either('text, or a RegExp', text, pattern)),
      issuer: required(text),
    }),
  ),
  trustedRoot: text,
  certificates: things.texts,
  timestampAuthorities: things.texts,
  openPgpKeys: things.texts,
  lookaside: text,
  thresholds: optionShapes<NonNullable<CheckSignaturesOptions['thresholds']>>({
    logEntries: count,
    timestamps: count,
    certificateLogs: count,
  }),
};

/** @internal */
export const checkSignaturesDoor: Door = new Door('checkSignatures', {
  reference: things.reference,
  options: required(
    optionShapes<CheckSignaturesOptions>({
      ...things.runOptions,
      ...things.networkOptions,
      ...signerOptions,
      policy: text,
      attestation: text,
      platform: text,
      now: date,
    }),
  ),
});

/**
 * Finds the signatures of an image in its registry or OCI layout and verifies each. Same as `scapfeed signed`. Only the image's
 * registry is contacted.
 *
 * @returns `result.verdict`: `signed`, `refused` (no signature meets the requirements), `rejected`, `unsigned` or `not_required`.
 * A verdict other than `signed` is not an error.
 * @throws {@link ScapfeedError} `USAGE` when no signers are given; `TRUST_ROOT_MISSING`, `TRUST_ROOT_INVALID`,
 * `TRUST_POLICY_INVALID`; and the errors of {@link openImage}
 * @example
 * ```ts
 * import { checkSignatures } from 'scapfeed';
 *
 * const { result } = await checkSignatures('oci:layout', { keys: ['cosign.pub'] });
 * console.log(result.verdict); // unsigned
 * ```
 */
export function checkSignatures(
  reference: string,
  options: CheckSignaturesOptions,
): Promise<SignatureReport> {
  return run(checkSignaturesDoor, [reference, options], async (report) => {
    const required = await requiredBy(options);
    report(`looking for signatures of ${reference}`);
    const access = signatureAccess(options);
    const found = await reachable(reference, () => checkSigned(reference, required, access, timeOf(options)));
    const result: SignedResult = {
      format: 'scapfeed/signed/1',
      tool: `scapfeed ${toolVersion}`,
      ...found,
    };
    return {
      ...reported(result, { json: () => signedJson(result), table: () => signedTable(result) }),
      gate: gateOf(found),
    };
  });
}

/** @internal Where signatures are looked for. */
export function signatureAccess(
  options: NetworkOptions & { platform?: string; lookaside?: string },
): SignatureAccess {
  const { platform, lookaside, ca, insecureRegistries } = options;
  return {
    env: environment(options),
    ...(platform === undefined ? {} : { platform }),
    ...(lookaside === undefined ? {} : { lookaside }),
    registry: {
      ...(ca === undefined ? {} : { ca }),
      ...(insecureRegistries === undefined ? {} : { insecure: insecureRegistries }),
    },
  };
}

/** @internal Who must have signed which image. @throws {ScapfeedError} USAGE, TRUST_ROOT_*, TRUST_POLICY_INVALID */
export async function requiredBy(
  options: Signers & { policy?: string; attestation?: string },
): Promise<Required> {
  const { policy, attestation } = options;
  if (policy === undefined)
    return {
      ...signersOf(options),
      ...(attestation === undefined ? {} : { predicateTypes: predicateTypesOf(attestation) }),
    };
  if (isSomebodyNamed(options) || attestation !== undefined)
    throw usage('a policy says who must have signed, found other options too', 'leave one of them out');
  return signingPolicy(policy, { read: readTrustedFile, fromFeed: () => undefined });
}

function isSomebodyNamed({ keys, identities, certificates, openPgpKeys }: Signers): boolean {
  return [keys, identities, certificates, openPgpKeys].some(
    (named) => named !== undefined && named.length > 0,
  );
}

/** @internal Whose signatures count. @throws {ScapfeedError} USAGE, TRUST_ROOT_* */
export function signersOf(signers: Signers): Asked {
  const { keys = [], identities = [], certificates = [], timestampAuthorities = [] } = signers;
  const { openPgpKeys = [], trustedRoot } = signers;
  if (!isSomebodyNamed(signers))
    throw usage('no required signer is given', 'give keys, identities, certificates or a policy');
  if (identities.length > 0 && trustedRoot === undefined)
    throw usage('no trusted root is given to verify identities with', 'give trustedRoot');
  if (openPgpKeys.length > 0 && signers.lookaside === undefined)
    throw usage('signatures by OpenPGP keys are in a lookaside folder', 'give lookaside');
  const certificatesIn = (files: readonly string[], use: 'signer' | 'timestamp-authority') =>
    files.flatMap((file) => readTrustedCertificates(readTrustedFile(file), file, use));
  return {
    keys: keys.map((file) => readTrustedKey(readTrustedFile(file).toString('utf8'), file)),
    identities,
    certificates: [
      ...certificatesIn(certificates, 'signer'),
      ...certificatesIn(timestampAuthorities, 'timestamp-authority'),
    ],
    openpgp: openPgpKeys.map((file) => ({ file, bytes: readTrustedFile(file) })),
    thresholds: signers.thresholds ?? {},
    ...(trustedRoot === undefined
      ? {}
      : { trust: readTrustedRoot(readTrustedFile(trustedRoot).toString('utf8'), trustedRoot) }),
  };
}

function usage(message: string, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'USAGE', message, remedy });
}
