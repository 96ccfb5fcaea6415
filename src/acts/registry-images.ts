import { createHttp } from '../io/http/create-http.ts';
import { type Environment, pathMatcher, ScapfeedError } from '../model/index.ts';
import { listRepositories, listTags, type NameList } from '../registry/list-names.ts';
import { openRepository } from '../registry/open-repository.ts';
import { readRegistryPlace, readRepositoryReference } from '../registry/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { plural } from '../report/text-table.ts';
import { reachable } from './reachable.ts';

/** Limits on what one registry may add: a fleet of a hundred thousand tags is somebody's mistake. */
const maxTags = 10_000;
const maxRepositories = 1_000;
/** How registries are reached. */
export interface RegistryReach {
  env: Environment;
  /** PEM text of authorities that are trusted too. */
  ca?: string;
  /** Hosts for which plain http is used. */
  insecure: readonly string[];
}

/** Images that a registry has; `cut`: what was left out. */
export interface RegistryImages {
  references: string[];
  cut: string[];
}

/** `HOST`, `HOST/PREFIX` or `HOST/NAME`: the tags of every repository below it that match a glob. */
export async function registryImages(
  place: string,
  tags: string,
  { env, ca, insecure }: RegistryReach,
): Promise<RegistryImages> {
  const { host, prefix } = requireRegistryPlace(place);
  const http = createHttp({ env, ...(ca !== undefined && { ca }) });
  const isWanted = pathMatcher([tags]);
  const clientOf = (name: string): RegistryClient =>
    openRepository({ host, name }, { http, env, insecure: insecure.includes(host), may: 'pull', subject });
  try {
    return await reachable(
      place,
      async () => {
        const { names, cut } = await repositoriesBelow(clientOf, prefix);
        const references: string[] = [];
        const left = cut ? [`more than ${maxRepositories} repositories below ${place}`] : [];
        for (const name of names) {
          const room = maxTags - references.length;
          const found: NameList = await listTags(clientOf(name), room, isWanted);
          const images = found.names.map((tag) => `${host}/${name}:${tag}`);
          const named = images.filter((image) => !('problem' in readRepositoryReference(image)));
          references.push(...named);
          if (named.length < images.length)
            left.push(`${plural(images.length - named.length, 'name')} that no image can have, at ${name}`);
          if (found.cut) left.push(`more than ${maxTags} tags below ${place}, at ${name}`);
          // Full with its last tag: whether more are left, the next repository tells.
          if (found.cut && references.length >= maxTags) break;
        }
        return { references, cut: left };
      },
      'the registry cannot be listed',
    );
  } finally {
    await http.close();
  }
}

/** The parts of `HOST[/PREFIX]`. @throws IMAGE_REFERENCE_INVALID */
export function requireRegistryPlace(place: string): { host: string; prefix: string } {
  const read = readRegistryPlace(place);
  if (!('problem' in read)) return read;
  throw new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: read.problem,
    where: place,
    remedy: 'write it as registry.example or registry.example/team',
  });
}

const subject = {
  noun: 'repository',
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
  // A name that no repository can have would be another path of the server.
  const isBelow = (name: string) =>
    !('problem' in readRegistryPlace(`registry.example/${name}`)) &&
    (prefix === '' || name === prefix || name.startsWith(`${prefix}/`));
  return listRepositories(clientOf(prefix === '' ? '_' : prefix), maxRepositories, isBelow);
}
