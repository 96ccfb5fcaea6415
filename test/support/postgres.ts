import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { miss } from './missing.ts';
import { temporaryFolder } from './temporary.ts';

/** Where Debian puts the server's programs: in a folder of its version, not on the path. */
const versions = '/usr/lib/postgresql';

export function hasPostgres(): boolean {
  if (binaries() !== undefined) return true;
  miss({ kind: 'oracle', name: 'postgres', package: 'postgresql' });
  return false;
}

function binaries(): string | undefined {
  if (!existsSync(versions)) return undefined;
  const found = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
  return found
    .map((version) => join(versions, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

export interface Postgres {
  /** The address of a new, empty database. */
  newDatabase(): Promise<string>;
  /** Runs a program of this server's version: `pg_dump`. */
  program(name: string, ...args: readonly string[]): void;
  /** Ends the server as if the machine had lost its power, and starts it again. SIGQUIT: as `pg_ctl restart -m immediate` does. */
  kill(how?: 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  stop(): void;
}

/** A server of this test's own: in a temporary folder, on a socket in it, as a user without rights. It is not root's to run. */
export async function startPostgres(
  folder = temporaryFolder('postgres'),
  making: readonly string[] = [],
): Promise<Postgres> {
  const bin = binaries()!;
  mkdirSync(folder, { recursive: true });
  const isRoot = process.getuid?.() === 0;
  const user = isRoot
    ? Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }))
    : process.getuid!();
  if (isRoot) chownSync(folder, user, user);
  const login = isRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : ['env'];
  const data = join(folder, 'data');
  const env = { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' };
  const made = spawnSync(
    login[0]!,
    [
      ...login.slice(1),
      join(bin, 'initdb'),
      '-D',
      data,
      '-A',
      'trust',
      '-U',
      'fleet',
      '-E',
      'UTF8',
      '--no-sync',
      ...making,
    ],
    { env, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const address = (name: string) => `postgres://fleet@localhost/${name}?host=${encodeURIComponent(folder)}`;
  let server = await start();
  let count = 0;

  function launch() {
    return spawn(
      login[0]!,
      [
        ...login.slice(1),
        join(bin, 'postgres'),
        ...['-D', data, '-k', folder, '-h', '', '-c', 'max_connections=60', '-c', 'log_min_messages=fatal'],
      ],
      { env, stdio: 'ignore' },
    );
  }

  /** On a machine with much to do, the processes of a server that was killed are there for a while, and a new one refuses to start. */
  async function start() {
    let started = launch();
    for (let tries = 0; ; tries++) {
      try {
        await query('postgres', 'SELECT 1');
        return started;
      } catch (error) {
        if (tries === 300) throw error;
        if (started.exitCode !== null) started = launch();
        await pause(100);
      }
    }
  }

  async function query(name: string, statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: address(name) });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  return {
    async newDatabase() {
      const name = `fleet${++count}`;
      await query('postgres', `CREATE DATABASE ${name}`);
      return address(name);
    },
    program(name, ...args) {
      execFileSync(join(bin, name), args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    },
    async kill(how = 'SIGKILL') {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill(how);
      await ended;
      // Nobody restarts it faster.
      await pause(500);
      server = await start();
    },
    stop() {
      server.kill('SIGQUIT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
