import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { didYouMean, ScapfeedError } from '../../model/index.ts';
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
import { type Arguments, type Command, type OptionValues, usage } from '../command.ts';
import { expiryDate, signingDate } from '../options/signing-date.ts';
import { passphraseHelp, passphraseOptions, passphrasesFrom } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';

export const keys: Command = {
  name: 'keys',
  synopsis: 'make|list|rotate|revoke|sign [KEYID] [OPTIONS]',
  summary: 'make and change the keys that sign a published feed',
  help: `  make               make a key for each role given, and the root that names it
  list               show the keys, their roles and the newest root
  rotate             replace the keys of each role given by new ones
  revoke KEYID       take a key out of the root; the first digits of its id are enough
  sign               add the root keys at hand to a root that waits for signatures (pending.root.json)

  --role R           ${roles.join(', ')}; repeatable (make: default every role that has no key)
  --type T           ${keyTypes.join(' or ')} (default ed25519)
  --threshold R=N    signatures that role R needs from now on; repeatable
  --external CMD     with --public: the private half stays in an HSM or KMS; CMD gets the bytes on stdin and writes
                     the signature (hex or base64) to stdout
  --public FILE      public key of --external, PEM
  --keys DIR         keys and roots (default: XDG_CONFIG_HOME/scapfeed/keys)
  --root-keys DIR    where the root keys are, apart and offline (default: as --keys)
${passphraseHelp}  --expires AGE      life of the root (default 365d)
  --date ISO         the day that life is counted from (default: SOURCE_DATE_EPOCH, then the clock)

Private keys are sealed with a passphrase of 12 characters or more: --passphrase-file, SCAPFEED_PASSPHRASE_ROOT (_TARGETS,
_SNAPSHOT, _TIMESTAMP), SCAPFEED_PASSPHRASE, or typed on the terminal. Helpers and signers never see it. Key files are for
their owner alone (0600 in a folder of 0700) and refused otherwise. Every change makes the next root, signed by the root
keys before and after it; clients follow the chain. A change that cannot be signed changes nothing.

Example:
  scapfeed keys make --root-keys /media/offline/keys && scapfeed keys list
`,
  options: {
    role: { type: 'string', multiple: true },
    type: { type: 'string' },
    threshold: { type: 'string', multiple: true },
    external: { type: 'string' },
    public: { type: 'string' },
    keys: { type: 'string' },
    'root-keys': { type: 'string' },
    expires: { type: 'string' },
    date: { type: 'string' },
    ...passphraseOptions,
  },
  positionals: { min: 1, max: 2 },
  run,
};

const actions = { make, list, rotate, revoke, sign };

interface Context {
  values: OptionValues;
  keyid: string | undefined;
  terminal: Terminal;
  store: KeyStore;
  rootStore: KeyStore;
  passphrase: Passphrases;
}

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const [name, keyid] = positionals;
  const known = Object.keys(actions);
  if (!(name! in actions)) {
    throw usage(keys, `no action ${name}`, didYouMean(name!, known));
  }
  const { store, rootStore } = chosenKeys(values, terminal.env);
  const passphrase = passphrasesFrom(values, terminal);
  await actions[name as keyof typeof actions]({ values, keyid, terminal, store, rootStore, passphrase });
  return 0;
}

/** The stores that --keys and --root-keys name. */
export function chosenKeys(
  values: OptionValues,
  env: Terminal['env'],
): { store: KeyStore; rootStore: KeyStore } {
  const config = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const store = openKeyStore((values['keys'] as string | undefined) ?? join(config, 'scapfeed', 'keys'));
  const root = values['root-keys'] as string | undefined;
  return { store, rootStore: root === undefined ? store : openKeyStore(root) };
}

async function make(context: Context): Promise<void> {
  const current = activeKeys(context);
  const lacking = roles.filter((role) => !current.some((key) => key.roles.includes(role)));
  const made = makeKeys(context, chosenRoles(context.values) ?? lacking);
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

/** The keys at hand and, with their public half alone, those that the root names beside them. */
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
      'name their folders with --keys and --root-keys, and see that the medium is there; or make keys with `scapfeed keys make`',
  });
}

function keyidsOf(root: string): string[] {
  return Object.keys(parseDocument<RootPart>(root, 'root').signed.keys);
}

async function rotate(context: Context): Promise<void> {
  const wanted = chosenRoles(context.values);
  if (!wanted)
    throw usage(keys, 'expected the roles to rotate', 'name them: scapfeed keys rotate --role timestamp');
  const current = activeKeys(context);
  const old = current.filter((key) => key.roles.some((role) => wanted.includes(role)));
  const made = old.flatMap((key) => {
    const type = (context.values['type'] as KeyType | undefined) ?? key.key.keytype;
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
    throw usage(keys, `${matching.length} keys begin with ${keyid ?? 'nothing'}, expected one`, remedy);
  }
  const kept = current.filter((key) => key !== matching[0]);
  retired(context, matching, await change(context, kept, []));
}

async function sign({ store, rootStore, passphrase, terminal }: Context): Promise<void> {
  report(terminal, await signPendingRoot(store, [store, rootStore], passphrase));
}

function makeKeys({ values, passphrase }: Context, wanted: readonly Role[], type?: KeyType): KeyFile[] {
  return wanted.map((role) => newKey(values, role, type ?? chosenType(values), passphrase));
}

function newKey(values: OptionValues, role: Role, type: KeyType, passphrase: Passphrases): KeyFile {
  const external = values['external'] as string | undefined;
  if (external === undefined) {
    const secret = passphrase(role);
    if (secret !== '') requireStrength(secret, role);
    return makeKeyFile(type, [role], secret);
  }
  const publicFile = values['public'] as string | undefined;
  if (publicFile === undefined) throw usage(keys, '--external needs --public FILE');
  return makeExternalKeyFile(
    readText(publicFile),
    [role],
    external.split(' ').filter((word) => word !== ''),
  );
}

/**
 * Signs the next root first: only when that has worked are the new keys written, and then the root that names them. A key
 * that a crash left behind is in no root, and no later root takes it up.
 */
async function change(
  context: Context,
  kept: readonly KeyFile[],
  made: readonly KeyFile[],
): Promise<RootOutcome> {
  const { store, rootStore, passphrase, values, terminal } = context;
  const expires = expiryDate(signingDate(values, terminal.env), (values['expires'] as string) ?? '365d');
  const next = { keys: [...kept, ...made], thresholds: chosenThresholds(values), expires };
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
      ? `root ${version} is signed; publish sends it out, clients follow it by themselves\n`
      : `root ${version} lacks ${missing} signatures: let the other holders run \`scapfeed keys sign\` on pending.root.json\n`,
  );
}

function retired({ terminal }: Context, old: readonly KeyFile[], { missing }: RootOutcome): void {
  for (const key of old) terminal.out(`retired ${describe(key)}\n`);
  if (missing > 0) terminal.out('until the root is signed, what they signed stays trusted\n');
}

/** The keys that the newest root names, at hand or not; before there is a root, all that were made. */
function activeKeys(stores: Pick<Context, 'store' | 'rootStore'>): KeyFile[] {
  const root = newestRoot(stores.store);
  return root ? namedKeys(root.signed, allKeys(stores)) : allKeys(stores);
}

function allKeys({ store, rootStore }: Pick<Context, 'store' | 'rootStore'>): KeyFile[] {
  const found = store === rootStore ? store.keys() : [...rootStore.keys(), ...store.keys()];
  return [...new Map(found.map((key) => [key.keyid, key])).values()];
}

function chosenRoles(values: OptionValues): Role[] | undefined {
  const given = values['role'] as string[] | undefined;
  return given?.map((text) => oneOf('role', text, roles));
}

function chosenType(values: OptionValues): KeyType {
  return oneOf('key type', (values['type'] as string | undefined) ?? 'ed25519', keyTypes);
}

function chosenThresholds(values: OptionValues): Partial<Record<Role, number>> {
  const given = (values['threshold'] as string[] | undefined) ?? [];
  const pairs = given.map((text) => {
    const [role, count] = text.split('=');
    if (!/^[1-9]\d?$/.test(count ?? '')) throw usage(keys, `--threshold ${text} is no ROLE=N`);
    return [oneOf('role', role!, roles), Number(count)] as const;
  });
  return Object.fromEntries(pairs);
}

function oneOf<T extends string>(what: string, text: string, known: readonly T[]): T {
  const found = known.find((word) => word === text);
  if (found) return found;
  throw usage(keys, `no ${what} ${text}`, didYouMean(text, known));
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
