import { createHash, createPrivateKey, createPublicKey, type KeyObject, scryptSync, sign } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { isObject, type JsonObject } from '../../image/manifest/bounded-json.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';

/** Signs as cosign does. */
export interface CosignSigner {
  /** Base64 of the sha256 of the public key in DER, by which bundles name a key. */
  hint: string;
  sign(bytes: Buffer): Buffer;
}

const names = /^-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END/m;

/** Work of scrypt that is done: cosign takes 2^16, which needs 64 MB. */
const mostWork = 2 ** 20;

/**
 * A private key as `cosign generate-key-pair` and skopeo write it, or in PEM (PKCS#8, encrypted or not).
 * Errors: KEY_MALFORMED, KEY_PASSPHRASE_WRONG.
 */
export function openCosignKey(text: string, passphrase: string, file: string): CosignSigner {
  const [, base64] = names.exec(text) ?? [];
  const key = base64 === undefined ? openPem(text, passphrase, file) : openBox(base64, passphrase, file);
  const type = key.asymmetricKeyType ?? 'unknown';
  if (!['ec', 'rsa', 'ed25519'].includes(type)) {
    throw malformed(`expected a key of type EC, RSA or Ed25519, found ${type}`, file);
  }
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    hint: createHash('sha256').update(der).digest('base64'),
    sign: (bytes) => sign(type === 'ed25519' ? null : 'sha256', bytes, key),
  };
}

function openPem(text: string, passphrase: string, file: string): KeyObject {
  try {
    return createPrivateKey({ key: text, passphrase });
  } catch (cause) {
    const isEncrypted = /ENCRYPTED/.test(text);
    throw isEncrypted
      ? wrongPassphrase(file, cause)
      : malformed('expected a private key in PEM', file, cause);
  }
}

/** scrypt makes the key of a NaCl secretbox, in which the key stands in PKCS#8. */
function openBox(base64: string, passphrase: string, file: string): KeyObject {
  const { salt, work, nonce, ciphertext } = readBox(base64, file);
  const { N, r, p } = work;
  const secret = scryptSync(passphrase, salt, 32, { N, r, p, maxmem: 256 * N * r });
  let der: Buffer;
  try {
    der = Buffer.from(xsalsa20poly1305(secret, nonce).decrypt(ciphertext));
  } catch (cause) {
    throw wrongPassphrase(file, cause);
  }
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw malformed('expected a private key in PKCS#8, found other bytes', file, cause);
  }
}

function readBox(base64: string, file: string) {
  let document: unknown;
  try {
    document = parseForeignJson(Buffer.from(base64, 'base64'));
  } catch (cause) {
    throw malformed('expected an encrypted key, found other text', file, cause);
  }
  const { kdf, cipher, ciphertext } = objectOf(document);
  const { name, params, salt } = objectOf(kdf);
  const { name: cipherName, nonce } = objectOf(cipher);
  const { N, r, p } = objectOf(params);
  if (name !== 'scrypt' || cipherName !== 'nacl/secretbox') {
    throw malformed('expected a key under scrypt and nacl/secretbox, found another', file);
  }
  const isWork = [N, r, p].every((one) => Number.isInteger(one) && Number(one) > 0);
  if (!isWork || Number(N) * Number(r) * Number(p) > mostWork) {
    throw malformed('expected parameters of scrypt as cosign has them, found others', file);
  }
  return {
    salt: bytesOf(salt),
    work: { N: Number(N), r: Number(r), p: Number(p) },
    nonce: bytesOf(nonce),
    ciphertext: bytesOf(ciphertext),
  };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64');
}

function wrongPassphrase(where: string, cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'KEY_PASSPHRASE_WRONG',
    message: 'the key does not open with this passphrase',
    where,
    remedy: 'set COSIGN_PASSWORD to the passphrase of the key',
    cause,
  });
}

function malformed(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'KEY_MALFORMED',
    message,
    where,
    remedy: 'specify a private key as written by `cosign generate-key-pair`',
    cause,
  });
}
