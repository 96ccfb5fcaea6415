import { ScapfeedError } from '../model/index.ts';
import { type RepositoryReference, readRepositoryReference, repositoryName } from '../registry/reference.ts';

/** What a user names as an image. */
export type Reference =
  | { kind: 'dir'; path: string }
  | { kind: 'docker-archive' | 'oci' | 'oci-archive'; path: string; tag?: string }
  /** A tar whose content tells whether it is an image archive or a plain root file system. */
  | { kind: 'tar'; path: string }
  | RegistryReference
  | EngineReference
  | { kind: 'stdin' };

export interface RegistryReference extends RepositoryReference {
  kind: 'registry';
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
      return `registry:${repositoryName(reference)}`;
    default:
      return `${reference.kind}:${reference.path}${reference.tag === undefined ? '' : `:${reference.tag}`}`;
  }
}

/** The path ends at the first colon, as skopeo has it: paths with a colon cannot be named this way. */
function parseTagged(kind: (typeof taggedSchemes)[number], rest: string, text: string): Reference {
  const colon = rest.indexOf(':');
  const path = required(colon === -1 ? rest : rest.slice(0, colon), text, 'a path');
  const tag = colon === -1 ? '' : rest.slice(colon + 1);
  return tag === '' ? { kind, path } : { kind, path, tag };
}

/** A place in a registry. */
export function parseRegistryReference(text: string): RegistryReference {
  const reference = readRepositoryReference(text);
  if ('problem' in reference) throw invalid(text, reference.problem);
  return { kind: 'registry', ...reference };
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
