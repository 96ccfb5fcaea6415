import { readAll } from '../io/bytes.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { ScapfeedError } from '../model/error.ts';
import type { RegistryClient } from './registry-client.ts';

/** Limits on what a registry may list, and on one page of it. */
const maxPageBytes = 8 * 1024 * 1024;
const pageSize = 1000;
const maxPages = 200;

/** Names that a registry listed; `cut`: there are more, which were not asked for. */
export interface NameList {
  names: string[];
  cut: boolean;
}

/** The tags of a repository, at most `most` that are `wanted`. */
export function listTags(
  client: RegistryClient,
  most: number,
  wanted: (tag: string) => boolean,
): Promise<NameList> {
  return listNames(client, `${client.base}/tags/list?n=${pageSize}`, 'tags', most, wanted);
}

/** The repositories of a registry, at most `most` that are `wanted`. Not every registry lists them. */
export function listRepositories(
  client: RegistryClient,
  most: number,
  wanted: (name: string) => boolean,
): Promise<NameList> {
  const url = new URL(`/v2/_catalog?n=${pageSize}`, client.base).href;
  return listNames(client, url, 'repositories', most, wanted);
}

async function listNames(
  client: RegistryClient,
  start: string,
  member: 'tags' | 'repositories',
  most: number,
  wanted: (name: string) => boolean,
): Promise<NameList> {
  const names = new Set<string>();
  let url: string | undefined = start;
  for (let page = 0; url !== undefined; page++) {
    if (page === maxPages) return { names: [...names].sort(), cut: true };
    const { found, next }: { found: string[]; next: string | undefined } = await readPage(
      client,
      url,
      member,
    );
    for (const name of found) {
      if (!wanted(name)) continue;
      if (names.size === most && !names.has(name)) return { names: [...names].sort(), cut: true };
      names.add(name);
    }
    url = next;
  }
  return { names: [...names].sort(), cut: false };
}

async function readPage(
  client: RegistryClient,
  url: string,
  member: 'tags' | 'repositories',
): Promise<{ found: string[]; next: string | undefined }> {
  const answer = await client.request(url, { headers: { accept: 'application/json' } });
  if (answer.status !== 200) {
    await answer.discard();
    throw client.unexpected(answer, url);
  }
  const bytes = await readAll(answer.body, {
    maxBytes: maxPageBytes,
    code: client.subject.tooLarge,
    where: url,
  });
  const found = textsOf(bytes, member);
  if (!found) {
    throw new ScapfeedError({
      code: 'FETCH_FAILED',
      message: `expected a list of ${member}, the registry answered something else`,
      where: url,
      remedy: 'check that the address is that of a registry, and the login',
    });
  }
  return { found, next: nextPage(answer.headers['link'], url) };
}

/**
 * Texts of a member of a registry's JSON; null, as of a repository without tags, is an empty list. Undefined: the answer is
 * something else, such as a login page, which must not count as a registry without entries.
 */
function textsOf(bytes: Buffer, member: string): string[] | undefined {
  let document: unknown;
  try {
    document = parseForeignJson(bytes);
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, member)) return undefined;
  const list = (document as Record<string, unknown>)[member] ?? [];
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : undefined;
}

/** `Link: </v2/...>; rel="next"`, on the same server only. */
export function nextPage(link: string | undefined, current: string): string | undefined {
  const [, target] = /<([^<>]+)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? [];
  if (target === undefined || !URL.canParse(target, current)) return undefined;
  const url = new URL(target, current);
  return url.origin === new URL(current).origin ? url.href : undefined;
}
