/** RFC 8878 3.1.1.2.4. */
const maxBlockBytes = 2 ** 17;

/** Bytes as one zstd frame of raw blocks, without content size: what every decoder reads and none need make. */
export function zstdFrame(bytes: Buffer): Buffer {
  const count = Math.max(1, Math.ceil(bytes.length / maxBlockBytes));
  const blocks = Array.from({ length: count }, (_, at) => {
    const content = bytes.subarray(at * maxBlockBytes, (at + 1) * maxBlockBytes);
    return [blockHeader({ last: at === count - 1, type: 0, size: content.length }), content];
  });
  return Buffer.concat([frameHeader(17), ...blocks.flat()]);
}

/** Magic number, a descriptor that names nothing else, and a window of 2 to the power of `windowLog`. */
export function frameHeader(windowLog: number): Buffer {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
}

/** Type 0: raw, 1: one byte repeated. */
export function blockHeader({ last, type, size }: { last: boolean; type: 0 | 1; size: number }): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | (last ? 1 : 0), 0, 3);
  return header;
}
