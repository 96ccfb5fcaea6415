import { crc32, inflateRawSync } from 'node:zlib';
import { ScapfeedError } from '../model/error.ts';

/** An entry as a directory declares it. Sizes in bytes. */
export interface ZippedContent {
  size: number;
  packedSize: number;
  /** 0 stored, 8 deflated. */
  method: number;
  crc32: number;
  isEncrypted: boolean;
}

/** Denser content than this is no text: deflate ends at 1:1032, JSON at about 1:20. */
const maxRatio = 200;

/** Size, in bytes, below which a ratio is not meaningful. */
const smallBytes = 1 << 20;

/** Why the content must not be read: it is larger, denser or more padded than allowed, or encrypted. */
export function faultOf(
  { size, packedSize, isEncrypted }: ZippedContent,
  maxEntryBytes: number,
): 'too_large' | 'encrypted' | undefined {
  const dense = size > smallBytes && size > maxRatio * packedSize;
  // Deflate falls back to stored blocks; what it declares beyond them would be read into memory for nothing.
  const padded = packedSize > size + size / 64 + smallBytes;
  if (size > maxEntryBytes || dense || padded) return 'too_large';
  return isEncrypted ? 'encrypted' : undefined;
}

/** Content from its packed bytes, checked by size and CRC. @throws SOURCE_MALFORMED */
export function contentOf(entry: ZippedContent, packed: Buffer, place: string): Buffer {
  const content = inflate(entry, packed, place);
  checkSum(entry, content.length, crc32(content), place);
  return content;
}

/** @throws SOURCE_MALFORMED if content is not of the size and CRC that its directory has. */
export function checkSum(entry: ZippedContent, length: number, sum: number, place: string): void {
  if (length !== entry.size || sum !== entry.crc32)
    throw malformed('content of another size or CRC than its directory has', place);
}

/** Of zlib. */
const smallestChunk = 64;

function inflate({ method, size }: ZippedContent, packed: Buffer, place: string): Buffer {
  if (method === 0) return packed;
  if (method !== 8) throw malformed(`compression method ${method}`, place);
  try {
    // One buffer with room to spare: when it is full, zlib makes another.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size), chunkSize: size + smallestChunk });
  } catch (cause) {
    throw malformed('content that does not inflate to its declared size', place, cause);
  }
}

export function tooLarge(expected: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected ${expected}, found more`,
    where,
    remedy: 'the last good snapshot is kept; report it to the publisher of the archive',
  });
}

export function malformed(found: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a zip archive, found ${found}`,
    where,
    remedy: 'fetch the archive again; the last good snapshot is kept',
    cause,
  });
}
