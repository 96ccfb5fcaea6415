import { type KeyRole, roles } from '../../publish/keys/key-file.ts';
import { form, inLibrary, path, repeatable } from '../option.ts';

/** Option of every command that signs with the keys of a publisher. */
export const keyOptions = {
  keys: path('DIR', 'keys and roots (default: XDG_CONFIG_HOME/scapfeed/keys)'),
};

/** Option of every command that signs. */
export const dateOptions = {
  date: form(
    'ISO',
    'the date of the signatures, from which their validity counts (default: SOURCE_DATE_EPOCH, then the ' +
      'clock)',
    parseDate,
    'write it as 2026-11-24 or 2026-11-24T06:00:00Z',
  ),
};

/** A file with the passphrase of the keys of a role, or of all. */
export interface PassphraseFile {
  role: KeyRole | 'all';
  file: string;
}

export const passphraseOptions = {
  'passphrase-file': inLibrary(
    'passphrase',
    repeatable(
      form('[R=]FILE', 'file with the passphrase of the keys, or of those of role R', passphraseFile),
    ),
  ),
};

function passphraseFile(text: string): PassphraseFile | undefined {
  const role = roles.find((name) => text.startsWith(`${name}=`));
  const file = role === undefined ? text : text.slice(role.length + 1);
  return file === '' ? undefined : { role: role ?? 'all', file };
}

function parseDate(text: string): Date | undefined {
  const date = new Date(text);
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}
