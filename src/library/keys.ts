import { currentTime } from '../io/clock.ts';
import { isoSeconds } from '../model/data-date.ts';
import { ScapfeedError } from '../model/error.ts';
import type { KeyRole } from '../publish/keys/key-file.ts';
import { openKeyStore } from '../publish/keys/key-store.ts';
import type { RootOutcome } from '../publish/keys/root.ts';
import { type NewKeyParameters, newKeyOptions } from '../tasks/keys/options.ts';
import {
  type ChangedKeys,
  type KeyChange,
  type KeyStores,
  keysBeginning,
  type ListedKeys,
  listKeys as list,
  makeKeys as make,
  type NewKeys,
  revokeKey as revoke,
  rotateKeys as rotate,
  signRoot as sign,
} from '../tasks/keys/run.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anyText, callback, count, date, either, recordOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** The folders of a publisher's keys. */
export interface KeyPlaces extends RunOptions {
  /** Folder of the root keys, if kept separately. Default: the folder of the other keys. */
  rootKeys?: string;
}

/** Options of {@link signRoot}: the passphrases. */
export interface SignRootOptions extends KeyPlaces {
  /** The passphrase of all keys, or a function that returns it for a role. At least 12 characters, or empty for external keys. */
  passphrase: string | ((role: KeyRole) => string);
}

/** Options of {@link revokeKey}: the contents of the next root. */
export interface RevokeKeyOptions extends SignRootOptions {
  /** The number of signatures that roles require from now on. */
  thresholds?: Partial<Record<KeyRole, number>>;
  /** Validity of the root in milliseconds. Default: 365 days. */
  expires?: number;
  /** The start of the root's validity. Default: now. */
  date?: Date;
}

/** Options of {@link makeKeys}: the new keys. */
export interface MakeKeysOptions extends RevokeKeyOptions, NewKeyParameters {
  /** A private key that stays in an HSM or KMS: `command` reads the bytes to sign from stdin and writes the signature. */
  external?: {
    command: readonly string[];
    /** Path of the public key (PEM). */
    publicKey: string;
  };
}

/** Options of {@link rotateKeys}: the roles whose keys are replaced, and the new keys. */
export interface RotateKeysOptions extends MakeKeysOptions {
  roles: readonly KeyRole[];
}

const ofRoles = either('text, or a function', anyText, callback);
const placeShapes = { ...things.runOptions, rootKeys: text };
const signShapes = { ...placeShapes, passphrase: required(ofRoles) };
const revokeShapes = { ...signShapes, thresholds: recordOf(count), expires: count, date };
const makeShapes = {
  ...revokeShapes,
  ...shapesOf(newKeyOptions),
  external: optionShapes<NonNullable<MakeKeysOptions['external']>>({
    command: required(things.texts),
    publicKey: required(text),
  }),
};

/** @internal */
export const makeKeysParameters: ParameterCheck = new ParameterCheck('makeKeys', {
  keys: required(text),
  options: required(optionShapes<MakeKeysOptions>(makeShapes)),
});

/**
 * Creates a publisher's keys, encrypted with the passphrase, and the root that lists them. Same as `scapfeed keys make`. If it
 * fails, nothing is changed.
 *
 * @param keys - The folder of keys and roots. Only its owner may have access to it.
 * @returns The new keys and the root's version. `root.missing` is the number of signatures that other key holders must still add.
 * @throws {@link ScapfeedError} `KEY_MISSING`, `KEY_EXISTS`, `KEY_PASSPHRASE_WEAK`, `KEY_PASSPHRASE_WRONG`, `KEY_NOT_PRIVATE`,
 * `KEY_MALFORMED`, `SIGNER_FAILED`
 * @example
 * ```ts
 * import { listKeys, makeKeys, rotateKeys } from 'scapfeed';
 *
 * const passphrase = 'twelve words would be better than these';
 * const { made, root } = await makeKeys('new-keys', { passphrase });
 * console.log(made.length, root); // 4 { version: 1, missing: 0 }
 * await rotateKeys('new-keys', { roles: ['timestamp'], passphrase });
 * const { keys } = await listKeys('new-keys');
 * console.log(keys.filter(({ state }) => state === 'retired').length); // 1
 * ```
 */
export function makeKeys(keys: string, options: MakeKeysOptions): Promise<ChangedKeys> {
  return run(makeKeysParameters, [keys, options], () =>
    make(changeOf(keys, options), options.roles, newKeysOf(options)),
  );
}

/** @internal */
export const listKeysParameters: ParameterCheck = new ParameterCheck('listKeys', {
  keys: required(text),
  options: optionShapes<KeyPlaces>(placeShapes),
});

/**
 * Lists a publisher's keys, the location of their private keys, and the newest root. Same as `scapfeed keys list`.
 *
 * @throws {@link ScapfeedError} `KEY_MISSING` when there are no keys; `KEY_NOT_PRIVATE`, `KEY_MALFORMED`
 * @example
 * ```ts
 * import { listKeys } from 'scapfeed';
 *
 * const { keys, root } = await listKeys('keys');
 * console.log(keys.length, root?.version); // 4 1
 * ```
 */
export function listKeys(keys: string, options: KeyPlaces = {}): Promise<ListedKeys> {
  return run(listKeysParameters, [keys, options], async () => list(storesOf(keys, options)));
}

/** @internal */
export const rotateKeysParameters: ParameterCheck = new ParameterCheck('rotateKeys', {
  keys: required(text),
  options: required(optionShapes<RotateKeysOptions>({ ...makeShapes, roles: required(makeShapes.roles) })),
});

/**
 * Replaces the keys of roles with new ones. Same as `scapfeed keys rotate`. The next root is signed with both the old and the new
 * root keys. {@link publish} distributes it, and clients follow it.
 *
 * @throws {@link ScapfeedError} the errors of {@link makeKeys}
 * @example
 * ```ts
 * import { makeKeys, rotateKeys } from 'scapfeed';
 *
 * const passphrase = (role: string) => `a passphrase for the role ${role}`;
 * await makeKeys('rotated', { passphrase });
 * const { made, retired, root } = await rotateKeys('rotated', { roles: ['snapshot', 'timestamp'], passphrase });
 * console.log(made.length, retired.length, root.version); // 2 2 2
 * ```
 */
export function rotateKeys(keys: string, options: RotateKeysOptions): Promise<ChangedKeys> {
  return run(rotateKeysParameters, [keys, options], () =>
    rotate(changeOf(keys, options), options.roles, newKeysOf(options)),
  );
}

/** @internal */
export const revokeKeyParameters: ParameterCheck = new ParameterCheck('revokeKey', {
  keys: required(text),
  keyid: required(text),
  options: required(optionShapes<RevokeKeyOptions>(revokeShapes)),
});

/**
 * Removes a key from the root. Same as `scapfeed keys revoke`.
 *
 * @param keyid - The key's id or a unique prefix of it.
 * @throws {@link ScapfeedError} `USAGE` when the prefix matches no key in use, or several; and the errors of {@link makeKeys}
 * @example
 * ```ts
 * import { makeKeys, revokeKey } from 'scapfeed';
 *
 * const passphrase = 'twelve words would be better than these';
 * await makeKeys('revoked', { passphrase });
 * const second = await makeKeys('revoked', { roles: ['targets'], passphrase });
 * const { retired } = await revokeKey('revoked', second.made[0]!.keyid, { passphrase });
 * console.log(retired.map((key) => key.roles)); // [ [ 'targets' ] ]
 * ```
 */
export function revokeKey(keys: string, keyid: string, options: RevokeKeyOptions): Promise<ChangedKeys> {
  return run(revokeKeyParameters, [keys, keyid, options], async () => {
    const stores = storesOf(keys, options);
    const [key, ...others] = keysBeginning(stores, keyid);
    if (key && others.length === 0) return revoke(changeOf(keys, options), key);
    throw new ScapfeedError({
      code: 'USAGE',
      message: `${others.length + (key ? 1 : 0)} keys begin with ${keyid}, expected one`,
      remedy: 'see listKeys, and give enough of its digits',
    });
  });
}

/** @internal */
export const signRootParameters: ParameterCheck = new ParameterCheck('signRoot', {
  keys: required(text),
  options: required(optionShapes<SignRootOptions>(signShapes)),
});

/**
 * Signs the pending root, `pending.root.json`, with the root keys in the folder. Same as `scapfeed keys sign`.
 *
 * @returns The version of the root and the number of signatures still missing. With 0 the root is part of the chain.
 * @throws {@link ScapfeedError} `KEY_MISSING` when no root is pending or the folder has none of its keys; `KEY_PASSPHRASE_WRONG`,
 * `TRUST_ROOT_SKIPPED`
 * @example
 * ```ts
 * import { isScapfeedError, signRoot } from 'scapfeed';
 *
 * try {
 *   const { version, missing } = await signRoot('keys', { passphrase: 'that of the root keys' });
 *   console.log(version, missing);
 * } catch (error) {
 *   if (isScapfeedError(error)) console.log(error.code); // KEY_MISSING
 * }
 * ```
 */
export function signRoot(keys: string, options: SignRootOptions): Promise<RootOutcome> {
  return run(signRootParameters, [keys, options], () =>
    sign(storesOf(keys, options), passphrasesOf(options)),
  );
}

const year = 365 * 86_400_000;

function storesOf(keys: string, { rootKeys }: KeyPlaces): KeyStores {
  const store = openKeyStore(keys);
  return { store, rootStore: rootKeys === undefined ? store : openKeyStore(rootKeys) };
}

function passphrasesOf({ passphrase }: SignRootOptions): (role: KeyRole) => string {
  return typeof passphrase === 'string' ? () => passphrase : passphrase;
}

function changeOf(keys: string, options: RevokeKeyOptions): KeyChange {
  const { thresholds = {}, expires = year } = options;
  return {
    ...storesOf(keys, options),
    passphrase: passphrasesOf(options),
    thresholds,
    expires: isoSeconds(new Date((options.date ?? currentTime()).getTime() + expires)),
  };
}

function newKeysOf({ type, external }: MakeKeysOptions): NewKeys {
  return { ...(type === undefined ? {} : { type }), ...(external && { external }) };
}
