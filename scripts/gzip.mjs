import { gzipSync } from 'node:zlib';

/**
 * gzip writes no time of its own; the system byte is fixed, so that every machine makes the same file. By default it is stored, not
 * deflated: no version of zlib changes a digest of it, and the package compresses all files together.
 */
export function gzip(text, level = 0) {
  const packed = gzipSync(text, { level });
  packed[9] = 255;
  return packed;
}
