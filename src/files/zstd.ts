import { plainOfZstd } from '../io/zstd-at-once.ts';
import { isScapfeedError } from '../model/error.ts';
import type { RandomAccess } from '../model/inventory/index.ts';
import { unreadable } from './unreadable.ts';

/** A small zstd file of an image as it is without compression. @throws PACKAGE_DATABASE_UNREADABLE if it is broken or larger */
export function plainZstd(
  content: RandomAccess,
  { maxBytes, where }: { maxBytes: number; where: string },
): RandomAccess {
  const stored = content.read(0, content.size);
  let plain: Buffer;
  try {
    plain = plainOfZstd(stored, { maxBytes, where });
  } catch (error) {
    if (isScapfeedError(error)) throw unreadable(where, error.message, error);
    throw error;
  }
  return { size: plain.length, read: (offset, length) => plain.subarray(offset, offset + length) };
}
