import { X509Certificate as X509 } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RequiredSigners, TrustedCertificate } from '../../src/signatures/asked.ts';
import { checkNotary } from '../../src/signatures/notary/check.ts';
import { readCose } from '../../src/signatures/notary/read-cose.ts';
import { readJws } from '../../src/signatures/notary/read-jws.ts';
import { Refused } from '../../src/signatures/refused.ts';
import type { SignableSubject } from '../../src/signatures/subject.ts';
import { readTrustedCertificates } from '../../src/signatures/trusted-certificates.ts';
import { dataPath, hasData } from '../support/data.ts';

const folder = ['signatures', 'notaryproject+notation-go'];

/** Envelopes that notation's own tests use, made by notation and by a signing service. */
describe.skipIf(!hasData(...folder))('envelopes of notation', () => {
  it.each([
    ['ca_valid', 'verified'],
    ['ca_expired', 'SIGNATURE_EXPIRED'],
    ['ca_invalid', 'SIGNATURE_WRONG'],
    ['ca_plugin', 'SIGNATURE_FORM_UNKNOWN'],
    ['ca_compatible_pluginver', 'SIGNATURE_FORM_UNKNOWN', '_0.0.9'],
    ['sa_valid', 'verified'],
    ['sa_expired', 'SIGNATURE_EXPIRED'],
    ['sa_invalid', 'SIGNATURE_WRONG'],
    ['sa_plugin', 'SIGNATURE_FORM_UNKNOWN'],
  ])('%s: %s', (name, expected, version = '') => {
    const bytes = fixture('internal', 'mock', 'testdata', `${name}_sig_env${version}.json`);

    expect(outcomeOf(bytes, 'application/jose+json', testRoot(), new Date())).toBe(expected);
  });

  it('a service is not trusted as a signer, nor a signer as a service', () => {
    const [ca, sa] = ['ca', 'sa'].map((kind) =>
      fixture('internal', 'mock', 'testdata', `${kind}_valid_sig_env.json`),
    );
    const [signer, service] = testRoot();

    expect(outcomeOf(ca!, 'application/jose+json', [service!], new Date())).toBe('SIGNER_OTHER_KIND');
    expect(outcomeOf(sa!, 'application/jose+json', [signer!], new Date())).toBe('SIGNER_OTHER_KIND');
  });

  it.each([
    ['COSE', 'application/cose', ['internal', 'testdata', 'cose_signature.sig']],
    ['JWS', 'application/jose+json', ['internal', 'testdata', 'jws_signature.sig']],
    [
      'COSE with a timestamp',
      'application/cose',
      ['verifier', 'testdata', 'timestamp', 'sigEnv', 'coseWithTimestamp.sig'],
    ],
    [
      'JWS with a timestamp',
      'application/jose+json',
      ['verifier', 'testdata', 'timestamp', 'sigEnv', 'jwsWithTimestamp.sig'],
    ],
  ])('%s: verified while its certificate is valid, and not after', (_, mediaType, path) => {
    const bytes = fixture(...path);
    const { certificates } = mediaType === 'application/cose' ? readCose(bytes) : readJws(bytes);
    const [own] = readTrustedCertificates(certificates.at(-1)!, 'own', 'signer');
    const { validFromDate, validToDate } = new X509(own!.raw);

    expect(outcomeOf(bytes, mediaType, [own!], validFromDate)).toBe('verified');
    expect(outcomeOf(bytes, mediaType, [own!], new Date(validToDate.getTime() + 1000))).toBe(
      'CERTIFICATE_EXPIRED',
    );
    expect(outcomeOf(bytes, mediaType, testRoot(), validFromDate)).toBe('CERTIFICATE_UNTRUSTED');
    const changed = Buffer.from(bytes);
    changed[changed.length - 20]! ^= 1;
    expect(outcomeOf(changed, mediaType, [own!], validFromDate)).toMatch(/^SIGNATURE_/);
  });
});

function fixture(...path: string[]): Buffer {
  return readFileSync(dataPath(...folder, ...path));
}

function testRoot(): TrustedCertificate[] {
  const path = [
    'verifier',
    'testdata',
    'truststore',
    'x509',
    'ca',
    'valid-trust-store',
    'NotationTestRoot.pem',
  ];
  const bytes = fixture(...path);
  return [
    ...readTrustedCertificates(bytes, 'root', 'signer'),
    ...readTrustedCertificates(bytes, 'root', 'signing-authority'),
  ];
}

/** Result for an envelope at a manifest of the digest and size that it names: their own are not in the collection. */
function outcomeOf(
  bytes: Buffer,
  mediaType: string,
  certificates: readonly TrustedCertificate[],
  now: Date,
): string {
  const asked: RequiredSigners = { keys: [], identities: [], thresholds: {}, certificates, openpgp: [] };
  try {
    const { payload } = mediaType === 'application/cose' ? readCose(bytes) : readJws(bytes);
    const { targetArtifact } = JSON.parse(payload.toString('utf8')) as {
      targetArtifact: { digest: string; size: number };
    };
    const at: SignableSubject = {
      kind: 'manifest',
      digest: targetArtifact.digest,
      bytes: Buffer.from('{}'.padEnd(targetArtifact.size)),
    };
    return checkNotary({ bytes, mediaType }, at, { image: [at], named: undefined, asked, now }).state;
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
}
