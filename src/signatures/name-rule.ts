import type { RegistryReference } from '../image/reference.ts';
import { readRepositoryReference } from '../registry/reference.ts';
import { Refused } from './refused.ts';

/** A name that an image was signed under. */
export interface SignedName {
  /** `HOST/NAME`, in full. */
  repository: string;
  /** With the tag or digest that it was written with; undefined: it has none. */
  exact: string | undefined;
}

/** The names in a signature that are accepted for an image. */
export interface NameRule {
  /** For messages: `the name registry.example/app:1`. */
  expected(image: RegistryReference | undefined): string;
  accepts(signed: SignedName, image: RegistryReference | undefined): boolean;
}

/** Undefined: it is no name of an image. A tag that is not there is not `latest`. */
export function readSignedName(text: string): SignedName | undefined {
  const found = readRepositoryReference(text);
  if ('problem' in found) return undefined;
  const { host, name, tag, digest } = found;
  const repository = `${host}/${name}`;
  if (digest !== undefined) return { repository, exact: `${repository}@${digest}` };
  return { repository, exact: text.endsWith(`:${tag}`) ? `${repository}:${tag}` : undefined };
}

/** The name that an image is asked for by: with its digest where it has one, else with its tag. */
export function askedName({ host, name, tag, digest }: RegistryReference): SignedName {
  const repository = `${host}/${name}`;
  const exact = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
  return { repository, exact };
}

/** The name and tag, or name and digest, that the image is asked for by. */
export const exactName: NameRule = {
  expected: (image) => `the name ${image ? askedName(image).exact : '(the image has none)'}`,
  // An image in a folder or a file has no name that a signature could be compared with.
  accepts: ({ exact }, image) =>
    image !== undefined && exact !== undefined && exact === askedName(image).exact,
};

/** As containers/image does by default: the same name and tag; where the image is asked for by digest, the same name. */
export const repoDigestOrExact: NameRule = {
  expected: (image) =>
    image?.digest === undefined ? exactName.expected(image) : `the repository ${askedName(image).repository}`,
  accepts: (signed, image) =>
    image?.digest === undefined
      ? exactName.accepts(signed, image)
      : signed.repository === askedName(image).repository,
};

/** Refused: SIGNS_OTHER_NAME; also what names nothing, as bundles do. */
export function requireName(
  rule: NameRule,
  signed: string | undefined,
  image: RegistryReference | undefined,
): void {
  const name = signed === undefined ? undefined : readSignedName(signed);
  if (name && rule.accepts(name, image)) return;
  const found = signed ?? 'a signature that names no image';
  throw new Refused('SIGNS_OTHER_NAME', `expected ${rule.expected(image)}, found ${found.slice(0, 500)}`);
}
