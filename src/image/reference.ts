import { ScapfeedError } from '../model/error.ts';
import { type RepositoryReference, readRepositoryReference, repositoryName } from '../registry/reference.ts';

/** A reference to an image. */
export type ImageReference =
  | { kind: 'dir'; path: string }
  | { kind: 'docker-archive' | 'oci' | 'oci-archive'; path: string; tag?: string }
  /** A tar that is an image archive or a root file system, by its content. */
  | { kind: 'tar'; path: string }
  | RegistryReference
  | EngineReference
  /** A document about an image; it has no files, and `openImage` refuses it. */
  | { kind: 'sbom'; path: string }
  | { kind: 'stdin' };

export interface RegistryReference extends RepositoryReference {
  kind: 'registry';
}

/** An image in a container engine, or a container of one. */
export interface EngineReference {
  kind: 'docker' | 'podman' | 'container';
  name: string;
}

export type ReferenceKind = ImageReference['kind'];

/** The syntax of one kind of reference. */
interface ReferenceForm<Kind extends ReferenceKind = ReferenceKind> {
  /** As `--help` shows it. */
  form: string;
  /** Description for `--help`. */
  help: string;
  /** The required kind of file at its path. */
  needs?: 'file' | 'directory';
  /** `rest`: what follows the colon of the whole text. Errors: IMAGE_REFERENCE_INVALID. */
  parse(rest: string, text: string): ImageReference & { kind: Kind };
}

/**
 * Every kind of reference by its scheme, in the order of `--help`. `open-layered-image.ts` opens each of them; the compiler
 * checks that none is missing there.
 */
const referenceForms: { readonly [Kind in Exclude<ReferenceKind, 'stdin'>]: ReferenceForm<Kind> } = {
  dir: {
    form: 'dir:PATH',
    help: 'a root file system; / is this machine',
    needs: 'directory',
    parse: (rest, text) => ({ kind: 'dir', path: required(rest, text) }),
  },
  'docker-archive': {
    form: 'docker-archive:FILE[:TAG]',
    help: 'a tar written by `docker save` or `skopeo copy`',
    needs: 'file',
    parse: (rest, text) => ({ kind: 'docker-archive', ...pathAndTag(rest, text) }),
  },
  oci: {
    form: 'oci:DIR[:TAG]',
    help: 'an OCI layout',
    needs: 'directory',
    parse: (rest, text) => ({ kind: 'oci', ...pathAndTag(rest, text) }),
  },
  'oci-archive': {
    form: 'oci-archive:FILE[:TAG]',
    help: 'an OCI layout in a tar',
    needs: 'file',
    parse: (rest, text) => ({ kind: 'oci-archive', ...pathAndTag(rest, text) }),
  },
  tar: {
    form: 'tar:FILE',
    help: 'an image archive or a root file system',
    needs: 'file',
    parse: (rest, text) => ({ kind: 'tar', path: required(rest, text) }),
  },
  registry: {
    form: 'registry:HOST/NAME[:TAG|@DIGEST]',
    help: '',
    parse: (rest) => parseRegistryReference(withoutSlashes(rest)),
  },
  docker: {
    form: 'docker:NAME',
    help: 'an image of Docker, through its socket',
    parse: (rest, text) => ({ kind: 'docker', name: engineName(rest, text) }),
  },
  podman: {
    form: 'podman:NAME',
    help: 'an image of podman, through its socket',
    parse: (rest, text) => ({ kind: 'podman', name: engineName(rest, text) }),
  },
  container: {
    form: 'container:NAME',
    help: "a container's file system; exported, nothing is run",
    parse: (rest, text) => ({ kind: 'container', name: engineName(rest, text) }),
  },
  sbom: {
    form: 'sbom:FILE',
    help: 'an SBOM in place of an image; sbom:- is stdin',
    needs: 'file',
    parse: (rest, text) => ({ kind: 'sbom', path: required(rest, text) }),
  },
};

const stdinForm: Omit<ReferenceForm, 'parse'> = { form: '-', help: 'the same as tar:, on stdin' };

type Scheme = keyof typeof referenceForms;

const schemes = Object.keys(referenceForms) as Scheme[];

/** Kinds of references with files. */
export const kindsWithFiles: readonly ReferenceKind[] = [
  ...schemes.filter((scheme) => scheme !== 'sbom'),
  'stdin',
];

/** Lines for `--help` that list the forms of a reference; default: all. */
export function referenceHelp(kinds: readonly ReferenceKind[] = [...schemes, 'stdin']): string {
  const forms = kinds.map((kind) => (kind === 'stdin' ? stdinForm : referenceForms[kind]));
  return forms.map(({ form, help }) => `  ${form.padEnd(26)} ${help}`.trimEnd()).join('\n');
}

/** True if a text has a scheme, or is stdin. */
export function hasScheme(text: string): boolean {
  return text === '-' || schemes.some((scheme) => text.startsWith(`${scheme}:`));
}

/** The required kind of file at the path of a reference that has one. */
export function neededAt({ kind }: ImageReference): 'file' | 'directory' | undefined {
  return kind === 'stdin' ? undefined : referenceForms[kind].needs;
}

/**
 * Parses a reference by its scheme; without one, it is the name of an image in a registry. Whether it is an existing path is
 * not checked here. @throws IMAGE_REFERENCE_INVALID
 */
export function parseReference(text: string): ImageReference {
  if (text === '-') return { kind: 'stdin' };
  const [, scheme, rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  const known = schemes.find((each) => each === scheme);
  return known ? referenceForms[known].parse(rest, text) : parseRegistryReference(text);
}

/** The reference in explicit form, as results name it. */
export function referenceText(reference: ImageReference): string {
  switch (reference.kind) {
    case 'stdin':
      return '-';
    case 'dir':
    case 'tar':
    case 'sbom':
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

/** The path ends at the first colon, as in skopeo: paths with a colon cannot be given in this form. */
function pathAndTag(rest: string, text: string): { path: string; tag?: string } {
  const colon = rest.indexOf(':');
  const path = required(colon === -1 ? rest : rest.slice(0, colon), text);
  const tag = colon === -1 ? '' : rest.slice(colon + 1);
  return tag === '' ? { path } : { path, tag };
}

/** A place in a registry. */
export function parseRegistryReference(text: string): RegistryReference {
  if (text === '') throw invalid(text, 'expected the name of an image, found nothing');
  const reference = readRepositoryReference(text);
  if ('problem' in reference) throw invalid(text, reference.problem);
  return { kind: 'registry', ...reference };
}

/** Names and ids of engines; the name becomes part of an address and must not change its path. */
function engineName(rest: string, text: string): string {
  const name = withoutSlashes(rest);
  if (/^[A-Za-z0-9][\w./:@-]*$/.test(name) && !name.split('/').some((part) => /^\.*$/.test(part)))
    return name;
  throw invalid(text, `expected the name of an image or container, found ${JSON.stringify(name)}`);
}

/** `docker://NAME` is what skopeo writes. */
function withoutSlashes(rest: string): string {
  return rest.replace(/^\/\//, '');
}

function required(path: string, text: string): string {
  if (path === '') throw invalid(text, 'expected a path after the colon, found nothing');
  return path;
}

function invalid(text: string, message: string): ScapfeedError {
  const forms = schemes.map((scheme) => `${scheme}:`).join(', ');
  return new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message,
    where: text,
    remedy: `specify an image as HOST/NAME:TAG, an existing path, or with one of the prefixes ${forms} or -`,
  });
}
