import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Limit on what is unpacked of the store: an inventory of an image with everything that a distribution has is 60 MB. */
const maxUnpacked = 512 * 1024 * 1024;

/** A value as compressed JSON. */
export function packed(value: unknown): Buffer {
  return packedText(JSON.stringify(value));
}

export function unpacked<T>(bytes: Uint8Array): T {
  return JSON.parse(unpackedText(bytes)) as T;
}

export function packedText(text: string): Buffer {
  return zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 6 } });
}

export function unpackedText(bytes: Uint8Array): string {
  return zstdDecompressSync(bytes, { maxOutputLength: maxUnpacked }).toString('utf8');
}
