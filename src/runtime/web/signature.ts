import { bytesOfHex, cannotVerify, subtle } from './bytes.ts';

/** A public key of TUF's metadata (specification 4.2). */
export interface MetadataKey {
  keytype: string;
  scheme: string;
  keyval: { public: string };
}

/** Verifies a signature of Ed25519 (RFC 8032), by its key of 32 bytes. */
export type VerifyEd25519 = (
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
) => boolean | Promise<boolean>;

/**
 * Whether a key has signed these bytes. False also for keys of other kinds than `scapfeed keys` makes. `verifyEd25519`: for
 * browsers whose WebCrypto lacks it.
 */
export async function isSignedBy(
  key: MetadataKey,
  signature: string,
  bytes: Uint8Array,
  verifyEd25519?: VerifyEd25519,
): Promise<boolean> {
  const signed = bytesOfHex(signature);
  if (!signed) return false;
  const data = bytes as Uint8Array<ArrayBuffer>;
  if (key.keytype === 'ed25519') {
    const raw = bytesOfHex(key.keyval.public);
    if (key.scheme !== 'ed25519' || raw?.length !== 32) return false;
    const imported = await imports('raw', raw, { name: 'Ed25519' }, verifyEd25519 !== undefined);
    if (imported === 'unsupported') return verifyEd25519!(signed, data, raw);
    return imported !== undefined && subtle().verify('Ed25519', imported, signed, data);
  }
  if (key.scheme !== 'ecdsa-sha2-nistp256') return false;
  const [spki, plain] = [bytesOfPem(key.keyval.public), plainSignature(signed)];
  if (!spki || !plain) return false;
  const imported = await imports('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, false);
  return (
    imported !== undefined &&
    imported !== 'unsupported' &&
    subtle().verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, plain, data)
  );
}

/** Undefined: no such key. @throws TRUST_SIGNATURE_WRONG where WebCrypto lacks the algorithm and there is no other way */
async function imports(
  form: 'raw' | 'spki',
  bytes: Uint8Array<ArrayBuffer>,
  algorithm: { name: string; namedCurve?: string },
  hasOther: boolean,
) {
  try {
    return await subtle().importKey(form, bytes, algorithm, false, ['verify']);
  } catch (cause) {
    if ((cause as Error).name === 'NotSupportedError' && hasOther) return 'unsupported';
    if ((cause as Error).name === 'NotSupportedError')
      throw cannotVerify(`this browser does not know ${algorithm.name}`, cause);
    return undefined;
  }
}

function bytesOfPem(pem: string): Uint8Array<ArrayBuffer> | undefined {
  const [, text] =
    /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem) ?? [];
  try {
    return text === undefined
      ? undefined
      : Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

const integerTag = 0x02;
const sequenceTag = 0x30;
const scalarBytes = 32;

/** r and s of 32 bytes each, which WebCrypto takes, of the DER that TUF's metadata has. Undefined: it is no DER of P-256. */
function plainSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (der[0] !== sequenceTag || der[1] !== der.length - 2) return undefined;
  const plain = new Uint8Array(2 * scalarBytes);
  let at = 2;
  for (const end of [scalarBytes, 2 * scalarBytes]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== integerTag || length === 0 || at + 2 + length > der.length) return undefined;
    const number = der.subarray(at + 2, at + 2 + length);
    const scalar = number[0] === 0 ? number.subarray(1) : number;
    if (scalar.length > scalarBytes) return undefined;
    plain.set(scalar, end - scalar.length);
    at += 2 + length;
  }
  return at === der.length ? plain : undefined;
}
