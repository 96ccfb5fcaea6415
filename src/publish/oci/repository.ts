import { createHttp } from '../../io/http/create-http.ts';
import type { HttpOptions } from '../../io/http/http.ts';
import { ScapfeedError } from '../../model/error.ts';
import { openRepository } from '../../registry/open-repository.ts';
import { usesPlainHttp } from '../../registry/plain-http.ts';
import {
  type RepositoryReference,
  readRepositoryReference,
  repositoryName,
} from '../../registry/reference.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';

export interface RegistryAccess {
  http?: HttpOptions;
  /** Hosts for which plain http is used; and for loopback hosts without TLS, unless a CA file is given. */
  insecure?: readonly string[];
}

/** The location of a feed in a registry. */
export interface FeedRepository {
  /** `oci://HOST/NAME:TAG` */
  name: string;
  /** Tag or digest of the feed. */
  reference: string;
  client: RegistryClient;
  close(): Promise<void>;
}

export function isOci(place: string): boolean {
  return place.startsWith('oci://');
}

/** Parses `oci://HOST/NAME[:tag]` or, for reading, `@digest`. No request is sent yet. @throws USAGE */
export async function openFeedRepository(
  place: string,
  { http = {}, insecure = [] }: RegistryAccess,
  may: 'pull' | 'push',
): Promise<FeedRepository> {
  const read = readReference(place);
  const found = may === 'push' ? requireTag(read, place) : read;
  const { host } = found;
  const isPlain = await usesPlainHttp(host, { insecure, ca: http.ca });
  const agent = createHttp(http);
  const client = openRepository(found, {
    http: agent,
    env: http.env ?? process.env,
    insecure: isPlain,
    plainHosts: insecure,
    may,
    subject: {
      noun: 'feed',
      notFound: 'FETCH_NOT_FOUND',
      tooLarge: 'FETCH_TOO_LARGE',
      login: `log in with \`docker login ${host}\` or \`podman login ${host}\` as a user who may ${may} there`,
    },
  });
  return {
    name: `oci://${repositoryName(found)}`,
    reference: found.digest ?? found.tag!,
    client,
    close: () => agent.close(),
  };
}

/** Converts `oci://HOST:PORT/NAME:TAG` to path parts that are unique to the feed. @throws USAGE */
export function feedPath(place: string): string[] {
  const { host, name, tag } = requireTag(readReference(place), place);
  return [host.replaceAll(':', '_'), name.replaceAll('/', '+'), tag];
}

function requireTag(found: RepositoryReference, place: string): RepositoryReference & { tag: string } {
  const { tag, digest } = found;
  if (tag !== undefined && digest === undefined) return { ...found, tag };
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'expected a tag to publish under, found a digest',
    where: place,
    remedy: 'write it as oci://HOST/NAME:TAG',
  });
}

function readReference(place: string): RepositoryReference {
  const found = readRepositoryReference(place.slice('oci://'.length));
  if (!('problem' in found)) return found;
  throw new ScapfeedError({
    code: 'USAGE',
    message: found.problem,
    where: place,
    remedy: 'write it as oci://HOST/NAME:TAG, as oci://registry.example/feeds/debian:latest',
  });
}
