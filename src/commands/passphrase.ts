import { spawnSync } from 'node:child_process';
import { openSync, readSync, writeSync } from 'node:fs';
import type { Terminal } from './terminal.ts';

/** SCAPFEED_PASSPHRASE, else typed once on the controlling terminal without echo; empty when there is neither. */
export function passphraseFrom({ env }: Pick<Terminal, 'env'>): () => string {
  let known = env['SCAPFEED_PASSPHRASE'];
  return () => {
    known ??= typed();
    return known;
  };
}

function typed(): string {
  let tty: number;
  try {
    tty = openSync('/dev/tty', 'r+');
  } catch {
    return '';
  }
  const stty = (mode: string) => spawnSync('stty', [mode], { stdio: [tty, 'ignore', 'ignore'] });
  writeSync(tty, 'Passphrase of the signing keys: ');
  stty('-echo');
  try {
    return readLine(tty);
  } finally {
    stty('echo');
    writeSync(tty, '\n');
  }
}

function readLine(fd: number): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  while (readSync(fd, one) === 1 && one[0] !== 0x0a) bytes.push(one[0]!);
  return Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
}
