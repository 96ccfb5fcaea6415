import { ScapfeedError } from '../../model/error.ts';
import {
  predicateTypesOf,
  type Required,
  type RequiredSigners,
  readTrustedCertificates,
  readTrustedKey,
  readTrustedRoot,
  type Thresholds,
  type TrustedCertificate,
  type TrustedIdentity,
} from '../../signatures/index.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { identityOptions, signerOptions } from '../../tasks/signed/options.ts';
import { signingPolicy, type TrustFiles } from '../../tasks/signed/trust-files.ts';

/**
 * The signers that the options require.
 * @throws {ScapfeedError} USAGE, TRUST_ROOT_MISSING, TRUST_ROOT_INVALID
 */
export async function signerChoice(
  command: string,
  options: OptionValues<typeof signerOptions>,
  trust: TrustFiles,
): Promise<Required> {
  const { policy } = options;
  if (policy === undefined) return signerAsked(command, options, trust);
  const beside = besidePolicy.find((name) => options[name] !== undefined);
  if (beside !== undefined) {
    throw usage(
      command,
      `--policy says who must have signed, found --${beside} too`,
      `leave out --${beside}`,
    );
  }
  return signingPolicy(policy, trust);
}

/** All but where signatures are found. */
const besidePolicy = [
  'key',
  'identity',
  'identity-regexp',
  'issuer',
  'trusted-root',
  'notation-cert',
  'notation-authority',
  'notation-tsa',
  'gpg-key',
  'attestation',
  'log-entries',
  'timestamps',
  'certificate-logs',
] as const;

function signerAsked(
  command: string,
  options: OptionValues<typeof signerOptions>,
  trust: TrustFiles,
): RequiredSigners {
  const { key: keys = [], attestation } = options;
  const identities = identityChoice(command, options);
  const root = rootChoice(options, identities, trust);
  const certificates = [
    ...(options['notation-cert'] ?? []).flatMap((file) => certificatesIn(trust, file, 'signer')),
    ...(options['notation-authority'] ?? []).flatMap((file) =>
      certificatesIn(trust, file, 'signing-authority'),
    ),
  ];
  const stamping = (options['notation-tsa'] ?? []).flatMap((file) =>
    certificatesIn(trust, file, 'timestamp-authority'),
  );
  const openpgp = (options['gpg-key'] ?? []).map((file) => ({ file, bytes: trust.read(file) }));
  if (openpgp.length > 0 && options.lookaside === undefined) {
    throw usage(command, '--gpg-key and --lookaside go together, found no --lookaside', 'add --lookaside');
  }
  if ([keys, identities, certificates, openpgp].every(({ length }) => length === 0)) {
    throw usage(
      command,
      'no required signer is given',
      'specify a key with --key, a signer with --identity and --issuer, a certificate with --notation-cert, or a policy with --policy',
    );
  }
  return {
    keys: keys.map((file) => readTrustedKey(trust.read(file).toString('utf8'), file)),
    identities,
    certificates: [...certificates, ...stamping],
    openpgp,
    thresholds: thresholdChoice(command, options, identities.length > 0),
    ...root,
    ...(attestation !== undefined && { predicateTypes: predicateTypesOf(attestation) }),
  };
}

/** Signers that options name. @throws {ScapfeedError} USAGE */
export function identityChoice(
  command: string,
  options: OptionValues<typeof identityOptions>,
): TrustedIdentity[] {
  const { identity, 'identity-regexp': pattern, issuer } = options;
  if (identity !== undefined && pattern !== undefined) {
    throw usage(command, '--identity and --identity-regexp exclude each other', 'omit one of them');
  }
  const name = identity ?? pattern;
  if (name === undefined && issuer === undefined) return [];
  if (name !== undefined && issuer !== undefined) return [{ name, issuer }];
  const missing = name === undefined ? '--identity' : '--issuer';
  throw usage(command, `--identity and --issuer go together, found no ${missing}`, `add ${missing}`);
}

function thresholdChoice(
  command: string,
  options: OptionValues<typeof signerOptions>,
  byCertificate: boolean,
): Thresholds {
  const { 'log-entries': logEntries, timestamps, 'certificate-logs': certificateLogs } = options;
  if (byCertificate && timestamps === 0) {
    throw usage(command, '--timestamps 0: a certificate proves nothing without a time', 'leave it out');
  }
  return {
    ...(logEntries !== undefined && { logEntries }),
    ...(timestamps !== undefined && { timestamps }),
    ...(certificateLogs !== undefined && { certificateLogs }),
  };
}

function certificatesIn(
  trust: TrustFiles,
  file: string,
  use: TrustedCertificate['use'],
): TrustedCertificate[] {
  return readTrustedCertificates(trust.read(file), file, use);
}

/**
 * The authorities and logs of --trusted-root; where a name is asked for, those of the feed do too.
 * @throws {ScapfeedError} TRUST_ROOT_MISSING, TRUST_ROOT_INVALID
 */
export function rootChoice(
  { 'trusted-root': given }: Pick<OptionValues<typeof identityOptions>, 'trusted-root'>,
  identities: readonly TrustedIdentity[],
  trust: TrustFiles,
): Pick<RequiredSigners, 'trust'> {
  if (given === undefined && identities.length === 0) return {};
  const root = given ?? trust.fromFeed('trusted_root.json');
  if (root !== undefined) return { trust: readTrustedRoot(trust.read(root).toString('utf8'), root) };
  throw new ScapfeedError({
    code: 'TRUST_ROOT_MISSING',
    message: 'no trusted root is given to verify identities with',
    where: '--trusted-root',
    remedy:
      'specify a trusted_root.json with --trusted-root, or pull a feed that contains one with pull --trust',
  });
}
