import { nodeBinding } from './node-binding.ts';

type Crc32 = (data: string | Uint8Array, value: number) => number;

/** Node's module of it loads streams, which takes longer than a short run hashes. */
const sum: Crc32 =
  nodeBinding<{ crc32: Crc32 }>('zlib', 'crc32')?.crc32 ?? process.getBuiltinModule('node:zlib').crc32;

/** The checksum of zlib. Texts count as UTF-8. */
export function crc32(data: string | Uint8Array): number {
  return sum(data, 0);
}
