import { lstatSync, readFileSync } from 'node:fs';
import type { ExportSettings } from '../../export/signer.ts';
import { ScapfeedError } from '../../model/index.ts';
import { othersMayAny, requireOwn } from '../../publish/private-folder.ts';
import { form, type OptionValues, path, text } from '../option.ts';
import { passphraseOf } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';

/** What layouts are given that sign, or that name the place where they are published. */
export const exportSettingOptions = {
  'openpgp-key': path('FILE', 'secret OpenPGP key that signs documents of csaf and the checksums of notus'),
  'passphrase-file': path(
    'FILE',
    'file with the passphrase of that key (default: SCAPFEED_PASSPHRASE, or typed)',
  ),
  url: form(
    'URL',
    'csaf names this address as the one where the folder of exports is served',
    webAddress,
    'give it as https://HOST/PATH',
  ),
  publisher: text('NAME', 'csaf names this publisher (default: scapfeed)'),
};

function webAddress(given: string): string | undefined {
  if (!/^https:\/\/[\w.~:/%@+-]+$/.test(given) || !URL.canParse(given)) return undefined;
  return given;
}

export function exportSettings(
  given: OptionValues<typeof exportSettingOptions>,
  terminal: Pick<Terminal, 'env'>,
): ExportSettings {
  const { 'openpgp-key': key, 'passphrase-file': passphraseFile, url, publisher } = given;
  return {
    ...(url === undefined ? {} : { url }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(key === undefined
      ? {}
      : {
          signer: async (created) => {
            const { openPgpSigner } = await import('../../export/openpgp-key.ts');
            const passphrase = () => passphraseOf(key, passphraseFile, terminal);
            return openPgpSigner({ bytes: keyBytes(key), where: key, passphrase }, created);
          },
        }),
  };
}

function keyBytes(file: string): Buffer {
  try {
    const stat = lstatSync(file);
    if (stat.isFile())
      requireOwn(file, stat, { kind: 'file', forbidden: othersMayAny, code: 'KEY_NOT_PRIVATE' });
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw new ScapfeedError({
      code: 'KEY_MISSING',
      message: `the key cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: 'name a secret key as `gpg --export-secret-keys --armor NAME` writes it',
      cause,
    });
  }
}
