import { type OsRelease, type PackageUrl, parsePackageUrl, qualifier } from '../model/index.ts';
import { readRepositoryReference } from '../registry/reference.ts';
import { digestOf, identityOf, isImageUrl, versionOfCpe } from './identity.ts';
import { type Miss, missLevels } from './match-package.ts';
import { productText, type VexProduct } from './statement.ts';

/** The known identity of an image. */
export interface ImageIdentity {
  /** As results name it: `registry:docker.io/library/debian:12`, `oci:DIR:tag`. */
  reference: string;
  digest?: string;
  architecture?: string;
  os: OsRelease | null;
}

/** Whether a product can only be an image, a system or a file: then it is not compared with packages. */
export function isImageProduct({ ids, hashes = [], cpes = [] }: VexProduct): boolean {
  if (ids.length === 0) return hashes.length > 0 || cpes.length > 0;
  return ids.every((id) => {
    const purl = parsePackageUrl(id);
    return purl === undefined || isImageUrl(purl);
  });
}

/**
 * Undefined: the product is the image, by its digest, its name or the system that it is. `inDoubt`: the answer where its identifiers
 * contradict each other, which is no match for a statement that clears and one for all others.
 */
export function missOfImage(product: VexProduct, image: ImageIdentity, inDoubt: boolean): Miss | undefined {
  const miss = missOfAny(product, image, inDoubt);
  if (miss || inDoubt) return miss;
  const { fault, version } = identityOf(product);
  if (fault !== undefined) return { level: missLevels.identity, why: fault };
  if (version !== undefined) return missOfDigest(version, image);
  if (!product.ids.some((id) => parsePackageUrl(id) !== undefined)) return undefined;
  // The version of an application in an image is not known.
  const cpe = product.cpes?.find((each) => versionOfCpe(each) && !isSystem(each, image.os));
  return cpe === undefined
    ? undefined
    : { level: missLevels.version, why: `the image is not known as ${cpe}` };
}

/** A name or a system is less exact than a package URL: a product with one is not cleared by them alone. */
function missOfAny(product: VexProduct, image: ImageIdentity, inDoubt: boolean): Miss | undefined {
  const isUrl = product.ids.some((id) => parsePackageUrl(id) !== undefined);
  const isEnough = (id: string) =>
    inDoubt || !isUrl || parsePackageUrl(id) !== undefined || digestOf(id) !== undefined;
  let nearest: Miss = { level: missLevels.other, why: `${productText(product)} is not this image` };
  for (const id of [...product.ids, ...(product.hashes ?? [])]) {
    const miss = missOfId(id, image);
    if (!miss && isEnough(id)) return undefined;
    if (miss && miss.level >= nearest.level) nearest = miss;
  }
  for (const cpe of product.cpes ?? []) {
    if (isSystem(cpe, image.os) && isEnough(cpe)) return undefined;
    nearest = {
      level: missLevels.image,
      why: `the image is not ${cpe}${image.os?.cpe === undefined ? '' : ` but ${image.os.cpe}`}`,
    };
  }
  return nearest;
}

function missOfId(id: string, image: ImageIdentity): Miss | undefined {
  const purl = parsePackageUrl(id);
  if (purl) {
    return isImageUrl(purl)
      ? missOfOciPurl(purl, image)
      : { level: missLevels.other, why: `${id} is not this image` };
  }
  const digest = digestOf(id);
  if (digest !== undefined) return missOfDigest(`sha256:${digest}`, image);
  const [named, own] = [id, image.reference.replace(/^registry:/, '')].map((text) => fullName(text));
  if (named !== undefined && named === own) return undefined;
  return { level: missLevels.image, why: `the image is ${image.reference}, the statement is about ${id}` };
}

function missOfDigest(digest: string, image: ImageIdentity): Miss | undefined {
  if (digest === image.digest) return undefined;
  return {
    level: missLevels.image,
    why:
      image.digest === undefined
        ? `the digest of ${image.reference} is not known, the statement is about ${digest}`
        : `the image is ${image.digest}, the statement is about ${digest}`,
  };
}

/** `pkg:oci/NAME@sha256:…?repository_url=HOST/PATH[/NAME]&arch=…&tag=…`: what is there must be the image's. */
function missOfOciPurl(purl: PackageUrl, image: ImageIdentity): Miss | undefined {
  const wrong = (what: string, own: string | undefined, told: string): Miss => ({
    level: missLevels.image,
    why: `the image has ${what} ${own ?? 'unknown'}, the statement is about ${told}`,
  });
  if (purl.version !== undefined) {
    const miss = missOfDigest(purl.version.includes(':') ? purl.version : `sha256:${purl.version}`, image);
    if (miss) return miss;
  }
  const own = repositoryOf(image.reference);
  const url = qualifier(purl, 'repository_url');
  // Of a layout or an archive the name is not known; its digest is enough.
  const byDigest = purl.version !== undefined;
  if (url !== undefined && !(byDigest && own === undefined)) {
    const names = [url, `${url.replace(/\/$/, '')}/${purl.name}`].flatMap((text) => repositoryOf(text) ?? []);
    if (own === undefined || !names.includes(own)) return wrong('the repository', own, url);
  } else if (!byDigest && own?.split('/').at(-1) !== purl.name) {
    return wrong('the name', own, purl.name);
  }
  const arch = qualifier(purl, 'arch');
  if (arch !== undefined && image.architecture !== undefined && arch !== image.architecture)
    return wrong('the architecture', image.architecture, arch);
  const tag = qualifier(purl, 'tag');
  const ownTag = tagOf(image.reference);
  if (tag !== undefined && !byDigest && tag !== ownTag) return wrong('the tag', ownTag, tag);
  return undefined;
}

/** `docker.io/library/debian`, for every way to write it; undefined: the reference names no repository. */
function repositoryOf(reference: string): string | undefined {
  if (/^(?!registry:)[a-z-]+:/.test(reference) && !/^[^/]+:\d+\//.test(reference)) return undefined;
  const read = readRepositoryReference(reference.replace(/^registry:/, '').replace(/^https?:\/\//, ''));
  return 'problem' in read ? undefined : `${read.host}/${read.name}`;
}

function tagOf(reference: string): string | undefined {
  const read = readRepositoryReference(reference.replace(/^registry:/, ''));
  return 'problem' in read ? undefined : read.tag;
}

function fullName(text: string): string | undefined {
  const read = readRepositoryReference(text);
  return 'problem' in read ? undefined : `${read.host}/${read.name}:${read.tag}@${read.digest}`;
}

/** `cpe:/o:redhat:enterprise_linux:9::baseos` is the system that os-release names so, its edition apart. */
function isSystem(cpe: string, os: OsRelease | null): boolean {
  const [told, own] = [cpe, os?.cpe ?? ''].map(cpeParts);
  if (!told || !own) return false;
  return (
    told.product === own.product &&
    (own.version === told.version || own.version.startsWith(`${told.version}.`))
  );
}

function cpeParts(cpe: string): { product: string; version: string } | undefined {
  const [, vendor, product, version = ''] =
    /^cpe:(?:\/|2\.3:)[oa]:([^:]+):([^:]+)(?::([^:*]*))?/.exec(cpe) ?? [];
  return product === undefined ? undefined : { product: `${vendor}:${product}`, version };
}
