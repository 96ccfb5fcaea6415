import { lstatSync } from 'node:fs';
import type { ExportSettings } from '../../export/signer.ts';
import { readNamed, readOrRefuse } from '../../io/read-at-most.ts';
import { othersMayAny, requireOwn } from '../../publish/private-folder.ts';

/** Signs exports by the secret OpenPGP key in a file. */
export function exportSigner(file: string, passphrase: () => string): NonNullable<ExportSettings['signer']> {
  return async (created) => {
    const { openPgpSigner } = await import('../../export/openpgp-key.ts');
    return openPgpSigner({ bytes: keyBytes(file), where: file, passphrase }, created);
  };
}

function keyBytes(file: string): Buffer {
  const remedy = 'specify a secret key as written by `gpg --export-secret-keys --armor NAME`';
  const read = () => {
    const stat = lstatSync(file);
    if (stat.isFile())
      requireOwn(file, stat, { kind: 'file', forbidden: othersMayAny, code: 'KEY_NOT_PRIVATE' });
    return readNamed(file);
  };
  return readOrRefuse(read, { code: 'KEY_MISSING', what: 'the key', where: file, remedy });
}
