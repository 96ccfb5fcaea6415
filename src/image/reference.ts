import { ScapfeedError } from '../model/index.ts';
import { isDigest } from './manifest/digest.ts';

/** What a user names as an image. */
export type Reference =
  | { kind: 'dir'; path: string }
  | { kind: 'docker-archive' | 'oci' | 'oci-archive'; path: string; tag?: string }
  /** A tar whose content tells whether it is an image archive or a plain root file system. */
  | { kind: 'tar'; path: string }
  | RegistryReference
  | EngineReference
  | { kind: 'stdin' };

export interface RegistryReference {
  kind: 'registry';
  /** With its port; `docker.io` for names without one. */
  host: string;
  name: string;
  tag?: string;
  digest?: string;
}

/** An image in a container engine, or a container of one. */
export interface EngineReference {
  kind: 'docker' | 'podman' | 'container';
  name: string;
}

const forms = 'dir:, docker-archive:, oci:, oci-archive:, tar:, registry:, docker:, podman:, container: or -';

/** Schemes whose path may be followed by `:tag`. */
const taggedSchemes = ['docker-archive', 'oci', 'oci-archive'] as const;

/**
 * A reference by its scheme; without one, the name of an image in a registry. Whether a bare word is a path that
 * exists is not looked at here. Errors: IMAGE_REFERENCE_INVALID.
 */
export function parseReference(text: string): Reference {
  if (text === '-') return { kind: 'stdin' };
  const [, scheme = '', rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  if (scheme === 'dir' || scheme === 'tar') return { kind: scheme, path: required(rest, text, 'a path') };
  if (scheme === 'docker' || scheme === 'podman' || scheme === 'container') {
    return { kind: scheme, name: engineName(rest.replace(/^\/\//, ''), text) };
  }
  if (scheme === 'registry') return parseRegistryReference(rest.replace(/^\/\//, ''));
  for (const tagged of taggedSchemes) if (scheme === tagged) return parseTagged(tagged, rest, text);
  return parseRegistryReference(text);
}

/** The reference in explicit form, as results name it. */
export function referenceText(reference: Reference): string {
  switch (reference.kind) {
    case 'stdin':
      return '-';
    case 'dir':
    case 'tar':
      return `${reference.kind}:${reference.path}`;
    case 'docker':
    case 'podman':
    case 'container':
      return `${reference.kind}:${reference.name}`;
    case 'registry':
      return `registry:${registryName(reference)}`;
    default:
      return `${reference.kind}:${reference.path}${reference.tag === undefined ? '' : `:${reference.tag}`}`;
  }
}

/** `docker.io/library/debian:12`, as other tools write it. */
export function registryName({ host, name, tag, digest }: RegistryReference): string {
  return `${host}/${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The path ends at the first colon, as skopeo has it: paths with a colon cannot be named this way. */
function parseTagged(kind: (typeof taggedSchemes)[number], rest: string, text: string): Reference {
  const colon = rest.indexOf(':');
  const path = required(colon === -1 ? rest : rest.slice(0, colon), text, 'a path');
  const tag = colon === -1 ? '' : rest.slice(colon + 1);
  return tag === '' ? { kind, path } : { kind, path, tag };
}

// The grammar of names: https://github.com/distribution/reference, and "Pulling manifests" of the distribution spec.
const hostPattern = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?$/;
const namePattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const maxName = 255;

/** `HOST/NAME[:tag][@digest]`; without a host docker.io, and `library/` for its names of one part. */
export function parseRegistryReference(text: string): RegistryReference {
  const [beforeDigest = '', digest, ...more] = text.split('@');
  const colon = beforeDigest.lastIndexOf(':');
  const hasTag = colon > beforeDigest.lastIndexOf('/');
  const path = hasTag ? beforeDigest.slice(0, colon) : beforeDigest;
  const tag = hasTag ? beforeDigest.slice(colon + 1) : undefined;
  const { host, name } = splitHost(path);
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw invalid(text, `expected a digest sha256:HEX, found ${JSON.stringify([digest, ...more].join('@'))}`);
  }
  if (tag !== undefined && !tagPattern.test(tag))
    throw invalid(text, `expected a tag, found ${JSON.stringify(tag)}`);
  if (!hostPattern.test(host)) throw invalid(text, `expected a host, found ${JSON.stringify(host)}`);
  if (!namePattern.test(name) || name.length > maxName) {
    throw invalid(text, `expected the name of an image in lower case, found ${JSON.stringify(name)}`);
  }
  const pinned =
    digest === undefined ? { tag: tag ?? 'latest' } : { ...(tag !== undefined && { tag }), digest };
  return { kind: 'registry', host, name, ...pinned };
}

/** The first part is a host when it could be no name: it has a dot, a port or capitals, or is `localhost`. */
function splitHost(path: string): { host: string; name: string } {
  const slash = path.indexOf('/');
  const first = slash === -1 ? '' : path.slice(0, slash);
  const isHost = /[.:A-Z]/.test(first) || first === 'localhost';
  const host = isHost ? first : 'docker.io';
  const name = isHost ? path.slice(slash + 1) : path;
  if (host !== 'docker.io' && host !== 'index.docker.io') return { host, name };
  return { host: 'docker.io', name: name.includes('/') ? name : `library/${name}` };
}

/** Names and ids of engines; the name becomes a part of an address, where it must not lead elsewhere. */
function engineName(name: string, text: string): string {
  if (/^[A-Za-z0-9][\w./:@-]*$/.test(name) && !name.split('/').some((part) => /^\.*$/.test(part)))
    return name;
  throw invalid(text, `expected the name of an image or container, found ${JSON.stringify(name)}`);
}

function required(value: string, text: string, what: string): string {
  if (value === '') throw invalid(text, `expected ${what} after the colon, found nothing`);
  return value;
}

function invalid(text: string, message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message,
    where: text,
    remedy: `name an image as HOST/NAME:TAG, an existing path, or by one of ${forms}`,
  });
}
