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
} from '../acts/change-keys.ts';
import { isoSeconds } from '../acts/iso-seconds.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/index.ts';
import { type KeyType, keyTypes, type Role, roles } from '../publish/keys/key-file.ts';
import { openKeyStore } from '../publish/keys/key-store.ts';
import type { RootOutcome } from '../publish/keys/root.ts';
import { Door, options as optionShapes } from './door/door.ts';
import {
  anyText,
  callback,
  count,
  date,
  either,
  listOf,
  oneOf,
  recordOf,
  required,
  text,
} from './door/shape.ts';
import * as things from './door/things.ts';
import { type RunOptions, run } from './run.ts';

/** Where a publisher's keys are. */
export interface KeyPlaces extends RunOptions {
  /** Folder of the root keys, if they are kept elsewhere. Default: that of the others. */
  rootKeys?: string;
}

/** How keys are opened and sealed. */
export interface SignRootOptions extends KeyPlaces {
  /** The passphrase of the keys, or of those of each role; 12 characters or more, or empty for external keys. */
  passphrase: string | ((role: Role) => string);
}

/** How the next root is made. */
export interface RevokeKeyOptions extends SignRootOptions {
  /** How many signatures roles need from now on. */
  thresholds?: Partial<Record<Role, number>>;
  /** How long the root is valid, in milliseconds. Default: 365 days. */
  expires?: number;
  /** The date that the root's term counts from. Default: now. */
  date?: Date;
}

/** How new keys are made. */
export interface MakeKeysOptions extends RevokeKeyOptions {
  /** Roles that get a key. Default: each that has none. */
  roles?: readonly Role[];
  /** Default: `ed25519`; {@link rotateKeys}: that of the old key. */
  type?: KeyType;
  /** The private half stays in an HSM or KMS: `command` gets the bytes on stdin and writes the signature. */
  external?: {
    command: readonly string[];
    /** Path of the public key, PEM. */
    publicKey: string;
  };
}

/** Which keys are replaced, and how the new ones are made. */
export interface RotateKeysOptions extends MakeKeysOptions {
  roles: readonly Role[];
}

const ofRoles = either('text, or a function', anyText, callback);
const placeShapes = { ...things.runOptions, rootKeys: text };
const signShapes = { ...placeShapes, passphrase: required(ofRoles) };
const revokeShapes = { ...signShapes, thresholds: recordOf(count), expires: count, date };
const makeShapes = {
  ...revokeShapes,
  roles: listOf(oneOf(roles)),
  type: oneOf(keyTypes),
  external: optionShapes<NonNullable<MakeKeysOptions['external']>>({
    command: required(things.texts),
    publicKey: required(text),
  }),
};

/** @internal */
export const makeKeysDoor: Door = new Door('makeKeys', {
  keys: required(text),
  options: required(optionShapes<MakeKeysOptions>(makeShapes)),
});

/**
 * Makes the keys of a publisher, sealed by the passphrase, and the root that names them: what `scapfeed keys make` does. If it
 * fails, nothing is changed.
 *
 * @param keys - The folder of keys and roots, for its owner alone.
 * @returns The new keys, and the version of the root; `root.missing`: how many signatures of other holders it lacks.
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
  return run(makeKeysDoor, [keys, options], () =>
    make(changeOf(keys, options), options.roles, newKeysOf(options)),
  );
}

/** @internal */
export const listKeysDoor: Door = new Door('listKeys', {
  keys: required(text),
  options: optionShapes<KeyPlaces>(placeShapes),
});

/**
 * Lists the keys of a publisher, where their private halves are, and the newest root: what `scapfeed keys list` does.
 *
 * @throws {@link ScapfeedError} `KEY_MISSING`: there are no keys; `KEY_NOT_PRIVATE`, `KEY_MALFORMED`
 * @example
 * ```ts
 * import { listKeys } from 'scapfeed';
 *
 * const { keys, root } = await listKeys('keys');
 * console.log(keys.length, root?.version); // 4 1
 * ```
 */
export function listKeys(keys: string, options: KeyPlaces = {}): Promise<ListedKeys> {
  return run(listKeysDoor, [keys, options], async () => list(storesOf(keys, options)));
}

/** @internal */
export const rotateKeysDoor: Door = new Door('rotateKeys', {
  keys: required(text),
  options: required(optionShapes<RotateKeysOptions>({ ...makeShapes, roles: required(makeShapes.roles) })),
});

/**
 * Replaces the keys of roles by new ones: what `scapfeed keys rotate` does. The next root is signed by the root keys before and
 * after it; {@link publish} sends it out, and clients follow it.
 *
 * @throws {@link ScapfeedError} those of {@link makeKeys}
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
  return run(rotateKeysDoor, [keys, options], () =>
    rotate(changeOf(keys, options), options.roles, newKeysOf(options)),
  );
}

/** @internal */
export const revokeKeyDoor: Door = new Door('revokeKey', {
  keys: required(text),
  keyid: required(text),
  options: required(optionShapes<RevokeKeyOptions>(revokeShapes)),
});

/**
 * Takes a key out of the root: what `scapfeed keys revoke` does.
 *
 * @param keyid - Its id, or enough of its first digits.
 * @throws {@link ScapfeedError} those of {@link makeKeys}; `USAGE`: not exactly one key in use begins so
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
  return run(revokeKeyDoor, [keys, keyid, options], async () => {
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
export const signRootDoor: Door = new Door('signRoot', {
  keys: required(text),
  options: required(optionShapes<SignRootOptions>(signShapes)),
});

/**
 * Adds the root keys at hand to the root that waits for signatures, `pending.root.json`: what `scapfeed keys sign` does.
 *
 * @returns The version of the root, and how many signatures it still lacks; 0: it is in the chain.
 * @throws {@link ScapfeedError} `KEY_MISSING`: no root waits, or no key of it is at hand; `KEY_PASSPHRASE_WRONG`,
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
  return run(signRootDoor, [keys, options], () => sign(storesOf(keys, options), passphrasesOf(options)));
}

const year = 365 * 86_400_000;

function storesOf(keys: string, { rootKeys }: KeyPlaces): KeyStores {
  const store = openKeyStore(keys);
  return { store, rootStore: rootKeys === undefined ? store : openKeyStore(rootKeys) };
}

function passphrasesOf({ passphrase }: SignRootOptions): (role: Role) => string {
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
