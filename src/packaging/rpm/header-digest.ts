import { createHash } from 'node:crypto';
import { uint32At } from './big-endian.ts';
import type { HeaderBlob } from './header-blob.ts';

/** Tags of rpmtag.h: the signed region of a header, and its digests. */
const immutableRegion = 63;
const digests = [
  { tag: 273, algorithm: 'sha256', digits: 64 },
  { tag: 269, algorithm: 'sha1', digits: 40 },
] as const;

const magic = Buffer.from('8eade80100000000', 'hex');
const entryBytes = 16;

/**
 * Compares a header with its digest in the package, which covers the entries and data of the build; what rpm adds at
 * installation follows them. The header's outer form has been checked by parseHeader.
 * Returns undefined if they are equal or there is no digest.
 */
export function headerDamage({ bytes }: HeaderBlob): string | undefined {
  const region = builtRegion(bytes);
  if (!region) return undefined;
  for (const { tag, algorithm, digits } of digests) {
    const stated = textOf(bytes, tag, digits);
    if (stated === undefined) continue;
    const counts = Buffer.alloc(8);
    counts.writeUInt32BE(region.entries, 0);
    counts.writeUInt32BE(region.dataBytes, 4);
    const data = dataStart(bytes);
    const found = createHash(algorithm)
      .update(magic)
      .update(counts)
      .update(bytes.subarray(8, 8 + entryBytes * region.entries))
      .update(bytes.subarray(data, data + region.dataBytes))
      .digest('hex');
    return found === stated ? undefined : `expected a header of ${algorithm} ${stated}, found ${found}`;
  }
  return undefined;
}

/** The first entry has the offset of a trailer after the data, which has the size of the entries. */
function builtRegion(bytes: Buffer): { entries: number; dataBytes: number } | undefined {
  if (uint32At(bytes, 8) !== immutableRegion) return undefined;
  const offset = uint32At(bytes, 16);
  const trailer = dataStart(bytes) + offset;
  if (trailer + entryBytes > bytes.length) return undefined;
  const entries = -bytes.readInt32BE(trailer + 8) / entryBytes;
  const whole = Number.isInteger(entries) && entries > 0 && entries <= uint32At(bytes, 0);
  return whole ? { entries, dataBytes: offset + entryBytes } : undefined;
}

function textOf(bytes: Buffer, tag: number, digits: number): string | undefined {
  const data = dataStart(bytes);
  for (let at = 8; at < data; at += entryBytes) {
    if (uint32At(bytes, at) !== tag) continue;
    const start = data + uint32At(bytes, at + 8);
    return bytes.toString('latin1', start, start + digits);
  }
  return undefined;
}

function dataStart(bytes: Buffer): number {
  return 8 + entryBytes * uint32At(bytes, 0);
}
