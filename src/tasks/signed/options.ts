import { attestationNames } from '../../signatures/predicate-types.ts';
import { registryOptions } from '../image/options.ts';
import { choice, form, group, path, repeatable, text } from '../option.ts';

/** Options that ask for a signer by name, without a key. */
export const identityOptions = {
  identity: text('NAME', 'the name in the certificate: an e-mail address, or the URL of a workflow'),
  'identity-regexp': form('PATTERN', 'a pattern for that name; it must match the whole name', wholePattern),
  issuer: text('URL', 'the issuer that authenticated that name; required with --identity'),
  'trusted-root': path(
    'FILE',
    'trusted_root.json: the authorities and logs to trust; with a key, a log entry is required too',
  ),
};

/** Options of commands that refuse an image which is not signed as required. */
export const requireSignedOptions = group('Signatures', {
  'require-signed': path(
    'POLICY',
    "exit 1 if the image is not signed as this policy requires, 4 if it is not signed at all: containers' policy.json, a " +
      'trust policy of the Notary Project, or the section signed of a scapfeed.yaml',
  ),
  'signed-by': repeatable(
    path('FILE', 'the same for a signature by this public key, or below this certificate (PEM)'),
  ),
  ...identityOptions,
  lookaside: path('DIR', 'signatures of skopeo and podman, in the layout of a lookaside server'),
});

/** The option of a scan that reads an SBOM in an attestation. */
export const attestationOptions = group('Signatures', {
  'from-attestation': choice(
    ['cyclonedx', 'spdx'],
    'judge the SBOM in an attestation of this type (%), signed by one of the signers above, instead of ' +
      'the image',
    { metavar: 'TYPE', noun: 'type of SBOM' },
  ),
});

/** Options for the required signers. */
export const signerOptions = group('Signer', {
  key: repeatable(path('FILE', 'a trusted public key (PEM); a signature by any of them is enough')),
  ...identityOptions,
  'notation-cert': repeatable(
    path('FILE', 'trusted certificates (PEM or DER) for Notary Project signatures'),
  ),
  'notation-authority': repeatable(
    path('FILE', 'the same for signing authorities (services that sign for others)'),
  ),
  'notation-tsa': repeatable(
    path(
      'FILE',
      'roots of timestamp authorities; Notary Project signatures by signers then need a timestamp from one ' +
        'of them',
    ),
  ),
  'gpg-key': repeatable(path('FILE', 'OpenPGP keys whose signatures in --lookaside are trusted')),
  lookaside: path(
    'DIR',
    'signatures of skopeo and podman: a folder in the layout of a lookaside server, or one with signature-1',
  ),
  policy: path(
    'FILE',
    "who must have signed which image, instead of the options above: containers' policy.json, a trust policy of the Notary Project, or " +
      'the section signed of a scapfeed.yaml',
  ),
  attestation: text(
    'TYPE',
    `require an attestation instead of a signature: ${attestationNames.join(', ')} or a predicate type`,
  ),
  'log-entries': count('minimum number of log entries of a signature (default: 1); 0: ignore log entries'),
  timestamps: count('minimum number of proven signing times (default: 1 for a certificate)'),
  'certificate-logs': count('number of logs that must have the certificate (default: 1); 0: ignore them'),
});

/** The options of `signed`. */
export const signedOptions = {
  ...signerOptions,
  ...group('Image', {
    ...registryOptions,
    platform: text('OS/ARCH', 'the image of a multi-platform index to use (default: linux/amd64)'),
  }),
  ...group('Feed', {
    feed: path(
      'DIR',
      'the feed from which feed:NAME takes a key or root, as in --key feed:acme.pub (default: ' +
        'SCAPFEED_FEED, then the one of pull --trust)',
    ),
  }),
};

function wholePattern(given: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${given})$`, 'u');
  } catch {
    return undefined;
  }
}

function count(help: string) {
  return form('N', help, (given) => (/^\d{1,2}$/.test(given) ? Number(given) : undefined));
}
