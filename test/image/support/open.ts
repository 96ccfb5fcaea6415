import { type ImageReadOptions, openImage } from '../../../src/image/index.ts';
import type { Image } from '../../../src/model/inventory/index.ts';
import { makeTar, type TarInput } from './make-tar.ts';

/** Package databases and os-release, as an inventory asks for them. */
export function wanted(path: string): boolean {
  return path.startsWith('/var/lib/dpkg/') || path === '/etc/os-release' || path === '/usr/lib/os-release';
}

/** Opens a tar as if it came on stdin. */
export function openStream(bytes: Buffer, options: Partial<ImageReadOptions> = {}): Promise<Image> {
  return openImage('-', { wanted, stdin: pieces(bytes), ...options });
}

/** Bytes in pieces of a given size, so that headers lie across their borders. */
export async function* pieces(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function openTar(
  entries: readonly TarInput[],
  options: Partial<ImageReadOptions> = {},
): Promise<Image> {
  return openStream(makeTar(entries), options);
}

/** Text of a file of the image, or undefined. */
export function text(image: Image, path: string): string | undefined {
  return image.files.read(path)?.toString('utf8');
}
