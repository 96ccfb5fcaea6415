import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
  type ZipFile,
} from 'yauzl';
import { ScapfeedError } from '../model/error.ts';
import { boundedBytes } from './bytes.ts';
import { checkSum, contentOf, faultOf, malformed, tooLarge } from './zip-rules.ts';

/** Limits of an archive, by what its directory declares; content is held to its declaration. */
export interface ZipLimits {
  maxEntries: number;
  /** Limit on the content of one entry in bytes. */
  maxEntryBytes: number;
  /** Limit on the content of all entries in bytes. */
  maxBytes: number;
}

export interface ZipEntry {
  /** As the archive has it. It is a label and never a path on disk. */
  name: string;
  size: number;
  /** Why the entry must not be used: its name leads out of a folder, or it is larger, denser or more padded than allowed. */
  fault?: 'unsafe_name' | 'too_large' | 'encrypted';
  /** The content, checked by size and CRC. @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE */
  content(): Buffer;
  /** The same in pieces. */
  stream(): AsyncIterable<Uint8Array>;
}

export interface Zip {
  /** In the order of the directory. @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE */
  entries(): Generator<ZipEntry>;
  close(): void;
}

/** Opens an archive. yauzl reads its directory; content is inflated here at once, because a stream for each of 300,000 entries takes a minute. */
export async function openZip(path: string, limits: ZipLimits, where: string): Promise<Zip> {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const directory = await openDirectory(new WindowReader(fd), size, where);
    if (directory.entryCount > limits.maxEntries)
      throw tooLarge(`at most ${limits.maxEntries} entries, found ${directory.entryCount}`, where);
    const data = new FileWindow(fd);
    return {
      entries: () => readEntries(directory, data, { limits, size, where }),
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

async function openDirectory(reader: RandomAccessReader, size: number, where: string): Promise<ZipFile> {
  try {
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
    return await fromRandomAccessReaderPromise(reader, size, options);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), where, cause);
  }
}

interface Context {
  limits: ZipLimits;
  size: number;
  where: string;
}

function* readEntries(directory: ZipFile, data: FileWindow, context: Context): Generator<ZipEntry> {
  const { limits, size, where } = context;
  const seen: { entry?: Entry | undefined; error?: Error } = {};
  directory.on('entry', (entry: Entry) => {
    seen.entry = entry;
  });
  directory.on('error', (error: Error) => {
    seen.error = error;
  });
  let packed = 0;
  let unpacked = 0;
  for (let at = 0; at < directory.entryCount; at++) {
    seen.entry = undefined;
    // The reader answers at once, so the event is there when this returns.
    directory.readEntry();
    const next = seen.entry as Entry | undefined;
    if (seen.error || !next)
      throw malformed(seen.error?.message ?? `a directory that ends after ${at}`, where);
    packed += next.compressedSize;
    unpacked += next.uncompressedSize;
    if (packed > size) throw malformed('entries that overlap', where);
    if (unpacked > limits.maxBytes) throw tooLarge(`at most ${limits.maxBytes} bytes in all entries`, where);
    yield describe(next, data, context);
  }
}

function describe(entry: Entry, data: FileWindow, { limits, where }: Context): ZipEntry {
  const raw = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
  const name = raw.replaceAll('\0', '');
  const place = `${where}#${name}`;
  const { uncompressedSize: size, compressedSize: packedSize, compressionMethod: method } = entry;
  const zipped = { size, packedSize, method, crc32: entry.crc32, isEncrypted: entry.isEncrypted() };
  const isUnsafe = raw !== name || validateFileName(raw) !== null;
  const fault = isUnsafe ? 'unsafe_name' : faultOf(zipped, limits.maxEntryBytes);
  const refuse = () => {
    if (fault === 'too_large') throw tooLarge(`at most ${limits.maxEntryBytes} bytes of text`, place);
    if (fault !== undefined) throw malformed(`an entry with ${fault.replace('_', ' ')}`, place);
  };
  return {
    name,
    size,
    ...(fault && { fault }),
    content() {
      refuse();
      return contentOf(zipped, packedBytes(entry, data, place), place);
    },
    async *stream() {
      refuse();
      let length = 0;
      let sum = 0;
      for await (const piece of boundedBytes(inflating(entry, data, place), {
        maxBytes: size,
        code: 'SOURCE_TOO_LARGE',
        where: place,
      })) {
        length += piece.length;
        sum = crc32(piece, sum);
        yield piece;
      }
      checkSum(zipped, length, sum, place);
    },
  };
}

const localHeaderBytes = 30;
const localSignature = 0x04034b50;

/** Where an entry's bytes begin: its local header has a name and an extra field of their own lengths. */
function contentStart(entry: Entry, data: FileWindow, place: string): number {
  const at = entry.relativeOffsetOfLocalHeader;
  const header = data.bytes(at, localHeaderBytes);
  if (header?.readUInt32LE(0) !== localSignature)
    throw malformed('no local header where its directory points', place);
  return at + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}

function packedBytes(entry: Entry, data: FileWindow, place: string): Buffer {
  const packed = data.bytes(contentStart(entry, data, place), entry.compressedSize);
  if (!packed) throw malformed('an entry that ends behind the archive', place);
  return packed;
}

async function* inflating(entry: Entry, data: FileWindow, place: string): AsyncGenerator<Uint8Array> {
  const start = contentStart(entry, data, place);
  const packed = piecesOf(data, start, entry.compressedSize, place);
  if (entry.compressionMethod === 0) yield* packed;
  else if (entry.compressionMethod !== 8)
    throw malformed(`compression method ${entry.compressionMethod}`, place);
  else {
    const inflated = createInflateRaw({ chunkSize: 1 << 18 });
    pipeline(packed, inflated, () => undefined);
    try {
      yield* inflated as AsyncIterable<Buffer>;
    } catch (cause) {
      if (cause instanceof ScapfeedError) throw cause;
      throw malformed('content that does not inflate', place, cause);
    }
  }
}

function* piecesOf(data: FileWindow, start: number, length: number, place: string): Generator<Buffer> {
  for (let at = 0; at < length; at += windowBytes) {
    const piece = data.bytes(start + at, Math.min(windowBytes, length - at));
    if (!piece) throw malformed('an entry that ends behind the archive', place);
    yield Buffer.from(piece);
  }
}

const windowBytes = 1 << 20;

/** Reads a file in large pieces: entries stand one after the other. */
class FileWindow {
  readonly #fd: number;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The bytes, valid until the next call; undefined: the file ends before. */
  bytes(position: number, length: number): Buffer | undefined {
    // Places of zip64 have 64 bits.
    if (!Number.isSafeInteger(position + length)) return undefined;
    if (position < this.#start || position + length > this.#start + this.#window.length) {
      const room = Buffer.allocUnsafe(Math.max(length, windowBytes));
      let have = 0;
      while (have < room.length) {
        const read = readSync(this.#fd, room, have, room.length - have, position + have);
        if (read === 0) break;
        have += read;
      }
      this.#window = room.subarray(0, have);
      this.#start = position;
    }
    const at = position - this.#start;
    return at + length <= this.#window.length ? this.#window.subarray(at, at + length) : undefined;
  }
}

/** Gives yauzl the directory without a system call for each entry. */
class WindowReader extends RandomAccessReader {
  readonly #window: FileWindow;

  constructor(fd: number) {
    super();
    this.#window = new FileWindow(fd);
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const bytes = this.#window.bytes(position, length);
    bytes?.copy(buffer, offset);
    callback(bytes ? null : new Error('a directory that ends behind the archive'));
  }
}
