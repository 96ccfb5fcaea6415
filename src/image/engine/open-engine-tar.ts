import { join } from 'node:path';
import { createHttp } from '../../io/http/create-http.ts';
import type { Http } from '../../io/http/http.ts';
import type { Environment } from '../../model/environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { EngineReference } from '../reference.ts';
import { statOrNothing } from '../view/dir-view.ts';

/** Milliseconds until an engine begins to answer: it may have to assemble a large image first. */
const patience = { headers: 600_000, idle: 600_000 };

/** The tar of an image or container from an engine. `open` may be called again. */
export interface EngineTar {
  open(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Requests an image from a container engine's API socket, as `docker save` does, or a container's file system, as `docker
 * export` does. Nothing is started. @throws IMAGE_NOT_FOUND, FETCH_*
 */
export async function openEngineTar(reference: EngineReference, env: Environment): Promise<EngineTar> {
  for (const socketPath of socketsOf(reference, env)) {
    const http = createHttp({ socketPath, limits: patience });
    if (await knows(http, reference, socketPath)) {
      return { open: () => tarOf(http, reference, socketPath), close: () => http.close() };
    }
    await http.close();
  }
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected ${nounOf(reference)} ${reference.name} in the engine, it has none of this name`,
    where: `${reference.kind}:${reference.name}`,
    remedy: "list the engine's images and containers with `docker images`, `podman images` or `docker ps -a`",
  });
}

/** Existing sockets of the named engine, or of any engine for a container. */
function socketsOf({ kind, name }: EngineReference, env: Environment): string[] {
  const runtime = env['XDG_RUNTIME_DIR'];
  const rootless = (path: string) => (runtime ? [join(runtime, path)] : []);
  const docker = named(env, 'DOCKER_HOST') ?? ['/var/run/docker.sock', ...rootless('docker.sock')];
  const podman = named(env, 'CONTAINER_HOST') ?? [
    ...rootless('podman/podman.sock'),
    '/run/podman/podman.sock',
  ];
  const candidates = kind === 'docker' ? docker : kind === 'podman' ? podman : [...docker, ...podman];
  const there = candidates.filter((path) => statOrNothing(path)?.isSocket());
  if (there.length > 0) return there;
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected the API socket of a container engine, none of these exists: ${candidates.join(', ')}`,
    where: `${kind}:${name}`,
    remedy:
      'start the engine (for podman: `systemctl start podman.socket`) or set DOCKER_HOST or CONTAINER_HOST to its socket',
  });
}

/** The socket that the user names; other kinds of addresses are not supported. */
function named(env: Environment, variable: string): string[] | undefined {
  const address = env[variable];
  if (!address) return undefined;
  if (address.startsWith('unix://')) return [address.slice('unix://'.length)];
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected a unix socket in ${variable}, found ${address}`,
    where: variable,
    remedy: 'set it to unix:///path/of/the.sock, or save the image to a file',
  });
}

async function knows(http: Http, reference: EngineReference, socket: string): Promise<boolean> {
  const answer = await http.request(`${resource(reference)}/json`);
  await answer.discard();
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw refused(answer.status, reference, socket);
}

async function* tarOf(http: Http, reference: EngineReference, socket: string): AsyncGenerator<Uint8Array> {
  const action = reference.kind === 'container' ? 'export' : 'get';
  const answer = await http.request(`${resource(reference)}/${action}`);
  if (answer.status !== 200) {
    await answer.discard();
    throw refused(answer.status, reference, socket);
  }
  yield* answer.body;
}

/** https://docs.docker.com/reference/api/engine/: slashes of an image's name stand in the path as they are. */
function resource({ kind, name }: EngineReference): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `http://engine/${kind === 'container' ? 'containers' : 'images'}/${path}`;
}

function nounOf({ kind }: EngineReference): string {
  return kind === 'container' ? 'the container' : 'the image';
}

function refused(status: number, { kind, name }: EngineReference, socket: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_FAILED',
    message: `expected status 200, the engine answered ${status}`,
    where: `${socket} (${kind}:${name})`,
    remedy: 'see the log of the engine',
  });
}
