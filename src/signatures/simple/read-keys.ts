import type { Key } from 'openpgp';
import { ScapfeedError } from '../../model/error.ts';
import type { TrustedOpenPgp } from '../asked.ts';

/** The keys of the user's files. Errors: TRUST_ROOT_INVALID. */
export async function readKeys(files: readonly TrustedOpenPgp[]): Promise<{ key: Key; file: string }[]> {
  const openpgp = await import('openpgp');
  const all = files.map(async ({ file, bytes }) => {
    try {
      const text = bytes.toString('latin1');
      const keys = text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')
        ? await openpgp.readKeys({ armoredKeys: text })
        : await openpgp.readKeys({ binaryKeys: new Uint8Array(bytes) });
      return keys.map((key) => ({ key: key.toPublic(), file }));
    } catch (cause) {
      throw new ScapfeedError({
        code: 'TRUST_ROOT_INVALID',
        message: `expected OpenPGP keys: ${(cause as Error).message}`,
        where: file,
        remedy: 'specify the public key of the signer, as written by `gpg --export`',
        cause,
      });
    }
  });
  return (await Promise.all(all)).flat();
}
