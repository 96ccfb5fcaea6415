import type { ExportSettings } from '../../export/signer.ts';
import type { exportSettingOptions } from '../../tasks/export/options.ts';
import { exportSigner } from '../../tasks/export/signer.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { passphraseOf } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';

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
