import { isObject } from '../../image/manifest/bounded-json.ts';
import { isDigest } from '../../io/digest.ts';
import { type PackageUrl, parsePackageUrl, qualifier } from '../../model/inventory/index.ts';
import { referenceWithoutLogin } from '../../model/login.ts';
import { materialsOf, readStatement, statementType } from './statement.ts';

/** An image that a build used. */
export interface UsedImage {
  /** With its registry, if the statement has one: `debian`, `registry.example/team/base`. */
  repository: string;
  /** Of the manifest or the index that was used: `sha256:HEX`. */
  digest: string;
  tag?: string;
}

/**
 * The images that a verified statement lists as materials of the build, with their digests, in its order: bases of all stages and,
 * as BuildKit writes it, the frontend. One without a digest is left out: its tag may be another image by now.
 * @throws {Refused} SIGNATURE_FORM_UNKNOWN, SIGNATURE_MALFORMED
 */
export function usedImages(statement: Buffer): UsedImage[] {
  const { predicate } = readStatement(statementType, statement);
  return materialsOf(predicate).flatMap(({ uri, digest }): UsedImage[] => {
    if (typeof uri !== 'string') return [];
    const named = nameIn(uri);
    const hex = isObject(digest) ? digest['sha256'] : undefined;
    const known = typeof hex === 'string' ? `sha256:${hex}` : named?.digest;
    return named && known !== undefined && isDigest(known) ? [{ ...named, digest: known }] : [];
  });
}

type Named = Pick<UsedImage, 'repository' | 'tag'> & Partial<Pick<UsedImage, 'digest'>>;

/** By a package URL, as BuildKit writes it, or `oci://NAME[:TAG][@DIGEST]`, as Tekton Chains does. */
function nameIn(uri: string): Named | undefined {
  const purl = parsePackageUrl(uri);
  if (purl) return purl.type === 'docker' || purl.type === 'oci' ? nameOf(purl) : undefined;
  if (!uri.startsWith('oci://')) return undefined;
  const reference = referenceWithoutLogin(uri.slice('oci://'.length));
  const [, repository, tag, digest] = /^([^@]+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(reference) ?? [];
  return repository === undefined ? undefined : named(repository, tag, digest);
}

function nameOf(purl: PackageUrl): Named {
  const { namespace, name, version } = purl;
  const place = qualifier(purl, 'repository_url')?.replace(/^https?:\/\/|\/+$/g, '');
  const own = namespace === undefined ? name : `${namespace}/${name}`;
  const repository =
    place === undefined || (purl.type === 'oci' && place.endsWith(`/${name}`))
      ? (place ?? own)
      : `${place}/${own}`;
  const [tag, digest] = version?.includes(':') ? [undefined, version] : [version, undefined];
  const at = purl.type === 'oci' ? qualifier(purl, 'tag') : tag;
  return named(repository, at, digest ?? qualifier(purl, 'digest'));
}

function named(repository: string, tag: string | undefined, digest: string | undefined): Named {
  return {
    repository: referenceWithoutLogin(repository),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}
