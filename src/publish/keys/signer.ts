import { spawnSync } from 'node:child_process';
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { childEnvironment } from '../../io/child-environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type KeyFile, type KeyRole, openSecret } from './key-file.ts';

/** Returns the passphrase of a role's keys; called only if one of them is used. */
export type Passphrases = (role: KeyRole) => string;

/** Makes signatures with one key; the private key may be elsewhere. */
export interface KeySigner {
  keyid: string;
  /** The signature in hex, as in TUF metadata. */
  sign(bytes: Buffer): string;
}

/** Time limit of an external signer: a person may have to touch a token. */
const externalTimeout = 120_000;

/**
 * Opens a key at once: what is going to be signed may take minutes to make. @throws {ScapfeedError} KEY_PASSPHRASE_WRONG,
 * KEY_MALFORMED
 */
export function openSigner(file: KeyFile, passphrase: Passphrases): KeySigner {
  if (file.external) {
    return { keyid: file.keyid, sign: (bytes) => signOutside(file, file.external!, bytes) };
  }
  const secret = openSecret(file, passphrase(file.roles[0]!));
  return { keyid: file.keyid, sign: (bytes) => sign(digestName(file), bytes, secret).toString('hex') };
}

function digestName({ key }: KeyFile): string | null {
  return key.keytype === 'ecdsa' ? 'sha256' : null;
}

/** Checks what a device or service returns, so that a wrong key there does not publish. */
function signOutside(file: KeyFile, [command, ...args]: readonly string[], bytes: Buffer): string {
  const { status, stdout, stderr, error } = spawnSync(command ?? '', args, {
    input: bytes,
    timeout: externalTimeout,
    maxBuffer: 1 << 20,
    env: { ...childEnvironment(), SCAPFEED_KEYID: file.keyid },
  });
  // A signer that does not read all of its input breaks the pipe; its exit code decides whether that is an error.
  const broken = (error as NodeJS.ErrnoException | undefined)?.code !== 'EPIPE' ? error : undefined;
  if (broken || status !== 0) {
    const reason = broken?.message ?? `exit ${status}: ${stderr.toString('utf8').trim().slice(0, 300)}`;
    throw failed(file, `the external signer did not sign (${reason})`, error);
  }
  const signature = decode(stdout.toString('latin1').trim());
  if (!verify(digestName(file), bytes, publicKey(file), signature)) {
    throw failed(file, "the external signer's answer is no signature by this key");
  }
  return signature.toString('hex');
}

function decode(text: string): Buffer {
  return /^[0-9a-fA-F]+$/.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
}

function publicKey({ key }: KeyFile): KeyObject {
  if (key.keytype === 'ecdsa') return createPublicKey(key.keyval.public);
  const x = Buffer.from(key.keyval.public, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function failed(file: KeyFile, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SIGNER_FAILED',
    message,
    where: `${file.roles.join(' and ')} key ${file.keyid.slice(0, 12)}: ${file.external?.join(' ')}`,
    remedy: 'run the command by hand; it gets the bytes on stdin and writes the signature as hex or base64',
    cause,
  });
}
