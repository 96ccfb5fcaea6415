import { readNamed, readOrRefuse } from '../../io/read-at-most.ts';
import type { SignIndex } from '../../publish/oci/push-site.ts';
import { attachSignature } from '../../signatures/sign/attach-signature.ts';
import { openCosignKey } from '../../signatures/sign/cosign-key.ts';

/** Signs what is published to a registry, as cosign does. Errors: KEY_MISSING, KEY_MALFORMED, KEY_PASSPHRASE_WRONG. */
export function cosignSigning(file: string, password: string): SignIndex {
  const key = readOrRefuse(() => readNamed(file).toString('utf8'), {
    ...{ code: 'KEY_MISSING', what: 'the key', where: file },
    remedy: 'specify a private key as written by `cosign generate-key-pair`',
  });
  const signer = openCosignKey(key, password, file);
  return (client, repository, index) => attachSignature(client, repository, index, signer);
}
