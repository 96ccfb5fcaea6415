import { readFileSync } from 'node:fs';
import { ScapfeedError } from '../../model/index.ts';
import {
  type KeyFile,
  type KeyType,
  keyTypes,
  makeExternalKeyFile,
  makeKeyFile,
  type Role,
  requireStrength,
  roles,
} from '../../publish/keys/key-file.ts';
import { type KeyStore, openKeyStore } from '../../publish/keys/key-store.ts';
import {
  namedKeys,
  newestRoot,
  prepareRoot,
  type RootOutcome,
  signPendingRoot,
} from '../../publish/keys/root.ts';
import type { Passphrases } from '../../publish/keys/signer.ts';
import { parseDocument, type RootPart } from '../../publish/tuf/metadata.ts';
import { textTable } from '../../report/text-table.ts';
import { type Arguments, defineCommand } from '../command.ts';
import {
  choice,
  duration,
  form,
  type OptionValues,
  oneOf,
  path,
  repeatable,
  text,
  withDefault,
} from '../option.ts';
import { keyFolder, keyOptions } from '../options/key-choice.ts';
import { dateOptions, expiryDate, signingDate } from '../options/signing-date.ts';
import { passphraseOptions, passphrasesFrom } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const day = 86_400_000;

const actions = { make, list, rotate, revoke, sign };

const actionNames = ['make', 'list', 'rotate', 'revoke', 'sign'] as const satisfies (keyof typeof actions)[];

const options = {
  role: repeatable(
    choice(roles, '% (make: default every role that has no key)', { metavar: 'R', noun: 'role' }),
  ),
  type: choice(keyTypes, '% (default: ed25519; rotate: as the old key)', {
    metavar: 'T',
    noun: 'key type',
  }),
  threshold: repeatable(form('R=N', 'number of signatures that role R needs from now on', threshold)),
  external: text(
    'CMD',
    'with --public: the private half stays in an HSM or KMS; CMD gets the bytes on stdin and writes the signature ' +
      '(hex or base64) to stdout',
  ),
  public: path('FILE', 'public key of --external, PEM'),
  ...keyOptions,
  'root-keys': path('DIR', 'where the root keys are, if they are kept offline (default: as --keys)'),
  ...passphraseOptions,
  expires: withDefault(duration('how long the root is valid'), 365 * day, '365d'),
  ...dateOptions,
};

type KeysOptions = OptionValues<typeof options>;

export const keys = defineCommand({
  name: 'keys',
  operands: [actionNames.join('|'), '[KEYID]'],
  about: `  make          make a key for each role given, and the root that names it
  list          show the keys, their roles and the newest root
  rotate        replace the keys of each role given by new ones
  revoke KEYID  take a key out of the root; the first digits of its id suffice
  sign          add the root keys at hand to a root that waits for signatures
                (pending.root.json)`,
  options,
  notes: `Private keys are sealed with a passphrase of 12 characters or more: --passphrase-file, SCAPFEED_PASSPHRASE_ROOT
(_TARGETS, _SNAPSHOT, _TIMESTAMP), SCAPFEED_PASSPHRASE, or typed on the terminal. Helpers and signers never see it. Key
files are for their owner alone (0600 in a folder of 0700) and refused otherwise. Every change makes the next root, signed
by the root keys before and after it; clients follow the chain. A change that cannot be signed changes nothing.`,
  examples: ['scapfeed keys make --root-keys /media/offline/keys && scapfeed keys list'],
  run,
});

async function run(
  { options: given, operands: [name, keyid] }: Arguments<typeof options, [string, '[KEYID]']>,
  terminal: Terminal,
): Promise<number> {
  const action = oneOf(actionNames, name, { command: 'keys', flag: name }, { noun: 'action' });
  const store = openKeyStore(keyFolder(given.keys, terminal.env));
  const rootKeys = given['root-keys'];
  const rootStore = rootKeys === undefined ? store : openKeyStore(rootKeys);
  const passphrase = passphrasesFrom(given['passphrase-file'], terminal);
  await actions[action]({ given, keyid, terminal, store, rootStore, passphrase });
  return 0;
}

interface Context {
  given: KeysOptions;
  keyid: string | undefined;
  terminal: Terminal;
  store: KeyStore;
  rootStore: KeyStore;
  passphrase: Passphrases;
}

async function make(context: Context): Promise<void> {
  const current = activeKeys(context);
  const lacking = roles.filter((role) => !current.some((key) => key.roles.includes(role)));
  const made = makeKeys(context, context.given.role ?? lacking);
  await change(context, current, made);
}

async function list({ store, rootStore, terminal }: Context): Promise<void> {
  const root = newestRoot(store);
  const before = new Set(store.rootChain().flatMap(keyidsOf));
  const state = ({ keyid }: KeyFile) =>
    root?.signed.keys[keyid]
      ? `in root ${root.signed.version}`
      : before.has(keyid)
        ? 'retired'
        : 'in no root';
  const held = allKeys({ store, rootStore });
  if (held.length === 0 && !root) throw noKeys([store, rootStore]);
  const rows = withNamed(root?.signed, held).map((key) => [
    key.keyid.slice(0, 16),
    key.key.keytype,
    key.roles.join(', '),
    privateHalf(key),
    state(key),
  ]);
  terminal.out(textTable(['KEY', 'TYPE', 'ROLE', 'PRIVATE HALF', 'STATE'], rows));
  if (root) {
    const thresholds = roles.map((role) => `${role} ${root.signed.roles[role].threshold}`).join(', ');
    terminal.out(
      `\nroot ${root.signed.version}, valid until ${root.signed.expires}; signatures needed: ${thresholds}\n`,
    );
  }
  const empty = [store, rootStore].filter((one) => one.keys().length === 0 && one.rootChain().length === 0);
  if (empty.length > 0) throw noKeys(empty);
}

/** The keys at hand, and the other keys of the root with their public half only. */
function withNamed(root: RootPart | undefined, held: readonly KeyFile[]): KeyFile[] {
  const known = new Set(held.map(({ keyid }) => keyid));
  const away = root ? namedKeys(root, held).filter(({ keyid }) => !known.has(keyid)) : [];
  return [...away, ...held];
}

function privateHalf({ external, secret }: KeyFile): string {
  if (external) return `external: ${external.join(' ')}`;
  return secret ? 'sealed file' : 'not here';
}

function noKeys(stores: readonly KeyStore[]): ScapfeedError {
  return new ScapfeedError({
    code: 'KEY_MISSING',
    message: 'no keys here',
    where: [...new Set(stores.map(({ directory }) => directory))].join(', '),
    remedy:
      'name their folders with --keys and --root-keys, and check that the medium is mounted; or make keys with `scapfeed keys make`',
  });
}

function keyidsOf(root: string): string[] {
  return Object.keys(parseDocument<RootPart>(root, 'root').signed.keys);
}

async function rotate(context: Context): Promise<void> {
  const wanted = context.given.role;
  if (!wanted)
    throw usage('keys', 'expected the roles to rotate', 'name them: scapfeed keys rotate --role timestamp');
  const current = activeKeys(context);
  const old = current.filter((key) => key.roles.some((role) => wanted.includes(role)));
  const made = old.flatMap((key) => {
    const type = context.given.type ?? key.key.keytype;
    return makeKeys(context, key.roles, type);
  });
  const kept = current.filter((key) => !old.includes(key));
  retired(context, old, await change(context, kept, made));
}

async function revoke(context: Context): Promise<void> {
  const { keyid } = context;
  const current = activeKeys(context);
  const matching = keyid ? current.filter((key) => key.keyid.startsWith(keyid)) : [];
  if (matching.length !== 1) {
    const remedy = 'see `scapfeed keys list` and give enough of its digits';
    throw usage('keys', `${matching.length} keys begin with ${keyid ?? 'nothing'}, expected one`, remedy);
  }
  const kept = current.filter((key) => key !== matching[0]);
  retired(context, matching, await change(context, kept, []));
}

async function sign({ store, rootStore, passphrase, terminal }: Context): Promise<void> {
  report(terminal, await signPendingRoot(store, [store, rootStore], passphrase));
}

function makeKeys({ given, passphrase }: Context, wanted: readonly Role[], type?: KeyType): KeyFile[] {
  return wanted.map((role) => newKey(given, role, type ?? given.type ?? 'ed25519', passphrase));
}

function newKey(
  { external, public: publicFile }: KeysOptions,
  role: Role,
  type: KeyType,
  passphrase: Passphrases,
): KeyFile {
  if (external === undefined) {
    const secret = passphrase(role);
    if (secret !== '') requireStrength(secret, role);
    return makeKeyFile(type, [role], secret);
  }
  if (publicFile === undefined) throw usage('keys', '--external needs --public FILE');
  return makeExternalKeyFile(
    readText(publicFile),
    [role],
    external.split(' ').filter((word) => word !== ''),
  );
}

/**
 * Signs the next root first. Only then are the new keys written, and after them the root that names them. A key that a
 * crash left behind is in no root, and no later root uses it.
 */
async function change(
  context: Context,
  kept: readonly KeyFile[],
  made: readonly KeyFile[],
): Promise<RootOutcome> {
  const { store, rootStore, passphrase, given, terminal } = context;
  const expires = expiryDate(signingDate(given, terminal.env), given.expires);
  const next = { keys: [...kept, ...made], thresholds: Object.fromEntries(given.threshold ?? []), expires };
  const root = prepareRoot(store, [store, rootStore], next, passphrase);
  const home = (key: KeyFile) => (key.roles.includes('root') ? rootStore : store);
  const known = new Set(allKeys(context).map(({ keyid }) => keyid));
  try {
    for (const key of made) await home(key).save(key);
    await root.commit();
  } catch (error) {
    for (const key of made) if (!known.has(key.keyid)) home(key).remove(key);
    throw error;
  }
  for (const key of made) terminal.out(`made ${describe(key)}\n`);
  report(terminal, root);
  return root;
}

function report(terminal: Terminal, { version, missing }: RootOutcome): void {
  terminal.out(
    missing === 0
      ? `root ${version} is signed; publish sends it out, and clients follow it\n`
      : `root ${version} lacks ${missing} signatures: let the other holders run \`scapfeed keys sign\` on pending.root.json\n`,
  );
}

function retired({ terminal }: Context, old: readonly KeyFile[], { missing }: RootOutcome): void {
  for (const key of old) terminal.out(`retired ${describe(key)}\n`);
  if (missing > 0) terminal.out('their signatures stay trusted until the root is signed\n');
}

/** The keys of the newest root, at hand or not; before the first root, all keys that were made. */
function activeKeys(stores: Pick<Context, 'store' | 'rootStore'>): KeyFile[] {
  const root = newestRoot(stores.store);
  return root ? namedKeys(root.signed, allKeys(stores)) : allKeys(stores);
}

function allKeys({ store, rootStore }: Pick<Context, 'store' | 'rootStore'>): KeyFile[] {
  const found = store === rootStore ? store.keys() : [...rootStore.keys(), ...store.keys()];
  return [...new Map(found.map((key) => [key.keyid, key])).values()];
}

function threshold(text: string): [role: Role, count: number] | undefined {
  const [name, count = ''] = text.split('=');
  const role = roles.find((known) => known === name);
  return role !== undefined && /^[1-9]\d?$/.test(count) ? [role, Number(count)] : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ScapfeedError({ code: 'USAGE', message: 'the public key cannot be read', where: file, cause });
  }
}

function describe({ key, roles: own, keyid }: KeyFile): string {
  return `${own.join(' and ')} key ${keyid.slice(0, 16)} (${key.keytype})`;
}
