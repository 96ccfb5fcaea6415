import { reachable } from '../acts/reachable.ts';
import { createHttp } from '../io/http/create-http.ts';
import { readAtMost } from '../io/read-at-most.ts';
import { type Environment, pathMatcher, ScapfeedError } from '../model/index.ts';
import { listRepositories, listTags, type NameList } from '../registry/list-names.ts';
import { openRepository } from '../registry/open-repository.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { OptionValues } from './option.ts';
import { readAuthorities, type registryOptions } from './options/registry-access.ts';

/** Limits on what one registry may add: a fleet of a hundred thousand tags is somebody's mistake. */
const maxTags = 10_000;
const maxRepositories = 1_000;
/** The inventories of some hundred hosts; a text cannot have much more than twice as much. */
const longestFile = 256 << 20;

/** Images that a registry has; `cut`: what was left out. */
export interface RegistryImages {
  references: string[];
  cut: string[];
}

/** `HOST`, `HOST/PREFIX` or `HOST/NAME`: the tags of every repository below it that match a glob. */
export async function registryImages(
  place: string,
  tags: string,
  options: OptionValues<typeof registryOptions>,
  env: Environment,
): Promise<RegistryImages> {
  const [host = '', ...parts] = place.split('/');
  const prefix = parts.join('/');
  const ca = options['ca-file'];
  const http = createHttp({ env, ...(ca !== undefined && { ca: readAuthorities(ca) }) });
  const isWanted = pathMatcher([tags]);
  const clientOf = (name: string): RegistryClient =>
    openRepository(
      { host, name },
      { http, env, insecure: options['insecure-registry']?.includes(host) ?? false, may: 'pull', subject },
    );
  try {
    return await reachable(place, async () => {
      const { names, cut } = await repositoriesBelow(clientOf, prefix);
      const references: string[] = [];
      const left = cut ? [`more than ${maxRepositories} repositories below ${place}`] : [];
      for (const name of names) {
        const room = maxTags - references.length;
        const found: NameList = await listTags(clientOf(name), room, isWanted);
        references.push(...found.names.map((tag) => `${host}/${name}:${tag}`));
        if (found.cut) left.push(`more than ${maxTags} tags below ${place}, at ${name}`);
        if (references.length >= maxTags) break;
      }
      return { references, cut: left };
    });
  } finally {
    await http.close();
  }
}

const subject = {
  noun: 'registry',
  notFound: 'IMAGE_NOT_FOUND',
  tooLarge: 'IMAGE_LIMIT_EXCEEDED',
  login: 'log in with `docker login` or `podman login` as a user who may list it',
} as const;

/** A repository by its whole name needs no catalog, which many registries do not show. */
async function repositoriesBelow(
  clientOf: (name: string) => RegistryClient,
  prefix: string,
): Promise<NameList> {
  if (prefix !== '') {
    const own = await listTags(clientOf(prefix), 1, () => true).catch(() => undefined);
    if (own && own.names.length > 0) return { names: [prefix], cut: false };
  }
  const isBelow = (name: string) => prefix === '' || name === prefix || name.startsWith(`${prefix}/`);
  return listRepositories(clientOf(prefix === '' ? '_' : prefix), maxRepositories, isBelow);
}

/** A list of references, one a line; `#` begins a comment. */
export function readImageList(file: string): string[] {
  return readGiven(file)
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The images of `kubectl get pods -A -o json`: by the digest that runs where the cluster tells it, otherwise by name. */
export function readClusterImages(file: string): string[] {
  const document = parsed(file);
  const pods = membersOf(document, 'items');
  if (pods.length === 0) throw notCluster(file);
  const images = pods.flatMap((pod) => {
    const spec = memberOf(pod, 'spec');
    const kinds = ['containers', 'initContainers', 'ephemeralContainers'];
    return kinds.flatMap((kind) => membersOf(spec, kind)).map((container) => memberOf(container, 'image'));
  });
  const named = images.filter((image) => typeof image === 'string' && image !== '');
  return [...new Set(named as string[])].sort();
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readGiven(file));
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw notCluster(file, cause);
  }
}

function notCluster(where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: 'expected a list of pods, found something else',
    where,
    remedy: 'write it with `kubectl get pods -A -o json`',
    ...(cause === undefined ? {} : { cause }),
  });
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function membersOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}

/** A file, or the standard input for `-`. */
export function readGiven(file: string): string {
  try {
    return readAtMost(file, longestFile).toString('utf8');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: file === '-' ? 'stdin' : file,
      remedy: 'name a readable file; export and import a large fleet in parts',
      cause,
    });
  }
}
