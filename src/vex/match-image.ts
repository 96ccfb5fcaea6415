import { type OsRelease, type PackageUrl, parsePackageUrl, qualifier } from '../model/inventory/index.ts';
import { readRepositoryReference } from '../registry/reference.ts';
import { cpeHolds, isOfSystem, isSystem, namesSystem } from './cpe.ts';
import { digestOf, identityOf, isImageUrl, tagOfUrl } from './identity.ts';
import { type Miss, missLevels, versionsText } from './match-package.ts';
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
 * Whether a product is the system, in its version, that all package URLs of a part name by their `distro`, and nothing else. `inDoubt`: it may
 * be that of the image, too.
 */
export function isSystemOf(
  product: VexProduct,
  part: VexProduct,
  { os }: ImageIdentity,
  inDoubt: boolean,
): boolean {
  const { ids, cpes = [] } = product;
  if (inDoubt) return cpes.some((cpe) => namesSystem(cpe, os?.id, os?.versionId, true));
  const isSystemAlone = ids.length === 0 && cpes.length > 0 && Object.keys(product).every(isOfCpeAlone);
  const distros = part.ids.map((id) => {
    const purl = parsePackageUrl(id);
    return /^(.+)-([^-]+)$/.exec((purl && qualifier(purl, 'distro')) ?? '') ?? [];
  });
  return (
    isSystemAlone && cpes.every((cpe) => distros.every(([, id, version]) => namesSystem(cpe, id, version)))
  );
}

const isOfCpeAlone = (member: string) => ['ids', 'cpes', 'name'].includes(member);

/**
 * Undefined: the product is the image, by its digest, its name or the system that it is, and what else is stated of it holds.
 * `inDoubt`: any of it is enough, for statements that do not clear.
 */
export function missOfImage(product: VexProduct, image: ImageIdentity, inDoubt: boolean): Miss | undefined {
  const miss = missOfAny(product, image, inDoubt);
  if (miss || inDoubt) return miss;
  const { fault, version } = identityOf(product);
  if (fault !== undefined) return { level: missLevels.identity, why: fault };
  const { arch } = product;
  if (arch !== undefined && arch !== image.architecture)
    return missOf('the architecture', image.architecture, arch);
  const { hashes = [], cpes = [] } = product;
  const digest = version ?? hashes.find((hash) => hash === image.digest) ?? hashes[0];
  const other = digest === undefined ? undefined : missOfDigest(digest, image);
  if (other) return other;
  const rules = [
    ...(product.versions === undefined ? [] : [product.versions]),
    ...(product.version === undefined || digest !== undefined ? [] : [[{ version: product.version }]]),
  ];
  const names = versionsOfImage(product, image);
  const rule = rules.find((each) => !each.some((one) => 'version' in one && names.includes(one.version)));
  if (rule)
    return { level: missLevels.version, why: `the image is not known as one of ${versionsText(rule)}` };
  // The version of an application in an image is not known; a digest is that of one.
  const cpe = cpes.find((each) => !cpeHolds(each, image, () => digest !== undefined));
  return cpe === undefined ? undefined : missOfCpe(cpe, image);
}

function versionsOfImage({ ids }: VexProduct, { digest, reference, os }: ImageIdentity): unknown[] {
  return [digest, tagOf(reference), ...(ids.length > 0 ? [] : [os?.versionId, os?.pointRelease])];
}

function missOfCpe(cpe: string, { os }: ImageIdentity): Miss {
  if (!isOfSystem(cpe)) return { level: missLevels.version, why: `the image is not known as ${cpe}` };
  const own = os?.cpe === undefined ? '' : ` but ${os.cpe}`;
  return { level: missLevels.image, why: `the image is not ${cpe}${own}` };
}

/** A name or a system is less exact than a package URL: a product with one is not cleared by them alone. */
function missOfAny(product: VexProduct, image: ImageIdentity, inDoubt: boolean): Miss | undefined {
  const isUrl = product.ids.some((id) => parsePackageUrl(id) !== undefined);
  const isEnough = (id: string) =>
    inDoubt || !isUrl || parsePackageUrl(id) !== undefined || digestOf(id) !== undefined;
  let nearest: Miss = { level: missLevels.other, why: `${productText(product)} is not this image` };
  for (const id of [...product.ids, ...(product.hashes ?? [])]) {
    const miss = missOfId(id, image, inDoubt) ?? (inDoubt ? undefined : missOfOthers(id, product, image));
    if (!miss && isEnough(id)) return undefined;
    if (miss && miss.level >= nearest.level) nearest = miss;
  }
  for (const cpe of product.cpes ?? []) {
    if (isSystem(cpe, image, inDoubt) && isEnough(cpe)) return undefined;
    nearest = { ...missOfCpe(cpe, image), level: missLevels.image };
  }
  return nearest;
}

/** Facts that a package URL leaves open and other identifiers of the image state: of each, one must hold. */
function missOfOthers(id: string, { ids, others = [] }: VexProduct, image: ImageIdentity): Miss | undefined {
  const purl = parsePackageUrl(id);
  if (purl === undefined) return undefined;
  const all = [...ids, ...others];
  const names = all.filter(
    (each) => parsePackageUrl(each) === undefined && /^[\w.-]+(?::\d+)?\/|:[\w.-]+$/.test(each),
  );
  const misses = names.map((each) => missOfId(each, image, false));
  if (misses.length > 0 && misses.every((each) => each)) return misses[0];
  const stated = all.flatMap((each) => parsePackageUrl(each)?.qualifiers ?? []);
  const open = new Set(stated.map(([name]) => name));
  for (const [name] of purl.qualifiers) open.delete(name);
  for (const name of open) {
    const choices = stated.filter(([each]) => each === name);
    const faults = choices.map((each) =>
      missOfOciPurl({ ...purl, qualifiers: [...purl.qualifiers, each] }, image, false),
    );
    if (faults.every((each) => each)) return faults[0];
  }
  return undefined;
}

function missOfId(id: string, image: ImageIdentity, inDoubt: boolean): Miss | undefined {
  const purl = parsePackageUrl(id);
  if (purl) {
    return isImageUrl(purl)
      ? missOfOciPurl(purl, image, inDoubt)
      : { level: missLevels.other, why: `${id} is not this image` };
  }
  const digest = digestOf(id);
  if (digest !== undefined) return missOfDigest(digest, image);
  if (id === image.reference) return undefined;
  const [named, own] = [id, image.reference].map((text) => fullName(text.replace(/^registry:/, '')));
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

/** Qualifiers of an image's package URL that can be confirmed. */
const confirmed: ReadonlySet<string> = new Set(['repository_url', 'arch', 'tag']);

function missOf(what: string, own: string | undefined, stated: string): Miss {
  return {
    level: missLevels.image,
    why: `the image has ${what} ${own ?? 'unknown'}, the statement is about ${stated}`,
  };
}

/** `pkg:oci/NAME@sha256:…?repository_url=HOST/PATH[/NAME]&arch=…&tag=…`: what is there must be the image's. */
function missOfOciPurl(purl: PackageUrl, image: ImageIdentity, inDoubt: boolean): Miss | undefined {
  const digest = tagOfUrl(purl) === undefined ? purl.version : undefined;
  if (digest !== undefined) {
    const miss = missOfDigest(digest.includes(':') ? digest : `sha256:${digest}`, image);
    if (miss) return miss;
  }
  const byDigest = digest !== undefined;
  const own = repositoryOf(image.reference);
  const url = qualifier(purl, 'repository_url')?.replace(/\/$/, '');
  const name = purl.namespace === undefined ? purl.name : `${purl.namespace}/${purl.name}`;
  // Of a layout or an archive the name is not known; its digest is enough.
  if (url !== undefined && !(byDigest && own === undefined)) {
    // The specification has the whole repository there; Grype leaves out the name.
    const named = `/${url}`.endsWith(`/${name}`) ? url : `${url}/${name}`;
    const asWritten = inDoubt ? [named, url] : [named];
    if (own === undefined || !asWritten.some((text) => repositoryOf(text) === own))
      return missOf('the repository', own, url);
  } else if (!byDigest && !`/${own}`.endsWith(`/${name}`)) return missOf('the name', own, name);
  const arch = qualifier(purl, 'arch');
  const isArch =
    arch === undefined || arch === image.architecture || (inDoubt && image.architecture === undefined);
  if (!isArch) return missOf('the architecture', image.architecture, arch);
  const ownTag = tagOf(image.reference);
  const tags = [tagOfUrl(purl), qualifier(purl, 'tag')];
  const tag = tags.find((each) => each !== undefined && !byDigest && each !== ownTag);
  if (tag !== undefined) return missOf('the tag', ownTag, tag);
  const other = inDoubt ? undefined : purl.qualifiers.find(([each]) => !confirmed.has(each));
  return other && { level: missLevels.qualifier, why: `the qualifier ${other[0]} cannot be confirmed` };
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
