import type { ExportSettings } from '../../export/signer.ts';
import { exportSigner } from '../../tasks/export/signer.ts';
import { form, type OptionValues, path, text } from '../../tasks/option.ts';
import { passphraseOf } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';

/** Options for layouts that sign, or that name the place where they are published. */
export const exportSettingOptions = {
  'openpgp-key': path('FILE', 'secret OpenPGP key to sign csaf documents and notus checksums'),
  'passphrase-file': path(
    'FILE',
    'file with the passphrase of that key (default: SCAPFEED_PASSPHRASE, or typed)',
  ),
  url: form(
    'URL',
    'for csaf: the URL at which the output folder is served',
    webAddress,
    'give it as https://HOST/PATH',
  ),
  publisher: text('NAME', "for csaf: the publisher's name (default: scapfeed)"),
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
          signer: exportSigner(key, () => passphraseOf(key, passphraseFile, terminal)),
        }),
  };
}
