import { statSync } from 'node:fs';
import { readNamed } from '../io/read-at-most.ts';
import { ScapfeedError } from '../model/error.ts';
import type { KeyRole } from '../publish/keys/key-file.ts';
import type { Passphrases } from '../publish/keys/signer.ts';
import { requireOwn } from '../publish/private-folder.ts';
import type { PassphraseFile } from '../tasks/keys/options.ts';
import { askOnTerminal } from './ask.ts';
import type { Terminal } from './terminal.ts';

/**
 * The passphrase of a role's keys: --passphrase-file ROLE=FILE or FILE, SCAPFEED_PASSPHRASE_ROLE, SCAPFEED_PASSPHRASE, or
 * typed once for each role on the controlling terminal without echo; empty where there is none.
 */
export function passphrasesFrom(
  given: readonly PassphraseFile[] | undefined,
  { env }: Pick<Terminal, 'env'>,
): Passphrases {
  const files = new Map(given?.map(({ role, file }) => [role, file]));
  const known = new Map<KeyRole, string>();
  return (role) => {
    const file = files.get(role) ?? files.get('all');
    const secret = file === undefined ? fromEnvironment(env, role) : readPassphrase(file);
    const passphrase = known.get(role) ?? secret ?? typed(`the ${role} key`);
    known.set(role, passphrase);
    return passphrase;
  };
}

/** The passphrase of a key without a role: of a file, SCAPFEED_PASSPHRASE, or typed. */
export function passphraseOf(of: string, file: string | undefined, { env }: Pick<Terminal, 'env'>): string {
  return file === undefined ? (env['SCAPFEED_PASSPHRASE'] ?? typed(of)) : readPassphrase(file);
}

function fromEnvironment(env: Terminal['env'], role: KeyRole): string | undefined {
  return env[`SCAPFEED_PASSPHRASE_${role.toUpperCase()}`] ?? env['SCAPFEED_PASSPHRASE'];
}

/** Others may not read it, the group may not write it. Mounted secrets are often readable by a group. */
const othersMayReadOrGroupWrite = 0o027;

function readPassphrase(file: string): string {
  try {
    const rights = { kind: 'file', forbidden: othersMayReadOrGroupWrite, code: 'KEY_NOT_PRIVATE' } as const;
    const stat = statSync(file);
    if (stat.isFile()) requireOwn(file, stat, rights);
    return readNamed(file)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw new ScapfeedError({
      code: 'KEY_MISSING',
      message: 'the file with the passphrase cannot be read',
      where: file,
      remedy: 'specify a readable file with --passphrase-file',
      cause,
    });
  }
}

function typed(of: string): string {
  return askOnTerminal(`Passphrase of ${of}: `, { hidden: true }) ?? '';
}
