import { exportNames } from '../../export/target-names.ts';
import { feedOptions } from '../feed-options.ts';
import { choice, form, inLibrary, ofCommandLine, path, repeatable, text, withDefault } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import { termsOptions } from '../terms-options.ts';

/** Settings of `csaf` documents. */
export interface AdvisoryParameters {
  /** For `csaf`: the URL where the exports will be served. */
  url?: string;
  /** For `csaf`: the publisher's name. Default: scapfeed. */
  publisher?: string;
}

/** The options of {@link AdvisoryParameters}. */
export const advisoryOptions = {
  url: form(
    'URL',
    'for csaf: the URL at which the output folder is served',
    webAddress,
    'give it as https://HOST/PATH',
  ),
  publisher: text('NAME', "for csaf: the publisher's name (default: scapfeed)"),
} satisfies OptionTableOf<AdvisoryParameters>;

/** Options for layouts that sign, or that name the place where they are published. */
export const exportSettingOptions = {
  'openpgp-key': inLibrary(
    'openPgpKey',
    path('FILE', 'secret OpenPGP key to sign csaf documents and notus checksums'),
  ),
  'passphrase-file': ofCommandLine(
    path('FILE', 'file with the passphrase of that key (default: SCAPFEED_PASSPHRASE, or typed)'),
  ),
  ...advisoryOptions,
};

/** The options of `export`. */
export const exportOptions = {
  ...feedOptions,
  to: inLibrary(
    'targets',
    repeatable(choice(exportNames, 'write this layout: %', { metavar: 'TARGET', noun: 'target' }), {
      commas: true,
    }),
  ),
  out: withDefault(path('DIR', 'output folder; replaced as a whole at the end'), 'exports'),
  ...exportSettingOptions,
  ...termsOptions,
};

function webAddress(given: string): string | undefined {
  if (!/^https:\/\/[\w.~:/%@+-]+$/.test(given) || !URL.canParse(given)) return undefined;
  return given;
}
