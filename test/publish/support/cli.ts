import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { compiledOnce, project, withoutSteps } from '../../support/cli.ts';

export interface CliRun {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
  milliseconds: number;
}

/** The built command. */
export const cli: string = join(project, 'dist/cli.cjs');

export interface CliOptions {
  /** Milliseconds, or what aborts; ends it as a power cut would. */
  killAfter?: number | AbortSignal | undefined;
  /** Ends it by this signal instead. */
  killBy?: NodeJS.Signals;
  env?: Record<string, string>;
  /** Octal, for files that the command makes. */
  umask?: string;
  cwd?: string;
  /** The Node that runs it; default the one that runs the tests. */
  node?: string;
}

/** Runs the command; `killAfter` ends it as a power cut would. */
export function runCli(
  args: readonly string[],
  { killAfter, killBy = 'SIGKILL', env = {}, umask, cwd, node = process.execPath }: CliOptions = {},
): Promise<CliRun> {
  return new Promise((done, fail) => {
    const start = performance.now();
    const command = [node, cli, ...args];
    // The shell goes away with exec: a kill meets the command itself.
    const [program, ...rest] =
      umask === undefined ? command : ['sh', '-c', 'umask "$0" && exec "$@"', umask, ...command];
    const child = spawn(program!, rest, {
      cwd,
      env: {
        ...process.env,
        SCAPFEED_PASSPHRASE: 'a passphrase of tests',
        ...compiledOnce,
        ...withoutSteps,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      err += text;
    });
    const kill = () => child.kill(killBy);
    const timer = typeof killAfter === 'number' ? setTimeout(kill, killAfter) : undefined;
    if (killAfter instanceof AbortSignal) killAfter.addEventListener('abort', kill);
    child.on('error', fail);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, out, err, milliseconds: performance.now() - start });
    });
  });
}
