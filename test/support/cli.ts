import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CommandThread } from './command-thread.ts';
import { noHome, temporaryFolder } from './temporary.ts';

export const project: string = resolve(import.meta.dirname, '../..');

export interface CliResult {
  code: number | null;
  out: string;
  err: string;
}

/** Long commands tell each of their steps where there is no terminal; only tests of those ask for them. */
export const withoutSteps: Readonly<Record<string, string>> = Object.fromEntries(
  ['BUILD', 'PUBLISH', 'PULL', 'BUNDLE', 'EXPORT'].map((name) => [`SCAPFEED_${name}_QUIET`, '1']),
);

/** The command's modules are compiled once in a run of the tests: a tenth to a third of a start that has little to do. */
export const compiledOnce: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'compile-cache'),
};

/** The built command. */
export const cli: string = join(project, 'dist/cli.cjs');

/**
 * Runs the built command as a user does. The environment names no feed, mirror or cache of the machine. In a thread that stays, unless
 * the run needs a process: `scapfeedProcess`.
 */
export function scapfeed(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = project,
  input: string | Buffer = '',
): CliResult {
  const thread = input.length === 0 ? threadFor(args, env) : undefined;
  return thread?.run(args, ownEnvironment(env), cwd) ?? scapfeedProcess(args, env, cwd, input);
}

let kept: CommandThread | undefined;

/** The thread that can run this now; undefined: it needs a process. */
export function threadFor(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): CommandThread | undefined {
  if (args.some(isOfProcess) || Object.keys(env).some(isReadAtStart)) return undefined;
  kept ??= new CommandThread(cli, compiledOnce['NODE_COMPILE_CACHE']!);
  return kept.isBusy ? undefined : kept;
}

/** Standard input and output by a name. */
const isOfProcess = (arg: string) => /(?:^|[=:])-$|\/dev\/(?:std|fd)/.test(arg);

/** Variables that Node and its libraries read once. */
const isReadAtStart = (name: string) => /^(?:NODE_|LD_|LC_|LANG|TZ$|SSL_|OPENSSL_)/.test(name);

/** Runs the built command in a process of its own, for tests of what a process does. */
export function scapfeedProcess(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = project,
  input: string | Buffer = '',
): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: ownEnvironment(env),
  });
  return { code: status, out: stdout, err: stderr };
}

function ownEnvironment(env: Record<string, string>): Record<string, string> {
  const path = process.env['PATH'] ?? '';
  return { PATH: path, HOME: noHome(), TZ: 'UTC', ...compiledOnce, ...withoutSteps, ...env };
}

/** A root file system of the given files in a new temporary folder. */
export function rootWith(files: Readonly<Record<string, string | Buffer>>): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** os-release of a Debian release. */
export function debianRelease(version: string, codename: string): string {
  return `PRETTY_NAME="Debian GNU/Linux ${version} (${codename})"\nID=debian\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`;
}

/** A stanza of dpkg's status file: `stanza('libssl3', '3.0.7-1', { Source: 'openssl' })`. */
export function stanza(name: string, version: string, fields: Record<string, string> = {}): string {
  const { Status = 'install ok installed', Architecture = 'amd64', ...rest } = fields;
  const lines = Object.entries(rest).map(([field, value]) => `${field}: ${value}\n`);
  return `Package: ${name}\nStatus: ${Status}\nArchitecture: ${Architecture}\n${lines.join('')}Version: ${version}\n\n`;
}
