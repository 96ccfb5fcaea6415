import { createHttp } from '../../io/http/create-http.ts';
import type { Environment } from '../../model/environment.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import { pathMatcher } from '../../model/path-glob.ts';
import { isAttachedTag } from '../../registry/digest.ts';
import { listRepositories, listTags, type NameList } from '../../registry/list-names.ts';
import { openRepository } from '../../registry/open-repository.ts';
import { usesPlainHttp } from '../../registry/plain-http.ts';
import { readRegistryPlace, readRepositoryReference } from '../../registry/reference.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import { plural } from '../../report/text-table.ts';
import { reachable } from '../image/reachable.ts';

/** Limits on what one registry may add: a fleet of a hundred thousand tags is a mistake. */
const maxTags = 10_000;
const maxRepositories = 1_000;
/** Repositories that fail otherwise than by a refusal: then the registry is in trouble, and each further one costs a time-out. */
const mostFailures = 3;

/** Access to registries. */
export interface RegistryReach {
  env: Environment;
  /** PEM text of authorities that are trusted too. */
  ca?: string;
  /** Hosts for which plain http is used, besides loopback hosts without TLS. */
  insecure: readonly string[];
}

/** Images that a registry has; `cut`: what was left out. */
export interface RegistryImages {
  references: string[];
  cut: string[];
}

/** The same, where single repositories could not be listed: what is below them is not known to be gone. */
export interface ListedImages extends RegistryImages {
  /** `HOST/NAME` of each. */
  unlisted: string[];
  /** Why, for those that the registry has. */
  refusals: string[];
  /** Number of tags that were skipped because they are of signatures, attestations and SBOMs. */
  attached: number;
}

/**
 * `HOST`, `HOST/PREFIX` or `HOST/NAME`: the tags of every repository below it that match a glob.
 * @throws {ScapfeedError} IMAGE_UNREACHABLE where the registry, or every repository, refuses
 */
export async function registryImages(
  place: string,
  tags: string,
  { env, ca, insecure }: RegistryReach,
): Promise<ListedImages> {
  const { host, prefix } = requireRegistryPlace(place);
  const isPlain = await usesPlainHttp(host, { insecure, ca });
  const http = createHttp({ env, ...(ca !== undefined && { ca }) });
  const matches = pathMatcher([tags]);
  let attached = 0;
  const isWanted = (tag: string) => {
    if (!matches(tag)) return false;
    if (!isAttachedTag(tag)) return true;
    attached += 1;
    return false;
  };
  const clientOf = (name: string): RegistryClient =>
    openRepository({ host, name }, { http, env, insecure: isPlain, may: 'pull', subject });
  try {
    return await reachable(
      place,
      async () => {
        const { names, cut } = await repositoriesBelow(clientOf, prefix);
        const references: string[] = [];
        const failed = new Failures();
        const left = cut ? [`more than ${maxRepositories} repositories below ${place}`] : [];
        for (const name of names) {
          const room = maxTags - references.length;
          const found = await failed.unless(`${host}/${name}`, () =>
            listTags(clientOf(name), room, isWanted),
          );
          if (found === undefined) continue;
          const images = found.names.map((tag) => `${host}/${name}:${tag}`);
          const named = images.filter((image) => !('problem' in readRepositoryReference(image)));
          references.push(...named);
          if (named.length < images.length)
            left.push(`${plural(images.length - named.length, 'name')} that no image can have, at ${name}`);
          if (found.cut) left.push(`more than ${maxTags} tags below ${place}, at ${name}`);
          // The last tag reached the limit: the next repository shows whether more are left.
          if (found.cut && references.length >= maxTags) break;
        }
        return { references, cut: left, attached, ...failed.reported(references.length === 0) };
      },
      'the registry cannot be listed',
    );
  } finally {
    await http.close();
  }
}

/** Repositories that cannot be listed, which do not keep others from being listed. */
class Failures {
  readonly #unlisted: string[] = [];
  readonly #refused: { repository: string; error: ScapfeedError }[] = [];
  #inTrouble: ScapfeedError | undefined;
  #others = 0;

  /** The result of `list`; undefined: the repository cannot be listed, or none can any more. */
  async unless(repository: string, list: () => Promise<NameList>): Promise<NameList | undefined> {
    try {
      if (this.#inTrouble) throw this.#inTrouble;
      return await list();
    } catch (error) {
      if (!isScapfeedError(error)) throw error;
      this.#unlisted.push(repository);
      // Catalogs keep names of repositories whose images are deleted. Images that were watched there end as not readable.
      if (error.code === subject.notFound) return undefined;
      this.#refused.push({ repository, error });
      if (error.code !== 'FETCH_REFUSED') this.#others += 1;
      if (this.#others >= mostFailures) this.#inTrouble = error;
      return undefined;
    }
  }

  /** @throws the first error if nothing was listed at all */
  reported(isEmpty: boolean): Pick<ListedImages, 'unlisted' | 'refusals'> {
    const [first] = this.#refused;
    if (isEmpty && first) throw first.error;
    const shown = this.#refused.slice(0, 5).map(({ repository, error }) => `${repository}: ${error.message}`);
    const more = this.#refused.length - shown.length;
    return {
      unlisted: this.#unlisted,
      refusals: more > 0 ? [...shown, `and ${more} more of its repositories`] : shown,
    };
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
