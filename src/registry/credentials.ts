import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from '../io/child-environment.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { readNamed } from '../io/read-at-most.ts';
import type { Environment } from '../model/environment.ts';
import { ScapfeedError } from '../model/error.ts';

/** A user's credentials for a registry. */
export type Credentials =
  | { kind: 'basic'; username: string; password: string }
  /** OAuth2 refresh token, exchanged for an access token. */
  | { kind: 'identity'; token: string }
  | { kind: 'bearer'; token: string };

type Members = Readonly<Record<string, unknown>>;

/** The used parts of the file that `docker login` and `podman login` write. */
interface AuthFile {
  auths: Members;
  credHelpers: Members;
  credsStore: unknown;
}

/**
 * Finds the user's credentials for `HOST/NAME`: in the first file that has some, by containers-auth.json(5), then in
 * Docker's config.json. @throws FETCH_REFUSED if a file or helper is broken: without credentials the later error would
 * mislead
 */
export async function findCredentials(
  host: string,
  name: string,
  env: Environment,
): Promise<Credentials | undefined> {
  for (const path of authFiles(env)) {
    const file = readAuthFile(path);
    const found = file && (await fromFile(file, host, name, env, path));
    if (found) return found;
  }
  return undefined;
}

function authFiles(env: Environment): string[] {
  const named = env['REGISTRY_AUTH_FILE'];
  const runtime = env['XDG_RUNTIME_DIR'];
  const home = env['HOME'] ?? homedir();
  const config = env['XDG_CONFIG_HOME'] ?? join(home, '.config');
  return [
    ...(named ? [named] : []),
    ...(runtime ? [join(runtime, 'containers/auth.json')] : []),
    join(config, 'containers/auth.json'),
    join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
  ];
}

function readAuthFile(path: string): AuthFile | undefined {
  let text: string;
  try {
    text = readNamed(path).toString('utf8');
  } catch (error) {
    // Above the limit, and no answer of the system, such as that there is none.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw broken((error as Error).message, path);
    return undefined;
  }
  const { auths, credHelpers, credsStore } = membersOf(parseSecret(text, path), 'the file', path);
  return {
    auths: membersOf(auths, 'auths', path),
    credHelpers: membersOf(credHelpers, 'credHelpers', path),
    credsStore,
  };
}

/** Replaces the parser's own message, which would show a part of the text, and so perhaps a password. */
function parseSecret(text: string, path: string): unknown {
  try {
    return parseForeignJson(text);
  } catch (error) {
    throw broken('expected JSON', path, error instanceof Error ? error.name : undefined);
  }
}

/** An absent value and null have no members, as docker and podman read them. */
function membersOf(value: unknown, what: string, path: string): Members {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Members;
  throw broken(
    `expected an object in ${what}, found ${Array.isArray(value) ? 'an array' : typeof value}`,
    path,
  );
}

async function fromFile(file: AuthFile, host: string, name: string, env: Environment, path: string) {
  const keys = keysOf(host, name);
  const helper = [...keys.map((key) => file.credHelpers[key]), file.credsStore].find(isText);
  const stored = helper === undefined ? undefined : await fromHelper(helper, host, env, path);
  if (stored) return stored;
  for (const key of keys) {
    for (const [written, entry] of Object.entries(file.auths)) {
      const found =
        plainKey(written) === key ? fromEntry(membersOf(entry, `auths, ${written}`, path), path) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

/** Podman may have a login for a part of a registry: the longest match first. */
function keysOf(host: string, name: string): string[] {
  const parts = name.split('/');
  const scoped = parts.map((_, index) => [host, ...parts.slice(0, parts.length - index)].join('/'));
  return [...scoped, host, ...(host === 'docker.io' ? ['index.docker.io', 'registry-1.docker.io'] : [])];
}

/** `https://index.docker.io/v1/` -> `index.docker.io`: old logins are stored by address. */
function plainKey(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
}

function fromEntry(
  { auth, username, password, identitytoken, registrytoken }: Members,
  path: string,
): Credentials | undefined {
  if (isText(registrytoken)) return { kind: 'bearer', token: registrytoken };
  if (isText(identitytoken)) return { kind: 'identity', token: identitytoken };
  if (isText(username) && isText(password)) return { kind: 'basic', username, password };
  if (!isText(auth)) return undefined;
  const [, name, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (name === undefined || secret === undefined) throw broken('expected base64 of "user:password"', path);
  return { kind: 'basic', username: name, password: secret.replace(/\0+$/, '') };
}

/** Time limit of a credential helper in milliseconds: it may ask an agent, not a person. */
const helperTimeout = 30_000;

/** https://github.com/docker/docker-credential-helpers: the host on stdin, JSON on stdout. */
async function fromHelper(
  helper: string,
  host: string,
  env: Environment,
  path: string,
): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper))
    throw broken(`expected the name of a helper, found ${helper}`, path);
  const serverUrl = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  const answer = await runHelper(`docker-credential-${helper}`, serverUrl, env, path);
  if (answer === undefined) return undefined;
  const { Username: username, Secret: secret } = membersOf(
    parseSecret(answer, path),
    'the answer of a helper',
    path,
  );
  if (!isText(username) || !isText(secret)) return undefined;
  return username === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'basic', username, password: secret };
}

function runHelper(
  command: string,
  input: string,
  env: Environment,
  path: string,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      ['get'],
      { env: childEnvironment(env), timeout: helperTimeout },
      (error, stdout) => {
        // Helpers report an unknown host by their exit code and a text on stdout.
        if (error && /credentials not found/i.test(stdout)) resolve(undefined);
        else if (error)
          reject(broken(`expected an answer of ${command}, it failed (${error.code ?? 'killed'})`, path));
        else resolve(stdout);
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function broken(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_REFUSED',
    message: `the credentials for the registry cannot be read: ${message}`,
    where,
    remedy: 'log in again with `docker login` or `podman login`, or fix the file',
    cause,
  });
}
