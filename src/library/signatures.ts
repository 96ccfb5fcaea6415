import { join } from 'node:path';
import { ScapfeedError } from '../model/error.ts';
import type { SignatureGate, SignedResult } from '../model/verdict/index.ts';
import { trustFilesFolder } from '../publish/site/trust-file-name.ts';
import { wholeJson } from '../report/formats/json.ts';
import { signedTable } from '../report/signed-table.ts';
import {
  checkSigned,
  predicateTypesOf,
  type Required,
  type RequiredSigners,
  readTrustedCertificates,
  readTrustedKey,
  readTrustedRoot,
  type TrustedCertificate,
} from '../signatures/index.ts';
import { reachable } from '../tasks/image/reachable.ts';
import { signedOutcome } from '../tasks/signed/gate.ts';
import { gateOf, type SignatureAccess } from '../tasks/signed/image-signatures.ts';
import { signingPolicy, type TrustFiles, trustFilesIn } from '../tasks/signed/trust-files.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import type { OpenFeed } from './feed.ts';
import { timeOf } from './image.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { count, date, either, listOf, optional, pattern, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type GateResult, gateResult } from './policy.ts';
import { type Reported, reported } from './reports.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/**
 * Accepted signers of an image. One of the keys, identities and certificates is enough. Each path may be `feed:NAME`, a file that
 * `feed` contains.
 */
export interface Signers {
  /**
   * An open feed that was pulled with `trust`. `feed:NAME` in a path of these options, or in a policy, is a file of it. If it has a
   * trusted_root.json, that is the default of `trustedRoot`.
   */
  feed?: OpenFeed;
  /** Paths of public keys (PEM). */
  keys?: readonly string[];
  /**
   * Identities from an OIDC issuer, as an exact name or a pattern for the whole name. Requires `trustedRoot`, or a `feed` that has
   * one.
   */
  identities?: readonly { name: string | RegExp; issuer: string }[];
  /** Path of a trusted_root.json: Sigstore's authorities and logs. */
  trustedRoot?: string;
  /** Paths of trusted CA certificates for Notary Project signatures. */
  certificates?: readonly string[];
  /** The same for signing authorities, which sign for others. */
  signingAuthorities?: readonly string[];
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
  /** Path of a policy with the required signers of images. Used instead of keys, identities and certificates. */
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
  /** The outcome as the exit code of `scapfeed signed`. */
  readonly policy: GateResult;
}

/** @internal Who must have signed. */
export const signerOptions = {
  feed: optional(things.feed),
  keys: things.texts,
  identities: listOf(
    optionShapes<{ name: string | RegExp; issuer: string }>({
      name: required(either('text, or a RegExp', text, pattern)),
      issuer: required(text),
    }),
  ),
  trustedRoot: text,
  certificates: things.texts,
  signingAuthorities: things.texts,
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
export const checkSignaturesParameters: ParameterCheck = new ParameterCheck('checkSignatures', {
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
  return run(checkSignaturesParameters, [reference, options], async (report) => {
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
      ...reported(result, { json: () => wholeJson(result), table: () => signedTable(result) }),
      gate: gateOf(found),
      policy: gateResult(signedOutcome(result)),
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
    throw usage('a policy says who must have signed, found other options too', 'omit one of them');
  return signingPolicy(policy, trustOf(options));
}

/** The files with trusted keys and roots, which may be those of a feed. */
function trustOf({ feed }: Signers): TrustFiles {
  return trustFilesIn(() => {
    if (feed) return join(feed.directory, trustFilesFolder);
    throw usage(
      'feed:NAME names a file of a feed, and no feed is given',
      'give feed, or the path of the file',
    );
  });
}

function isSomebodyNamed(signers: Signers): boolean {
  const { keys, identities, certificates, signingAuthorities, openPgpKeys } = signers;
  return [keys, identities, certificates, signingAuthorities, openPgpKeys].some(
    (named) => named !== undefined && named.length > 0,
  );
}

/** @internal The signers that are accepted. @throws {ScapfeedError} USAGE, TRUST_ROOT_* */
export function signersOf(signers: Signers): RequiredSigners {
  const { keys = [], identities = [], openPgpKeys = [], thresholds = {} } = signers;
  if (!isSomebodyNamed(signers))
    throw usage('no required signer is given', 'give keys, identities, certificates or a policy');
  if (openPgpKeys.length > 0 && signers.lookaside === undefined)
    throw usage('signatures by OpenPGP keys are in a lookaside folder', 'give lookaside');
  if (identities.length > 0 && thresholds.timestamps === 0)
    throw usage('a certificate proves nothing without a time', 'leave out thresholds.timestamps');
  const trust = trustOf(signers);
  const root =
    signers.trustedRoot ?? (identities.length > 0 ? trust.fromFeed('trusted_root.json') : undefined);
  if (identities.length > 0 && root === undefined)
    throw usage('no trusted root is given to verify identities with', 'give trustedRoot, or a feed with one');
  const certificatesIn = (files: readonly string[] | undefined, use: TrustedCertificate['use']) =>
    (files ?? []).flatMap((file) => readTrustedCertificates(trust.read(file), file, use));
  return {
    keys: keys.map((file) => readTrustedKey(trust.read(file).toString('utf8'), file)),
    identities,
    certificates: [
      ...certificatesIn(signers.certificates, 'signer'),
      ...certificatesIn(signers.signingAuthorities, 'signing-authority'),
      ...certificatesIn(signers.timestampAuthorities, 'timestamp-authority'),
    ],
    openpgp: openPgpKeys.map((file) => ({ file, bytes: trust.read(file) })),
    thresholds,
    ...(root === undefined ? {} : { trust: readTrustedRoot(trust.read(root).toString('utf8'), root) }),
  };
}

function usage(message: string, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'USAGE', message, remedy });
}
