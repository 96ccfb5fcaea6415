import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);

/** A server process of ours that is ended by `stop`. */
export interface Server {
  stop(): Promise<void>;
}

export interface RegistryServer extends Server {
  /** `127.0.0.1:PORT` */
  host: string;
}

/** Debian's docker-registry on a free port of the loopback, with or without a login. */
export async function startRegistry(login?: { user: string; password: string }): Promise<RegistryServer> {
  const folder = temporaryFolder('registry');
  const host = `127.0.0.1:${await freePort()}`;
  const passwords = join(folder, 'htpasswd');
  if (login) {
    writeFileSync(passwords, execFileSync('htpasswd', ['-Bbn', login.user, login.password]));
  }
  const auth = login ? `auth:\n  htpasswd:\n    realm: lab\n    path: ${passwords}\n` : '';
  writeFileSync(
    join(folder, 'config.yml'),
    `version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${folder}/data\n  delete:\n    enabled: true\nhttp:\n  addr: ${host}\n${auth}`,
  );
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  await until(async () => (await fetch(`http://${host}/v2/`).catch(() => undefined)) !== undefined);
  return { host, stop: () => end(child, folder) };
}

export interface PodmanServer extends Server {
  socket: string;
  /** Gone with the server. */
  folder: string;
  podman(...args: string[]): Promise<string>;
}

/** Podman's API on a socket of its own, with a storage of its own; nothing is ever run in it. */
export async function startPodman(): Promise<PodmanServer> {
  const folder = temporaryFolder('podman');
  const socket = join(folder, 'api.sock');
  const common = [
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'vfs',
  ];
  mkdirSync(join(folder, 'run'));
  const child = spawn('podman', [...common, 'system', 'service', '--time=0', `unix://${socket}`], {
    stdio: 'ignore',
  });
  await until(async () => existsSync(socket));
  const podman = async (...args: string[]) => (await run('podman', [...common, ...args])).stdout.trim();
  return { socket, folder, podman, stop: () => end(child, folder) };
}

/** Runs a command to its end; its error text is in the exception. */
export async function command(name: string, ...args: string[]): Promise<string> {
  return (await run(name, args)).stdout;
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server did not start');
}
