import type { PrivateKey } from 'openpgp';
import { ScapfeedError } from '../model/error.ts';
import type { ExportSigner } from './signer.ts';

/** A secret key as `gpg --export-secret-keys` writes it. */
export interface OpenPgpKeyFile {
  bytes: Buffer;
  /** Of the file, for messages. */
  where: string;
  /** Asked for if the key is encrypted. */
  passphrase(): string;
}

/**
 * A signer by a key of the user's. Signatures are of the date of the data, or of the newest date in the key: before that it
 * could not sign. @throws KEY_MALFORMED, KEY_PASSPHRASE_WRONG
 */
export async function openPgpSigner(file: OpenPgpKeyFile, created: string): Promise<ExportSigner> {
  // Loaded when needed: few exports are signed.
  const openpgp = await import('openpgp');
  const key = await unlocked(await readKey(file), file);
  const date = dateFor(key, new Date(created));
  const config = { nonDeterministicSignaturesViaNotation: false };
  const sign = async (bytes: Uint8Array): Promise<string> => {
    const message = await openpgp.createMessage({ binary: bytes });
    const made = await openpgp.sign({ message, signingKeys: key, detached: true, date, config });
    return made.replaceAll('\r\n', '\n');
  };
  await sign(new Uint8Array()).catch((cause: unknown) => {
    throw malformed(`the key cannot sign: ${(cause as Error).message}`, file, cause);
  });
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    publicKey: key.toPublic().armor().replaceAll('\r\n', '\n'),
    sign,
  };
}

async function readKey(file: OpenPgpKeyFile): Promise<PrivateKey> {
  const openpgp = await import('openpgp');
  const text = file.bytes.toString('latin1');
  try {
    return text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')
      ? await openpgp.readPrivateKey({ armoredKey: text })
      : await openpgp.readPrivateKey({ binaryKey: new Uint8Array(file.bytes) });
  } catch (cause) {
    throw malformed(`expected an OpenPGP secret key: ${(cause as Error).message}`, file, cause);
  }
}

async function unlocked(key: PrivateKey, file: OpenPgpKeyFile): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  const openpgp = await import('openpgp');
  try {
    return await openpgp.decryptKey({ privateKey: key, passphrase: file.passphrase() });
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw new ScapfeedError({
      code: 'KEY_PASSPHRASE_WRONG',
      message: `the key cannot be decrypted: ${(cause as Error).message}`,
      where: file.where,
      remedy: 'set SCAPFEED_PASSPHRASE to its passphrase, or use --passphrase-file FILE',
      cause,
    });
  }
}

/** Keys are renewed by signatures over themselves; those of later than a signature do not count for it. */
function dateFor(key: PrivateKey, created: Date): Date {
  const dates = key.toPacketList().flatMap((packet) => {
    const { created: made } = packet as { created?: Date | null };
    return made instanceof Date ? [made.getTime()] : [];
  });
  return new Date(Math.max(created.getTime(), ...dates));
}

function malformed(message: string, { where }: OpenPgpKeyFile, cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'KEY_MALFORMED',
    message,
    where,
    remedy: 'export one that can sign with `gpg --export-secret-keys --armor NAME`',
    cause,
  });
}
