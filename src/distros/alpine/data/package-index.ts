import { decompress } from '../../../io/decompress.ts';
import { tarFiles } from '../../../io/tar/files.ts';
import { ScapfeedError } from '../../../model/index.ts';

/** A binary package of a repository. */
export interface IndexedPackage {
  name: string;
  version: string;
  /** The source that it was built from. */
  origin: string;
  /** When it was built, in seconds since 1970. */
  built: number | undefined;
}

/** Unpacked; that of community has about 12 MB. */
const maxIndexBytes = 2 ** 28;

/**
 * The packages of an APKINDEX.tar.gz: gzip members with a signature, a description and the index, as one tar.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readPackageIndex(
  body: AsyncIterable<Uint8Array>,
  where: string,
  onMalformed: (record: number) => void,
): Promise<IndexedPackage[]> {
  const plain = decompress(body, { maxBytes: maxIndexBytes, where });
  const wanted = (name: string) => name === 'APKINDEX';
  for await (const { content } of tarFiles(plain, { wanted, maxFileBytes: maxIndexBytes, where }))
    return parseIndex(content.toString('utf8'), onMalformed);
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected a file APKINDEX in the archive, found none',
    where,
    remedy: 'fetch the index again',
  });
}

function parseIndex(text: string, onMalformed: (record: number) => void): IndexedPackage[] {
  const packages: IndexedPackage[] = [];
  for (const [at, paragraph] of text.split('\n\n').entries()) {
    if (paragraph.trim() === '') continue;
    const field = (letter: string) => new RegExp(`^${letter}:(.*)$`, 'm').exec(paragraph)?.[1];
    const name = field('P');
    const version = field('V');
    if (!name || !version) {
      onMalformed(at + 1);
      continue;
    }
    const built = Number(field('t'));
    packages.push({
      name,
      version,
      origin: field('o') || name,
      built: Number.isSafeInteger(built) && built > 0 ? built : undefined,
    });
  }
  return packages;
}
