import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** A person's machine: an empty home, the packed command on the path, and nothing else of the one that runs the tests. */
export interface Machine {
  home: string;
  /** Runs a line of shell in the home. */
  run(command: string, env?: Record<string, string>): Ran;
  /** The same where it must end with 0; gives what it wrote to standard output. */
  does(command: string, env?: Record<string, string>): string;
}

export interface MachineOptions {
  /** Numeric; anyone but root (0) has neither its rights nor its groups. */
  user?: number;
  /** Without it there is not even a loopback. */
  network?: boolean;
}

/** Needs root for another user and for having no network. */
export function newMachine({ user = 0, network = true }: MachineOptions = {}): Machine {
  const home = mkdtempSync(join(tmpdir(), 'scapfeed-home-'));
  chownSync(home, user, user);
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const cable = network ? [] : ['unshare', '--net'];
  const login = user === 0 ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  const shell = [...cable, ...login, 'sh', '-c'];
  const path = `${inject('installation')}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

  function run(command: string, env: Record<string, string> = {}): Ran {
    const { status, stdout, stderr } = spawnSync(shell[0]!, [...shell.slice(1), command], {
      cwd: home,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { PATH: path, HOME: home, ...env },
    });
    return { code: status, out: stdout, err: stderr };
  }

  function does(command: string, env?: Record<string, string>): string {
    const { code, out, err } = run(command, env);
    if (code !== 0) throw new Error(`$ ${command}\n${out}${err}\nexit code ${code}`);
    return out;
  }

  return { home, run, does };
}
