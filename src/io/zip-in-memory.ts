import { contentOf, faultOf, malformed, tooLarge, type ZippedContent } from './zip-rules.ts';

/** An entry of an archive in memory. */
export interface ZippedEntry extends Pick<ZippedContent, 'size' | 'packedSize'> {
  /** As the archive has it. It is a label and never a path on disk. */
  name: string;
  /**
   * The content, checked by size and CRC; of a stored entry, a part of the archive.
   * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
   */
  content(maxBytes: number): Buffer;
}

const endSignature = 0x06054b50;
const endBytes = 22;
const end64Signature = 0x06064b50;
const end64Bytes = 56;
const locatorSignature = 0x07064b50;
const locatorBytes = 20;
const entrySignature = 0x02014b50;
const entryBytes = 46;
const localSignature = 0x04034b50;
const localBytes = 30;
const maxComment = 0xffff;
const isIn64Bits = 0xffffffff;

/** Offset of the central directory, and offset of the archive's first byte, to which its own offsets are relative. */
interface Directory {
  start: number;
  end: number;
  base: number;
  /** Of entries, modulo 65536: older writers cannot write more. */
  count: number;
}

/**
 * Entries of an archive that is in memory, in the order of its directory. The archive may begin behind another file: a shell script, the
 * head of a jmod. yauzl opens by a promise; fflate inflates in JavaScript, checks no CRC and does not find such a beginning.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws SOURCE_MALFORMED
 */
export function* zipEntries(bytes: Buffer, where: string): Generator<ZippedEntry> {
  const { start, end, base, count: declared } = directoryOf(bytes, where);
  const archive: Archive = {
    bytes,
    fields: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    where,
  };
  const { fields } = archive;
  let at = start;
  let count = 0;
  let packed = 0;
  for (; at < end; count++) {
    if (at + entryBytes > end || fields.getUint32(at, true) !== entrySignature)
      throw malformed(`a directory that is damaged after ${count} entries`, where);
    const nameEnd = at + entryBytes + fields.getUint16(at + 28, true);
    const extraEnd = nameEnd + fields.getUint16(at + 30, true);
    const next = extraEnd + fields.getUint16(at + 32, true);
    if (next > end) throw malformed(`a directory that ends after ${count} entries`, where);
    const entry = new Entry(archive, { at, nameEnd, extraEnd, base });
    packed += entry.packedSize;
    if (packed > bytes.length) throw malformed('entries that overlap', where);
    yield entry;
    at = next;
  }
  if ((count & maxComment) !== declared)
    throw malformed(`${count} entries where ${declared} are declared`, where);
}

function directoryOf(bytes: Buffer, where: string): Directory {
  for (let at = bytes.length - endBytes; at >= Math.max(0, bytes.length - endBytes - maxComment); at--) {
    if (bytes[at] !== 0x50 || bytes.readUInt32LE(at) !== endSignature) continue;
    const directory = directory64(bytes, at) ?? {
      count: bytes.readUInt16LE(at + 10),
      size: bytes.readUInt32LE(at + 12),
      offset: bytes.readUInt32LE(at + 16),
      end: at,
    };
    const { count, size, offset, end } = directory;
    const start = end - size;
    if (start < 0 || offset > start) continue;
    if (size > 0 && bytes.readUInt32LE(start) !== entrySignature) continue;
    return { start, end, base: start - offset, count: count & maxComment };
  }
  throw malformed('no directory at its end', where);
}

function directory64(bytes: Buffer, end: number) {
  const locator = end - locatorBytes;
  const at = locator - end64Bytes;
  if (at < 0 || bytes.readUInt32LE(locator) !== locatorSignature) return undefined;
  // Its place counts from the beginning of the archive, which is not known yet; it lies before its locator.
  if (bytes.readUInt32LE(at) !== end64Signature) return undefined;
  return {
    count: Number(bytes.readBigUInt64LE(at + 32) & BigInt(maxComment)),
    size: Number(bytes.readBigUInt64LE(at + 40)),
    offset: Number(bytes.readBigUInt64LE(at + 48)),
    end: at,
  };
}

/** An archive has thousands of entries, of which a few are read: the others cost their fields and no objects. */
interface Archive {
  bytes: Buffer;
  fields: DataView;
  where: string;
}

/** An entry of the directory: its place and the ends of its parts; `base` as in Directory. */
interface EntryPlace {
  at: number;
  nameEnd: number;
  extraEnd: number;
  base: number;
}

class Entry implements ZippedEntry {
  readonly name: string;
  size: number;
  packedSize: number;
  readonly #archive: Archive;
  readonly #at: number;
  readonly #start: number;

  constructor(archive: Archive, { at, nameEnd, extraEnd, base }: EntryPlace) {
    const { bytes, fields, where } = archive;
    this.#archive = archive;
    this.#at = at;
    this.name = bytes.toString('utf8', at + entryBytes, nameEnd);
    this.size = fields.getUint32(at + 24, true);
    this.packedSize = fields.getUint32(at + 20, true);
    let offset = fields.getUint32(at + 42, true);
    if (extraEnd > nameEnd) {
      const sizes = { size: this.size, packedSize: this.packedSize, offset };
      readSizesOf64Bits(sizes, bytes.subarray(nameEnd, extraEnd));
      ({ size: this.size, packedSize: this.packedSize, offset } = sizes);
    }
    this.#start = contentStart(archive, base + offset, at + entryBytes, nameEnd);
    if (this.#start + this.packedSize > bytes.length)
      throw malformed('an entry that ends behind the archive', where);
  }

  content(maxBytes: number): Buffer {
    const { bytes, fields, where } = this.#archive;
    const zipped: ZippedContent = {
      size: this.size,
      packedSize: this.packedSize,
      method: fields.getUint16(this.#at + 10, true),
      crc32: fields.getUint32(this.#at + 16, true),
      isEncrypted: (fields.getUint16(this.#at + 8, true) & 1) !== 0,
    };
    const fault = faultOf(zipped, maxBytes);
    if (fault === 'too_large') throw tooLarge(`at most ${maxBytes} bytes, not much denser than text`, where);
    if (fault === 'encrypted') throw malformed('an encrypted entry', where);
    return contentOf(zipped, bytes.subarray(this.#start, this.#start + this.packedSize), where);
  }
}

function readSizesOf64Bits(sizes: { size: number; packedSize: number; offset: number }, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) {
      let place = at + 4;
      for (const key of ['size', 'packedSize', 'offset'] as const) {
        if (sizes[key] !== isIn64Bits || place + 8 > Math.min(end, extra.length)) continue;
        sizes[key] = Number(extra.readBigUInt64LE(place));
        place += 8;
      }
    }
    at = end;
  }
}

/** Behind the local header, which must have the name of the directory: readers of streams go by the one, Java by the other. */
function contentStart({ bytes, fields, where }: Archive, at: number, name: number, nameEnd: number): number {
  if (at + localBytes > bytes.length || fields.getUint32(at, true) !== localSignature)
    throw malformed('no local header where its directory points', where);
  const localName = at + localBytes;
  const localEnd = localName + fields.getUint16(at + 26, true);
  if (localEnd > bytes.length || bytes.compare(bytes, localName, localEnd, name, nameEnd) !== 0)
    throw malformed('another name in a local header than in the directory', where);
  return localEnd + fields.getUint16(at + 28, true);
}
