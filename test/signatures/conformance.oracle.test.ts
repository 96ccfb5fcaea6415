import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/registry/digest.ts';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { Refused } from '../../src/signatures/refused.ts';
import { readBundle, type SignedBytes } from '../../src/signatures/sigstore/read-bundle.ts';
import { readTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts';
import { verifySigstore } from '../../src/signatures/sigstore/verify.ts';
import { readTrustedKey } from '../../src/signatures/trusted-key.ts';
import { dataPath, hasData } from '../support/data.ts';

const suite = ['signatures', 'sigstore+sigstore-conformance', 'test', 'assets', 'bundle-verify'];
const publicRoot = dataPath('signatures', 'sigstore+root-signing', 'targets', 'trusted_root.json');

/** Who signed the cases that do not say it themselves (the suite's README). */
const usual = {
  identity:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
};

/** The error of each case that must be refused. */
const refusals: Readonly<Record<string, string>> = {
  'bundle-empty-certificate-chain_fail': 'SIGNATURE_MALFORMED',
  'bundle-from-wrong-instance_fail': 'CERTIFICATE_UNTRUSTED',
  'bundle-invalid-base64-signature_fail': 'SIGNATURE_MALFORMED',
  'bundle-malformed-json_fail': 'SIGNATURE_MALFORMED',
  'bundle-unknown-version_fail': 'SIGNATURE_FORM_UNKNOWN',
  'checkpoint-bad-keyhint_fail': 'LOG_PROOF_WRONG',
  'checkpoint-wrong-roothash_fail': 'LOG_PROOF_WRONG',
  'dsse-invalid-sig_fail': 'LOG_ENTRY_OTHER',
  'dsse-mismatch-envelope_fail': 'LOG_ENTRY_OTHER',
  'dsse-mismatch-sig_fail': 'LOG_ENTRY_OTHER',
  'inclusion-proof-corrupted-hash_fail': 'LOG_PROOF_WRONG',
  'incorrect-public-key_fail': 'LOG_PROOF_WRONG',
  'integrated-time-in-future_fail': 'CERTIFICATE_EXPIRED',
  'intoto-expired-certificate_fail': 'CERTIFICATE_EXPIRED',
  'intoto-log-entry-mismatch_fail': 'LOG_ENTRY_OTHER',
  'intoto-missing-inclusion-proof_fail': 'SIGNATURE_MALFORMED',
  'intoto-set-outside-signing-cert-validity_fail': 'CERTIFICATE_EXPIRED',
  'intoto-tsa-timestamp-outside-cert-validity_fail': 'CERTIFICATE_EXPIRED',
  'invalid-ct-key_fail': 'CERTIFICATE_NOT_LOGGED',
  'invalid-inclusion-proof_fail': 'SIGNATURE_MALFORMED',
  'message-digest-mismatch_fail': 'SIGNS_OTHER',
  'rekor2-checkpoint-missing-log-signature_fail': 'LOG_PROOF_WRONG',
  'rekor2-checkpoint-missing-origin_fail': 'LOG_PROOF_WRONG',
  'rekor2-checkpoint-missing-size_fail': 'LOG_PROOF_WRONG',
  'rekor2-checkpoint-no-matching-signature_fail': 'LOG_PROOF_WRONG',
  'rekor2-dsse-invalid-sig_fail': 'LOG_ENTRY_OTHER',
  'rekor2-dsse-mismatch-envelope_fail': 'LOG_ENTRY_OTHER',
  'rekor2-dsse-mismatch-sig_fail': 'LOG_ENTRY_OTHER',
  'rekor2-no-inclusion-proof_fail': 'SIGNATURE_MALFORMED',
  'rekor2-timestamp-outside-tsa-cert-validity_fail': 'TIME_WRONG',
  'rekor2-timestamp-payload-mismatch_fail': 'TIME_WRONG',
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail': 'TIME_WRONG',
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': 'TIME_WRONG',
  'rekor2-timestamp-with-incorrect-time_fail': 'CERTIFICATE_EXPIRED',
  'signature-mismatch_fail': 'LOG_ENTRY_OTHER',
  'trust-root-tlog-missing-validity-start_fail': 'TRUST_ROOT_INVALID',
  'wrong-hashedrekord-cert-and-sig_fail': 'LOG_ENTRY_OTHER',
  'wrong-hashedrekord-entry_fail': 'LOG_ENTRY_OTHER',
  'wrong-material_fail': 'SIGNS_OTHER',
};

/** The project's own cases: a name that ends in _fail must be refused, every other must verify. */
describe.skipIf(!hasData(...suite))('sigstore-conformance', () => {
  const folder = dataPath(...suite);
  const cases = hasData(...suite)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];

  it.each(cases.map(({ name }) => name))('%s', (name) => {
    expect(outcomeOf(join(folder, name))).toBe(name.endsWith('_fail') ? refusals[name] : 'verified');
  });
});

function outcomeOf(folder: string): string {
  try {
    const own = existsSync(join(folder, 'artifact'));
    const bytes = readFileSync(own ? join(folder, 'artifact') : join(folder, '..', 'a.txt'));
    const artifact: SignedBytes = { kind: 'manifest', digest: digestOf(bytes), bytes };
    const bundle = readBundle(readFileSync(join(folder, 'bundle.sigstore.json')), artifact, [artifact]);
    verifySigstore(bundle, askedOf(folder), new Date());
    return 'verified';
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

function askedOf(folder: string): RequiredSigners {
  const own = join(folder, 'trusted_root.json');
  const root = existsSync(own) ? own : publicRoot;
  const key = join(folder, 'key.pub');
  const thresholds = {};
  if (existsSync(key)) {
    const keys = [readTrustedKey(readFileSync(key, 'utf8'), key)];
    return {
      keys,
      identities: [],
      certificates: [],
      openpgp: [],
      thresholds,
      ...(existsSync(own) && { trust: readTrustedRoot(readFileSync(own, 'utf8'), own) }),
    };
  }
  return {
    keys: [],
    certificates: [],
    openpgp: [],
    identities: [{ name: wordIn(folder, 'identity'), issuer: wordIn(folder, 'issuer') }],
    thresholds,
    trust: readTrustedRoot(readFileSync(root, 'utf8'), root),
  };
}

function wordIn(folder: string, name: 'identity' | 'issuer'): string {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : usual[name];
}
