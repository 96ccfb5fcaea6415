import { isDigest } from '../io/digest.ts';

/** A reference to a registry; it has a tag, a digest or both. */
export interface RepositoryReference {
  /** With its port; `docker.io` for names without a host. */
  host: string;
  name: string;
  tag?: string;
  digest?: string;
}

// The grammar of names: https://github.com/distribution/reference, and "Pulling manifests" of the distribution spec.
const hostPattern = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?$/;
const namePattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const maxName = 255;

/**
 * `HOST/NAME[:tag][@digest]`; without a host docker.io, and `library/` for its names of one part. `problem`: what was
 * expected and found, as the message of an error.
 */
export function readRepositoryReference(text: string): RepositoryReference | { problem: string } {
  const [beforeDigest = '', digest, ...more] = text.split('@');
  const colon = beforeDigest.lastIndexOf(':');
  const hasTag = colon > beforeDigest.lastIndexOf('/');
  const path = hasTag ? beforeDigest.slice(0, colon) : beforeDigest;
  const tag = hasTag ? beforeDigest.slice(colon + 1) : undefined;
  const { host, name } = splitHost(path);
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    return {
      problem: `expected a digest sha256:HEX, found ${JSON.stringify([digest, ...more].join('@'))}`,
    };
  }
  if (tag !== undefined && !tagPattern.test(tag)) {
    return { problem: `expected a tag, found ${JSON.stringify(tag)}` };
  }
  if (!isHost(host)) return { problem: `expected a host, found ${JSON.stringify(host)}` };
  if (!namePattern.test(name) || name.length > maxName) {
    return { problem: `expected a name in lower case, found ${JSON.stringify(name)}` };
  }
  const pinned =
    digest === undefined ? { tag: tag ?? 'latest' } : { ...(tag !== undefined && { tag }), digest };
  return { host, name, ...pinned };
}

/** `HOST` or `HOST/PREFIX` of a registry, with its port. `problem`: as above. */
export function readRegistryPlace(text: string): { host: string; prefix: string } | { problem: string } {
  const [host = '', ...parts] = text.split('/');
  const prefix = parts.join('/');
  if (!isHost(host)) return { problem: `expected a host, found ${JSON.stringify(host)}` };
  if (parts.length > 0 && (!namePattern.test(prefix) || prefix.length > maxName))
    return { problem: `expected a name in lower case, found ${JSON.stringify(prefix)}` };
  return { host, prefix };
}

/** `docker.io/library/debian:12`, as other tools write it. */
export function repositoryName({ host, name, tag, digest }: RepositoryReference): string {
  return `${host}/${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Of the form of a host, and one that a request can go to: neither `host:99999` nor `256.0.0.1` is. */
function isHost(text: string): boolean {
  return hostPattern.test(text) && URL.canParse(`https://${text}`);
}

/** The first part is a host if it cannot be a name: it has a dot, a port or capitals, or is `localhost`. */
function splitHost(path: string): { host: string; name: string } {
  const slash = path.indexOf('/');
  const first = slash === -1 ? '' : path.slice(0, slash);
  const hasHost = /[.:A-Z]/.test(first) || first === 'localhost';
  const host = hasHost ? first : 'docker.io';
  const name = hasHost ? path.slice(slash + 1) : path;
  if (host !== 'docker.io' && host !== 'index.docker.io') return { host, name };
  return { host: 'docker.io', name: name.includes('/') ? name : `library/${name}` };
}
