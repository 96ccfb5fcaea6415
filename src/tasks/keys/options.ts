import { type KeyRole, type KeyType, keyTypes, roles } from '../../publish/keys/key-file.ts';
import { choice, duration, form, inLibrary, path, repeatable, text, withDefault } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

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

const day = 86_400_000;

/** New keys. */
export interface NewKeyParameters {
  /** Roles to create a key for. Default: each role that has none. */
  roles?: readonly KeyRole[];
  /** The key type. Default: `ed25519`; for {@link rotateKeys}, the type of the old key. */
  type?: KeyType;
}

/** The options of {@link NewKeyParameters}. */
export const newKeyOptions = {
  role: inLibrary(
    'roles',
    repeatable(choice(roles, '% (make: default every role that has no key)', { metavar: 'R', noun: 'role' })),
  ),
  type: choice(keyTypes, '% (default: ed25519; rotate: as the old key)', {
    metavar: 'T',
    noun: 'key type',
  }),
} satisfies OptionTableOf<NewKeyParameters, { role: 'roles' }>;

/** The options of `keys`. */
export const keysOptions = {
  ...newKeyOptions,
  threshold: inLibrary(
    'thresholds',
    repeatable(form('R=N', 'number of signatures that role R needs from now on', threshold)),
  ),
  external: text(
    'CMD',
    'a key in an HSM or KMS, with --public: CMD reads the bytes on stdin and writes the ' +
      'signature (hex or base64) to stdout',
  ),
  public: path('FILE', 'public key of --external, PEM'),
  ...keyOptions,
  'root-keys': path('DIR', 'folder of the root keys, if they are kept offline (default: as --keys)'),
  ...passphraseOptions,
  expires: withDefault(duration('how long the root is valid'), 365 * day, '365d'),
  ...dateOptions,
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

function threshold(text: string): [role: KeyRole, count: number] | undefined {
  const [name, count = ''] = text.split('=');
  const role = roles.find((known) => known === name);
  return role !== undefined && /^[1-9]\d?$/.test(count) ? [role, Number(count)] : undefined;
}
