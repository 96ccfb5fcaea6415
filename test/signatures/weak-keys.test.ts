import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { weakKey } from '../../src/io/digest.ts';
import type { PublicKey } from '../../src/publish/keys/key-file.ts';
import type { Origin } from '../../src/publish/pull/origin.ts';
import { refreshTrust } from '../../src/publish/pull/trust.ts';
import { signPart, specVersion } from '../../src/publish/tuf/metadata.ts';
import { readTrustedCertificates, readTrustedKey } from '../../src/signatures/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { publicPem } from './support/sigstore-instance.ts';

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

/** Of RSA with 1024 bits. */
const certificate = `-----BEGIN CERTIFICATE-----
MIICEDCCAXmgAwIBAgIUVRG3RVa+xKbOEG6pwskZXmGMqXwwDQYJKoZIhvcNAQEL
BQAwGTEXMBUGA1UEAwwOV2VhayBBdXRob3JpdHkwIBcNMjYxMTMwMDcwODU3WhgP
MjEyNjExMDYwNzA4NTdaMBkxFzAVBgNVBAMMDldlYWsgQXV0aG9yaXR5MIGfMA0G
CSqGSIb3DQEBAQUAA4GNADCBiQKBgQDNI+dHQp2KFMWBgskID43+UITURzi2RgNv
OLbJCwETjjaPkoFgnMON1gTA6K3TNSuibH6y5JvhwfOiIvzmTDOCB6yHh3flQgNN
wJj+uj8bCFC72rvM5hK4gZluDmoHUNgHgG4qlepYJtwzTQ+F2vP1YyFQ/mPLqwT6
WpiAzI8v/QIDAQABo1MwUTAdBgNVHQ4EFgQU4csjM38A4ZfN3GLLdwC8Hm6jMEgw
HwYDVR0jBBgwFoAU4csjM38A4ZfN3GLLdwC8Hm6jMEgwDwYDVR0TAQH/BAUwAwEB
/zANBgkqhkiG9w0BAQsFAAOBgQB3ApWQgVgy2TTZz4caO9JVmYhj6k5b1ne3Itqx
F17BX7yqtutYaOreXDrGQMJqGB2XPJaO4wf6wT5WqqLBO/I9UjOBMK2704C2/grz
GYwwN7KNDRZttDjTK7kLXXZLrAfwRxpCLNpbKJG2PFzZguQkxPhn8mudTFF38eqX
T0y4qg==
-----END CERTIFICATE-----
`;

const weak: [string, KeyObject][] = [
  ['RSA of 1024 bits', rsa(1024).publicKey],
  ['RSA of 2040 bits', rsa(2040).publicKey],
  ['EC on prime192v1', ec('prime192v1').publicKey],
  ['EC on secp224r1', ec('secp224r1').publicKey],
  ['EC on secp256k1', ec('secp256k1').publicKey],
  ['dsa', generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).publicKey],
  ['ed448', generateKeyPairSync('ed448').publicKey],
];

describe('a weak key', () => {
  it.each(weak)('%s is trusted by nobody', (found, key) => {
    expect(weakKey(key)).toBe(found);
    expect(() => readTrustedKey(publicPem(key), 'key.pub')).toThrow(
      expect.objectContaining({
        code: 'TRUST_ROOT_INVALID',
        where: 'key.pub',
        message: expect.stringContaining(`found ${found}`) as string,
        remedy: expect.stringContaining('replaced by the signer') as string,
      }),
    );
  });

  it('is refused in a certificate', () => {
    expect(() => readTrustedCertificates(Buffer.from(certificate), 'ca.pem', 'signer')).toThrow(
      /found RSA of 1024 bits in .*Weak Authority/,
    );
  });

  it('is refused in the root of a feed', async () => {
    const { publicKey, privateKey } = rsa(1024);
    const key = {
      keytype: 'rsa',
      scheme: 'rsassa-pss-sha256',
      keyval: { public: publicPem(publicKey) },
    } as unknown as PublicKey;
    const role = { keyids: ['aa'], threshold: 1 };
    const signer = {
      keyid: 'aa',
      sign: (bytes: Buffer) =>
        sign('sha256', bytes, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }).toString('hex'),
    };
    const root = signPart(
      {
        _type: 'root',
        spec_version: specVersion,
        version: 1,
        expires: '2099-01-01T00:00:00Z',
        consistent_snapshot: true,
        keys: { aa: key },
        roles: { root: role, targets: role, snapshot: role, timestamp: role },
      },
      [signer],
    );
    const origin = {
      name: 'nowhere',
      offline: true,
      fetch: () => Promise.reject(new Error('was asked')),
    } as unknown as Origin;
    const pulled = refreshTrust({
      folder: temporaryFolder(),
      origin,
      now: new Date('2026-11-21T00:00:00Z'),
      pinned: Buffer.from(root),
    });

    await expect(pulled).rejects.toMatchObject({
      code: 'TRUST_ROOT_INVALID',
      message: expect.stringContaining('found RSA of 1024 bits') as string,
    });
  });
});

describe('a strong key', () => {
  it.each([
    ['RSA of 2048 bits', rsa(2048).publicKey],
    ...['prime256v1', 'secp384r1', 'secp521r1'].map((curve): [string, KeyObject] => [
      curve,
      ec(curve).publicKey,
    ]),
    ['Ed25519', generateKeyPairSync('ed25519').publicKey],
  ] as [string, KeyObject][])('%s is trusted', (_, key) => {
    expect(weakKey(key)).toBeUndefined();
    expect(readTrustedKey(publicPem(key), 'key.pub').digest).toMatch(/^sha256:/);
  });
});
