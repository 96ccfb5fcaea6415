import { gzipSync } from 'node:zlib';

/** gzip writes no time of its own; the system byte is fixed, so that every machine makes the same file. */
export function gzip(text) {
  const packed = gzipSync(text, { level: 9 });
  packed[9] = 255;
  return packed;
}
