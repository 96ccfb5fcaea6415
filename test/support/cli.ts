import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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

/** Runs the built command as a user does. The environment names no feed, mirror or cache of the machine. */
export function scapfeed(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = project,
  input: string | Buffer = '',
): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, 'dist/cli.cjs'), ...args], {
    cwd,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { PATH: process.env['PATH'], HOME: noHome(), TZ: 'UTC', ...compiledOnce, ...withoutSteps, ...env },
  });
  return { code: status, out: stdout, err: stderr };
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
