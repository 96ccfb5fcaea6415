import type { ScapfeedError } from '../../model/error.ts';
import { malformedMetadata, readMetadata } from './read-metadata.ts';

/** The entry of repomd.xml about one of a repository's files. */
export interface ListedFile {
  /** Path below the repository. */
  href: string;
  digest: string;
  algorithm: 'sha256' | 'sha384' | 'sha512';
  /** Packed; undefined: it is not stated. */
  size: number | undefined;
}

const namespace = 'http://linux.duke.edu/metadata/repo';

/** Hexadecimal digits of each; older algorithms vouch for nothing any more. */
const digits = { sha256: 64, sha384: 96, sha512: 128 } as const;

/** The list of packages, which every repository has, and that of updates. */
type FileType = 'primary' | 'updateinfo';

/**
 * The entry of the list of packages in a repository's repomd.xml.
 * @throws SOURCE_MALFORMED
 */
export async function parseRepomd(bytes: Uint8Array, where: string): Promise<ListedFile> {
  const listed = await listedFile(bytes, where, 'primary');
  if (listed === undefined) throw notOne('primary', 0, where);
  return listed;
}

/**
 * The entry of the only file of a type in a repository's repomd.xml; undefined: it has none.
 * @throws SOURCE_MALFORMED
 */
export async function listedFile(
  bytes: Uint8Array,
  where: string,
  type: FileType,
): Promise<ListedFile | undefined> {
  const entries: { href?: string; base?: string; type?: string; digest?: string; size?: string }[] = [];
  let entry: (typeof entries)[number] | undefined;
  let field: 'digest' | 'size' = 'size';
  await readMetadata(onePiece(bytes), where, {
    attributesTo: 3,
    open(ns, name, depth, attributes) {
      if (depth === 1 && (ns !== namespace || name !== 'repomd'))
        throw malformedMetadata(`expected the element repomd, found ${name.slice(0, 80)}`, where);
      if (depth === 2) {
        entry = ns === namespace && name === 'data' && attributes['type'] === type ? {} : undefined;
        if (entry) entries.push(entry);
      }
      if (depth !== 3 || ns !== namespace || entry === undefined) return false;
      if (name === 'location') {
        entry.href = attributes['href'] ?? '';
        entry.base = attributes['xml:base'] ?? '';
      }
      if (name === 'checksum') entry.type = attributes['type'] ?? '';
      field = name === 'checksum' ? 'digest' : 'size';
      return name === 'checksum' || name === 'size';
    },
    text(text) {
      if (entry) entry[field] = text;
    },
  });
  if (entries.length > 1) throw notOne(type, entries.length, where);
  return entries[0] && checked(entries[0], where);
}

function notOne(type: FileType, found: number, where: string): ScapfeedError {
  return malformedMetadata(`expected one entry of the type ${type}, found ${found}`, where);
}

function checked(
  { href = '', base = '', type = '', digest = '', size }: Record<string, string | undefined>,
  where: string,
): ListedFile {
  if (base !== '' || !isBelow(href))
    throw malformedMetadata(
      `expected a path below the repository, found ${JSON.stringify((base + href).slice(0, 80))}`,
      where,
    );
  const algorithm = (Object.keys(digits) as (keyof typeof digits)[]).find((each) => each === type);
  if (algorithm === undefined || digest.length !== digits[algorithm] || !/^[0-9a-f]+$/.test(digest))
    throw malformedMetadata(
      `expected a digest by SHA-256 or longer, found ${JSON.stringify(`${type} ${digest}`.slice(0, 80))}`,
      where,
    );
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    throw malformedMetadata(`expected a size in bytes, found ${JSON.stringify(size.slice(0, 80))}`, where);
  return { href, digest, algorithm, size: size === undefined ? undefined : Number(size) };
}

/** A plain path: neither an address, nor out of the repository, nor with a query. */
function isBelow(href: string): boolean {
  return href.length <= 300 && href.split('/').every((part) => /^[\w+~-][\w.+~-]*$/.test(part));
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
