import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { childEnvironment } from '../io/child-environment.ts';

/** The line that a person types on the controlling terminal; undefined if there is no terminal. `hidden`: without echo. */
export function askOnTerminal(question: string, { hidden = false } = {}): string | undefined {
  let tty: number;
  try {
    tty = openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
  const stty = (mode: string) =>
    spawnSync('stty', [mode], { stdio: [tty, 'ignore', 'ignore'], env: childEnvironment() });
  writeSync(tty, question);
  if (hidden) stty('-echo');
  try {
    return readLine(tty);
  } finally {
    if (hidden) {
      stty('echo');
      writeSync(tty, '\n');
    }
    closeSync(tty);
  }
}

function readLine(fd: number): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  while (readSync(fd, one) === 1 && one[0] !== 0x0a) bytes.push(one[0]!);
  return Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
}
