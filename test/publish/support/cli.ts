import { spawn } from 'node:child_process';
import { cli, compiledOnce, project, threadFor, withoutSteps } from '../../support/cli.ts';

export { cli };

export interface CliRun {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
  milliseconds: number;
}

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

/** Runs the command, which a server of the tests may answer; in a thread that stays, unless the options are of a process. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { env = {}, cwd = project, ...ofProcess } = options;
  const thread = Object.keys(ofProcess).length === 0 ? threadFor(args, env) : undefined;
  if (thread === undefined) return runProcess(args, options);
  const start = performance.now();
  const ended = await thread.runBeside(args, environment(env), cwd);
  return { ...ended, signal: null, milliseconds: performance.now() - start };
}

/** Runs the command in a process of its own; `killAfter` ends it as a power cut would. */
export function runProcess(
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
      env: environment(env),
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

function environment(env: Record<string, string>): Record<string, string | undefined> {
  const own = { SCAPFEED_PASSPHRASE: 'a passphrase of tests', ...compiledOnce, ...withoutSteps };
  return { ...process.env, ...own, ...env };
}
