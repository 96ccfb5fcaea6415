import { osIdOf } from '../distros/purl.ts';
import { known } from '../io/json-parts.ts';
import { type PackageUrl, parsePackageUrl, statedVersion } from '../model/inventory/index.ts';
import { isCpe, versionOfCpe } from './cpe.ts';
import type { VexProduct } from './statement.ts';
import { faultOfPurls } from './values.ts';

/** The combined identity of a product, or the reason why its identifiers are unusable. */
export interface Identity {
  namespace?: string;
  version?: string;
  /** Of package URLs without a version, too. */
  epochs?: PackageUrl['qualifiers'];
  /** They contradict each other, or one of them is malformed or cannot be confirmed. */
  fault?: string;
}

/**
 * The identity of a product: what one of its identifiers leaves out another may say, and what two of them say must agree. Qualifiers
 * but the epoch are no part of it: CSAF lists several package URLs of a product where these differ, and any of them is enough.
 */
export function identityOf(product: VexProduct): Identity {
  const { ids, others = [], hashes = [], cpes = [], version: own } = product;
  if (product.fault !== undefined) return { fault: product.fault };
  const texts = [...ids, ...others];
  const faulty = faultOfPurls(texts.filter((text) => /^pkg:/i.test(text)));
  if (faulty !== undefined) return { fault: faulty };
  const noCpe = cpes.find((cpe) => !isCpe(cpe));
  if (noCpe !== undefined) return { fault: `${noCpe.slice(0, 200)} is no CPE` };
  const purls = texts.flatMap((text) => parsePackageUrl(text) ?? []);
  const isImage = purls.every(isImageUrl);
  const digests = texts.flatMap((text) => digestOf(text) ?? []);
  const [unconfirmed] = isImage ? [] : [...hashes, ...digests];
  if (unconfirmed !== undefined)
    return { fault: `its hash ${unconfirmed} cannot be confirmed: no package database has it` };
  const version = isImage ? digests : statedVersion(purls, own);
  const contradicting = [
    purls.map(({ type }) => type),
    purls.flatMap(({ namespace }) => (namespace === undefined ? [] : osIdOf(namespace))),
    purls.map(({ name }) => name),
    typeof version === 'string' ? [] : version,
    versionsOfCpes(cpes, purls),
    purls.flatMap((purl) => tagOfUrl(purl) ?? []),
    // Each is that of another file, and one of them may be the image.
    isImage && !hashes.some((hash) => digests.includes(hash))
      ? [...digests.slice(0, 1), ...hashes.slice(0, 1)]
      : [],
  ].find((values) => new Set(values).size > 1);
  if (contradicting)
    return { fault: `its identifiers contradict each other: ${[...new Set(contradicting)].join(', ')}` };
  const namespace = purls.find((purl) => purl.namespace !== undefined)?.namespace;
  const epochs = purls.flatMap(({ qualifiers }) => qualifiers.filter(([each]) => each === 'epoch'));
  const stated = typeof version === 'string' ? version : version[0];
  return { ...known({ namespace, version: stated }), epochs };
}

/** Versions of a CPE of the package's name and of the package where they differ; the CPE's is that of upstream, the first part. */
function versionsOfCpes(cpes: readonly string[], purls: readonly PackageUrl[]): string[] {
  return cpes.flatMap((cpe) => {
    const { product, version } = versionOfCpe(cpe) ?? {};
    if (version === undefined) return [];
    const other = purls.find(
      (purl) => purl.name === product && !(purl.version ?? version).replace(/^\d+:/, '').startsWith(version),
    );
    return other ? [version, other.version ?? ''] : [];
  });
}

/** Whether a package is of a version of upstream: without epoch and revision, and what Debian adds for a source that it packed again. */
export function isOfUpstream(version: string, upstream: string): boolean {
  const bare = version.replace(/^\d+:/, '');
  const own = bare.replace(/-[^-]*$/, '');
  return [version, bare, own, own.replace(/[.+~]?(?:dfsg|ds|repack)[\d.]*$/, '')].includes(upstream);
}

/** Whether a package URL is that of an image. */
export function isImageUrl({ type }: PackageUrl): boolean {
  return type === 'oci' || type === 'docker';
}

/** The tag that an image's package URL has as its version: those of the type docker may. */
export function tagOfUrl({ type, version }: PackageUrl): string | undefined {
  return type === 'docker' && !/^(?:sha256:)?[0-9a-f]{64}$/.test(version ?? '') ? version : undefined;
}

/** The digest, `sha256:…`, that an image's package URL, a reference or a digest alone has. */
export function digestOf(id: string): string | undefined {
  const purl = parsePackageUrl(id);
  const text = purl ? (isImageUrl(purl) ? (purl.version ?? '') : '') : id;
  const digits = /(?:^|@)(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1];
  return digits && `sha256:${digits}`;
}
