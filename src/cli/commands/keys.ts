import { roles } from '../../publish/keys/key-file.ts';
import { openKeyStore } from '../../publish/keys/key-store.ts';
import type { RootOutcome } from '../../publish/keys/root.ts';
import type { Passphrases } from '../../publish/keys/signer.ts';
import { textTable } from '../../report/text-table.ts';
import { oneOf, usage } from '../../tasks/given-words.ts';
import { keysOptions } from '../../tasks/keys/options.ts';
import {
  type ChangedKeys,
  type KeyChange,
  type KeyStores,
  type KeySummary,
  keysBeginning,
  listKeys,
  makeKeys,
  type NewKeys,
  requireKeys,
  revokeKey,
  rotateKeys,
  signRoot,
} from '../../tasks/keys/run.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { expiryDate, keyFolder, signingDate } from '../options/signing-date.ts';
import { passphrasesFrom } from '../passphrase.ts';
import type { Terminal } from '../terminal.ts';

const actions = { make, list, rotate, revoke, sign };

const actionNames = ['make', 'list', 'rotate', 'revoke', 'sign'] as const satisfies (keyof typeof actions)[];

const stores = ['keys', 'root-keys'] as const;
const signing = [...stores, 'passphrase-file'] as const;
const changing = [...signing, 'threshold', 'expires', 'date'] as const;
const making = [...changing, 'role', 'type', 'external', 'public'] as const;

type KeysOptions = OptionValues<typeof keysOptions>;

export const keys = defineCommand({
  name: 'keys',
  operands: [actionNames.join('|'), '[KEYID]'],
  about: `  make          make a key for each given role, and a root with it
  list          show the keys, their roles and the newest root
  rotate        replace the keys of each given role
  revoke KEYID  remove a key from the root; the first digits of its id suffice
  sign          sign pending.root.json with the available root keys`,
  options: keysOptions,
  actions: {
    make: { options: making },
    list: { options: stores },
    rotate: { options: making },
    revoke: { options: changing, operand: 'KEYID' },
    sign: { options: signing },
  },
  notes: `Private keys are encrypted with a passphrase of 12 characters or more: --passphrase-file, SCAPFEED_PASSPHRASE_ROOT
(_TARGETS, _SNAPSHOT, _TIMESTAMP), SCAPFEED_PASSPHRASE, or typed on the terminal. Helpers and signers never see it.
Key files must be readable only by their owner (0600 in a folder of 0700). Every change makes a new root, signed by
the old and new root keys; clients follow the chain. A change that cannot be signed has no effect.`,
  examples: ['scapfeed keys make --root-keys /media/offline/keys && scapfeed keys list'],
  run,
});

async function run(
  { options: given, operands: [name, keyid] }: Arguments<typeof keysOptions, [string, '[KEYID]']>,
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

interface Context extends KeyStores {
  given: KeysOptions;
  keyid: string | undefined;
  terminal: Terminal;
  passphrase: Passphrases;
}

async function make(context: Context): Promise<void> {
  const { given, terminal } = context;
  printChanged(terminal, await makeKeys(changeOf(context), given.role, newKeysOf(given)));
}

async function list(context: Context): Promise<void> {
  const { terminal } = context;
  const { keys: listed, root } = listKeys(context);
  const rows = listed.map((key) => [
    key.keyid.slice(0, 16),
    key.type,
    key.roles.join(', '),
    privateHalf(key),
    key.state === 'root' ? `in root ${root!.version}` : key.state === 'retired' ? 'retired' : 'in no root',
  ]);
  terminal.out(textTable(['KEY', 'TYPE', 'ROLE', 'PRIVATE HALF', 'STATE'], rows));
  if (root) {
    const thresholds = roles.map((role) => `${role} ${root.thresholds[role]}`).join(', ');
    terminal.out(`\nroot ${root.version}, valid until ${root.expires}; signatures needed: ${thresholds}\n`);
    terminal.out(`its sha256, for those who pull: ${root.sha256}\n`);
  }
  requireKeys(context);
}

function privateHalf({ secret, external = [] }: KeySummary): string {
  if (secret === 'external') return `external: ${external.join(' ')}`;
  return secret === 'sealed' ? 'sealed file' : 'not here';
}

async function rotate(context: Context): Promise<void> {
  const { given, terminal } = context;
  if (!given.role)
    throw usage(
      'keys',
      'expected the roles to rotate',
      'specify them: scapfeed keys rotate --role timestamp',
    );
  printChanged(terminal, await rotateKeys(changeOf(context), given.role, newKeysOf(given)));
}

async function revoke(context: Context): Promise<void> {
  const { keyid, terminal } = context;
  const matching = keysBeginning(context, keyid!);
  const [key] = matching;
  if (!key || matching.length !== 1) {
    const remedy = 'see `scapfeed keys list` and give enough of its digits';
    throw usage('keys', `${matching.length} keys begin with ${keyid}, expected one`, remedy);
  }
  printChanged(terminal, await revokeKey(changeOf(context), key));
}

async function sign(context: Context): Promise<void> {
  report(context.terminal, await signRoot(context, context.passphrase));
}

function changeOf({ store, rootStore, passphrase, given, terminal }: Context): KeyChange {
  const expires = expiryDate(signingDate(given, terminal.env), given.expires);
  return { store, rootStore, passphrase, thresholds: Object.fromEntries(given.threshold ?? []), expires };
}

function newKeysOf({ type, external, public: publicKey }: KeysOptions): NewKeys {
  const own = type === undefined ? {} : { type };
  if (external === undefined) return own;
  if (publicKey === undefined) throw usage('keys', '--external needs --public FILE');
  return { ...own, external: { command: external.split(' ').filter((word) => word !== ''), publicKey } };
}

function printChanged(terminal: Terminal, { made, retired, root }: ChangedKeys): void {
  for (const key of made) terminal.out(`made ${describe(key)}\n`);
  report(terminal, root);
  for (const key of retired) terminal.out(`retired ${describe(key)}\n`);
  if (retired.length > 0 && root.missing > 0)
    terminal.out('their signatures stay trusted until the root is signed\n');
}

function report(terminal: Terminal, { version, missing }: RootOutcome): void {
  terminal.out(
    missing === 0
      ? `root ${version} is signed; publish sends it out, and clients follow it\n`
      : `root ${version} lacks ${missing} signatures: let the other holders run \`scapfeed keys sign\` on pending.root.json\n`,
  );
}

function describe({ type, roles: own, keyid }: KeySummary): string {
  return `${own.join(' and ')} key ${keyid.slice(0, 16)} (${type})`;
}
