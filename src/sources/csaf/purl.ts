/** The parts of a package URL that name a Red Hat component. */
export interface Purl {
  type: string;
  namespace: string;
  name: string;
  version: string | undefined;
  qualifiers: string;
}

/**
 * Parses a package URL; undefined: not one. A document has tens of thousands of them, so this uses indexOf where
 * packageurl-js uses the URL class; a test compares the two.
 */
export function parsePurl(text: string): Purl | undefined {
  if (!text.startsWith('pkg:')) return undefined;
  const hash = text.indexOf('#');
  const end = hash === -1 ? text.length : hash;
  const question = text.indexOf('?');
  const pathEnd = question === -1 || question > end ? end : question;
  const typeEnd = text.indexOf('/', 4);
  if (typeEnd === -1 || typeEnd >= pathEnd) return undefined;
  const at = text.lastIndexOf('@', pathEnd - 1);
  const versioned = at > typeEnd + 1;
  const nameEnd = versioned ? at : pathEnd;
  const slash = text.lastIndexOf('/', nameEnd - 1);
  const name = decode(text.slice(slash + 1, nameEnd));
  const version = versioned ? decode(text.slice(at + 1, pathEnd)) : '';
  if (name === undefined || name === '' || version === undefined) return undefined;
  return {
    type: text.slice(4, typeEnd).toLowerCase(),
    namespace: slash > typeEnd ? text.slice(typeEnd + 1, slash) : '',
    name,
    version: version === '' ? undefined : version,
    qualifiers: pathEnd === end ? '' : text.slice(pathEnd + 1, end),
  };
}

/** One qualifier of a purl, decoded; undefined: absent, empty or wrongly escaped. */
export function qualifier(purl: Purl, key: string): string | undefined {
  const { qualifiers } = purl;
  for (let from = 0; from < qualifiers.length; ) {
    const next = qualifiers.indexOf('&', from);
    const end = next === -1 ? qualifiers.length : next;
    if (qualifiers.startsWith(key, from) && qualifiers.charCodeAt(from + key.length) === equalsSign) {
      return decode(qualifiers.slice(from + key.length + 1, end)) || undefined;
    }
    from = end + 1;
  }
  return undefined;
}

const equalsSign = 0x3d;

/** Containers are named by their repository; the registry in front of it differs from mirror to mirror. */
export function containerName(purl: Purl): string {
  const repository = qualifier(purl, 'repository_url');
  return `oci:${repository?.slice(repository.indexOf('/') + 1) || purl.name}`;
}

/** More than this in one document is no list of the packages that it is about. */
const mostNamed = 10_000;

/** The names of rpm packages and containers that a document which cannot be read has package URLs of, sorted; none: it has none, or too many. */
export function packagesNamed(bytes: Uint8Array): string[] {
  const names = new Set<string>();
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replaceAll('\\/', '/');
  for (const [found] of text.matchAll(/pkg:(?:rpm|oci)\/[^"\\\s]{1,1000}/gi)) {
    const purl = parsePurl(found);
    if (purl) names.add(purl.type === 'oci' ? containerName(purl) : purl.name);
    if (names.size > mostNamed) return [];
  }
  return [...names].sort();
}

/** Percent-decoding with hex digits of either case; `+` is a plus, not a space (purl specification). */
function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
