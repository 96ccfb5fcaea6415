import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { ScapfeedError } from '../../model/error.ts';

/** The types of keys that can be created. */
export const keyTypes = ['ed25519', 'ecdsa'] as const;
/** The type of a key. */
export type KeyType = (typeof keyTypes)[number];

/** The roles of TUF, each with its own keys (specification 2.1). */
export const roles = ['root', 'targets', 'snapshot', 'timestamp'] as const;
/** The role of a key in TUF. */
export type KeyRole = (typeof roles)[number];

/** A public key in the form of TUF metadata (specification 4.2). */
export interface PublicKey {
  keytype: KeyType;
  scheme: 'ed25519' | 'ecdsa-sha2-nistp256';
  keyval: { public: string };
}

/** `KEYID.json` in a key store: the public key, and the encrypted private key or the command that uses it. */
export interface KeyFile {
  format: 1;
  keyid: string;
  roles: KeyRole[];
  key: PublicKey;
  secret?: SealedSecret;
  /** Reads the bytes to sign on stdin, writes the signature to stdout as hex or base64 (ECDSA: DER). */
  external?: string[];
}

/** A PKCS #8 private key encrypted by AES-256-GCM with a key that scrypt (RFC 7914) derives from a passphrase. */
export interface SealedSecret {
  kdf: { name: 'scrypt'; N: number; r: number; p: number; salt: string };
  cipher: { name: 'aes-256-gcm'; iv: string; tag: string };
  data: string;
}

/** RFC 7914 costs of opening a key. */
export type ScryptCost = Readonly<Record<'N' | 'r' | 'p', number>>;

/** 32 MB and about a tenth of a second for each guess. */
const scryptCost: ScryptCost = { N: 2 ** 15, r: 8, p: 1 };
/** Limit on the costs that a key file may ask for. */
const maxScryptMemory = 256 * 2 ** 20;

/** Makes a new key pair; the private key is encrypted with the passphrase. */
export function makeKeyFile(
  type: KeyType,
  keyRoles: readonly KeyRole[],
  passphrase: string,
  cost: ScryptCost = scryptCost,
): KeyFile {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { ...describeKey(publicKey, keyRoles), secret: seal(privateKey, passphrase, cost) };
}

/** Makes a key file for a private key that stays in an HSM or a KMS and is used through a command. */
export function makeExternalKeyFile(
  publicPem: string,
  keyRoles: readonly KeyRole[],
  command: readonly string[],
): KeyFile {
  return { ...describeKey(readPublicPem(publicPem), keyRoles), external: [...command] };
}

/** Decrypts the private key. @throws KEY_PASSPHRASE_WRONG if the passphrase is wrong or missing */
export function openSecret(file: KeyFile, passphrase: string): KeyObject {
  const { secret } = file;
  const [role] = file.roles;
  if (!secret) throw malformed(file.keyid, 'the key has no private half in this file');
  if (passphrase === '') {
    throw new ScapfeedError({
      code: 'KEY_PASSPHRASE_WRONG',
      message: `the ${file.roles.join(' and ')} key ${file.keyid.slice(0, 12)} needs its passphrase, and none was given`,
      remedy: `specify it with --passphrase-file, SCAPFEED_PASSPHRASE_${role?.toUpperCase()} or SCAPFEED_PASSPHRASE, or type it on a terminal`,
    });
  }
  const { N, r, p, salt } = secret.kdf;
  if (!(N > 1 && r > 0 && p > 0 && 128 * N * r <= maxScryptMemory)) {
    throw malformed(file.keyid, `scrypt costs N=${N} r=${r} p=${p} are out of bounds`);
  }
  const key = scryptSync(passphrase, Buffer.from(salt, 'hex'), 32, { N, r, p, maxmem: 2 * maxScryptMemory });
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(secret.cipher.iv, 'hex'));
  decipher.setAAD(Buffer.from(file.keyid));
  decipher.setAuthTag(Buffer.from(secret.cipher.tag, 'hex'));
  try {
    const der = Buffer.concat([decipher.update(Buffer.from(secret.data, 'hex')), decipher.final()]);
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new ScapfeedError({
      code: 'KEY_PASSPHRASE_WRONG',
      message: `the passphrase does not open the ${file.roles.join(' and ')} key ${file.keyid.slice(0, 12)}`,
      remedy: `set SCAPFEED_PASSPHRASE_${role?.toUpperCase()}, SCAPFEED_PASSPHRASE or --passphrase-file to the one that it was made with`,
      cause,
    });
  }
}

const fewestCharacters = 12;
const fewestDifferent = 6;

/**
 * Refuses a passphrase that is easy to guess: with a stolen key file, an attacker can try ten a second on each core.
 * @throws KEY_PASSPHRASE_WEAK
 */
export function requireStrength(passphrase: string, role: KeyRole): void {
  const characters = [...passphrase];
  if (characters.length >= fewestCharacters && new Set(characters).size >= fewestDifferent) return;
  throw new ScapfeedError({
    code: 'KEY_PASSPHRASE_WEAK',
    message: `the passphrase of the ${role} key is too weak: expected ${fewestCharacters} characters or more, ${fewestDifferent} of them different`,
    remedy:
      'use several words, or a file of random bytes: `head -c 32 /dev/urandom | base64 > FILE` and --passphrase-file FILE',
  });
}

function describeKey(
  publicKey: KeyObject,
  keyRoles: readonly KeyRole[],
): Omit<KeyFile, 'secret' | 'external'> {
  const key = publicPart(publicKey);
  return { format: 1, keyid: keyId(key), roles: [...keyRoles], key };
}

function publicPart(publicKey: KeyObject): PublicKey {
  if (publicKey.asymmetricKeyType === 'ed25519') {
    const { x } = publicKey.export({ format: 'jwk' });
    const hex = Buffer.from(x!, 'base64url').toString('hex');
    return { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  }
  if (publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
    const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
    return { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem } };
  }
  throw malformed('public key', `expected Ed25519 or ECDSA P-256, found ${publicKey.asymmetricKeyType}`);
}

/** Specification 4.2: the sha256 of the key's canonical JSON, in which names are sorted and only \ and " are escaped. */
function keyId({ keytype, scheme, keyval }: PublicKey): string {
  const canonical = `{"keytype":"${keytype}","keyval":{"public":"${keyval.public}"},"scheme":"${scheme}"}`;
  return createHash('sha256').update(canonical).digest('hex');
}

function seal(privateKey: KeyObject, passphrase: string, cost: ScryptCost): SealedSecret {
  if (passphrase === '') {
    throw new ScapfeedError({
      code: 'KEY_PASSPHRASE_WRONG',
      message: 'a private key is not written without a passphrase',
      remedy: 'specify one with --passphrase-file or SCAPFEED_PASSPHRASE, or type it on a terminal',
    });
  }
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const key = scryptSync(passphrase, salt, 32, { ...cost, maxmem: 2 * maxScryptMemory });
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(keyId(publicPart(createPublicKey(privateKey)))));
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const data = Buffer.concat([cipher.update(der), cipher.final()]);
  return {
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('hex') },
    cipher: { name: 'aes-256-gcm', iv: iv.toString('hex'), tag: cipher.getAuthTag().toString('hex') },
    data: data.toString('hex'),
  };
}

function readPublicPem(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw malformed('public key', 'expected a public key in PEM', cause);
  }
}

function malformed(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'KEY_MALFORMED',
    message,
    where,
    remedy: 'make the key again with `scapfeed keys make`',
    cause,
  });
}
