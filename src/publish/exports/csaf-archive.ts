import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { TarFault } from '../../io/tar/fault.ts';
import { blockSize, tarPadding } from '../../io/tar/format.ts';
import { decodeHeader } from '../../io/tar/header.ts';
import { ScapfeedError } from '../../model/error.ts';

/** The archive of a distribution's documents, by its path in an export. Its documents are listed nowhere else. */
const archivePath = /^(csaf\/)?[a-z-]+\/csaf_vex_\d{4}-\d{2}-\d{2}\.tar\.zst$/;

export function isCsafArchive(path: string): boolean {
  return archivePath.test(path);
}

const documentPath = /^\d{4}\/[a-z0-9+_-]{1,200}\.json(?:\.(?:sha256|sha512|asc))?$/;
/** A document about a kernel flaw on all releases has some 3 MB. */
const mostBytes = 64 << 20;

/**
 * Puts the documents of an archive into a folder, each as a whole. The archive's digest was checked before; names and sizes are
 * checked all the same. Returns how many files there are. @throws FEED_CORRUPT
 */
export async function unpackDocuments(archive: Buffer, folder: string): Promise<number> {
  let count = 0;
  for await (const [name, content] of documentsIn(archive)) {
    const place = join(folder, name);
    mkdirSync(dirname(place), { recursive: true });
    const beside = `${place}.${process.pid}`;
    writeFileSync(beside, content, { flag: 'wx' });
    renameSync(beside, place);
    count += 1;
  }
  return count;
}

async function* documentsIn(archive: Buffer): AsyncGenerator<[name: string, content: Buffer]> {
  try {
    yield* readDocuments(archive);
  } catch (cause) {
    if (cause instanceof TarFault || (cause as NodeJS.ErrnoException).code?.startsWith('ZSTD_'))
      throw corrupt('', cause);
    throw cause;
  }
}

async function* readDocuments(archive: Buffer): AsyncGenerator<[name: string, content: Buffer]> {
  let rest: Buffer = Buffer.alloc(0);
  const unpacked = Readable.from([archive]).pipe(createZstdDecompress());
  for await (const piece of unpacked as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let at = 0;
    while (at + blockSize <= rest.length && rest[at] !== 0) {
      const { name, size } = decodeHeader(rest, at);
      const path = String(name);
      if (!documentPath.test(path) || size > mostBytes) throw corrupt(path);
      const start = at + blockSize;
      const end = start + size + tarPadding(size);
      if (end > rest.length) break;
      yield [path, rest.subarray(start, start + size)];
      at = end;
    }
    // The rest at the end are the zeros that end a tar.
    rest = rest.subarray(at);
    if (rest.length >= blockSize && rest[0] === 0) return;
  }
}

function corrupt(path: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'an archive of CSAF documents contains a file that an export does not write',
    ...(path === '' ? {} : { where: path.slice(0, 200) }),
    remedy: 'export the feed again',
    ...(cause === undefined ? {} : { cause }),
  });
}
