import { decompress } from '../../io/decompress.ts';
import { ownText } from '../../io/private-cache.ts';
import { tarFiles } from '../../io/tar/files.ts';
import { ScapfeedError } from '../../model/error.ts';
import { parseApkVersion } from '../../packaging/index.ts';

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
const maxIndexBytes = 2 ** 26;

/** The last one that a date of four digits for its year has. */
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/** Ten times those of community. */
const maxPackages = 300_000;

/** A name as apk allows it: nothing that a line of a roster would take for more. */
const word = /^[a-zA-Z0-9_.][a-zA-Z0-9_.+-]{0,254}$/;

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
    return parseIndex(content.toString('utf8'), where, onMalformed);
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected a file APKINDEX in the archive, found none',
    where,
    remedy: 'fetch the index again',
  });
}

function parseIndex(text: string, where: string, onMalformed: (record: number) => void): IndexedPackage[] {
  const packages: IndexedPackage[] = [];
  let record = 0;
  for (const paragraph of paragraphs(text)) {
    record += 1;
    if (record > maxPackages) throw tooMany(where);
    const found = readPackage(paragraph);
    if (found) packages.push(found);
    else onMalformed(record);
  }
  return packages;
}

/** The blocks between empty lines. They are not split at once: a file of empty lines would fill the memory. */
function* paragraphs(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n\n', start);
    const end = found === -1 ? text.length : found;
    if (text.slice(start, end).trim() !== '') yield text.slice(start, end);
    start = end + 1;
  }
}

function readPackage(paragraph: string): IndexedPackage | undefined {
  const field = (letter: string) => new RegExp(`^${letter}:(.*)$`, 'm').exec(paragraph)?.[1];
  const name = field('P') ?? '';
  const version = field('V') ?? '';
  const origin = field('o') || name;
  if (!word.test(name) || !word.test(origin) || !parseApkVersion(version)) return undefined;
  const built = Number(field('t'));
  return {
    name: ownText(name),
    version: ownText(version),
    origin: ownText(origin),
    built: Number.isSafeInteger(built) && built > 0 && built <= lastSecond ? built : undefined,
  };
}

function tooMany(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${maxPackages} packages in an index, found more`,
    where,
  });
}
