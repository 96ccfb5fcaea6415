import { osIdOf } from '../distros/purl.ts';
import { known } from '../io/value-parts.ts';
import { hasEmptyVersion, type PackageUrl, parsePackageUrl, statedVersion } from '../model/index.ts';
import type { VexProduct } from './statement.ts';

/** The combined identity of a product, or the reason why its identifiers are unusable. */
export interface Identity {
  namespace?: string;
  version?: string;
  /** Of package URLs without a version, too. */
  epochs?: PackageUrl['qualifiers'];
  /** Versions of upstream that CPEs state and the other identifiers leave open: each of them must be that of the package. */
  upstream?: readonly string[];
  /** They contradict each other, or one of them is malformed. */
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
  const faulty = texts.find((text) => /^pkg:/i.test(text) && parsePackageUrl(text) === undefined);
  if (faulty !== undefined) return { fault: `${faulty} is no package URL` };
  const noCpe = cpes.find((cpe) => !/^cpe:(?:\/|2\.3:)[aoh*]:/i.test(cpe));
  if (noCpe !== undefined) return { fault: `${noCpe.slice(0, 200)} is no CPE` };
  const malformed = texts.find(hasEmptyVersion);
  if (malformed !== undefined) return { fault: `${malformed} has no version after its @` };
  const purls = texts.flatMap((text) => parsePackageUrl(text) ?? []);
  const isImage = purls.every(isImageUrl);
  const digests = texts.flatMap((text) => digestOf(text) ?? []);
  const version = isImage ? digests.map((digest) => `sha256:${digest}`) : statedVersion(purls, own);
  const contradicting = [
    purls.map(({ type }) => type),
    purls.flatMap(({ namespace }) => (namespace === undefined ? [] : osIdOf(namespace))),
    purls.map(({ name }) => name),
    typeof version === 'string' ? [] : version,
    versionsOfCpes(cpes, purls),
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
  const upstream = stated === undefined ? cpes.flatMap((cpe) => versionOfCpe(cpe)?.version ?? []) : undefined;
  return { ...known({ namespace, version: stated, upstream }), epochs };
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

/** The version that a CPE states, with its update after a space, and the name of the product. */
export function versionOfCpe(cpe: string): { product: string; version: string } | undefined {
  const part = String.raw`((?:[^:\\]|\\.)*)`;
  const found = new RegExp(`^cpe:(?:/|2\\.3:)[^:]*:${part}:${part}:${part}(?::${part})?`, 'is').exec(cpe);
  const [, , product = '', ...texts] = (found ?? []).map((text) => text?.replaceAll('\\', ''));
  const [version = '*', update = '*'] = texts;
  if (isAny(version)) return undefined;
  return { product, version: isAny(update) ? version : `${version} ${update}` };
}

function isAny(text: string): boolean {
  return text === '' || text === '*' || text === '-';
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

/** Hex digits of the digest that an image's package URL, a reference or a digest alone has. */
export function digestOf(id: string): string | undefined {
  const purl = parsePackageUrl(id);
  const text = purl ? (isImageUrl(purl) ? (purl.version ?? '') : '') : id;
  return /(?:^|@)(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1];
}
