import { readNamed } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { SignIndex } from '../../publish/oci/push-site.ts';
import { attachSignature } from '../../signatures/sign/attach-signature.ts';
import { openCosignKey } from '../../signatures/sign/cosign-key.ts';

/** Signs what is published to a registry, as cosign does. Errors: KEY_MISSING, KEY_MALFORMED, KEY_PASSPHRASE_WRONG. */
export function cosignSigning(file: string, password: string): SignIndex {
  const signer = openCosignKey(keyText(file), password, file);
  return (client, repository, index) => attachSignature(client, repository, index, signer);
}

function keyText(file: string): string {
  try {
    return readNamed(file).toString('utf8');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'KEY_MISSING',
      message: `the key cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: 'specify a private key as written by `cosign generate-key-pair`',
      cause,
    });
  }
}
