import { Budget, defaultLimits, type ImageLimits } from '../../../src/image/limits.ts';
import { imageTarRules } from '../../../src/image/tar-rules.ts';
import { type TarEntry, TarReader } from '../../../src/io/tar/reader.ts';

/** An entry with its data, as the reader gave them. */
export interface ReadEntry extends TarEntry {
  content: Buffer;
}

/** All entries of a tar pushed in pieces of `pieceSize` bytes. */
export function readTar(
  bytes: Buffer,
  pieceSize = bytes.length || 1,
  limits: Partial<ImageLimits> = {},
): ReadEntry[] {
  const entries: ReadEntry[] = [];
  const sink = {
    entry: (entry: TarEntry) => entries.push({ ...entry, content: Buffer.alloc(0) }) > 0,
    data: (piece: Buffer) => {
      const last = entries.at(-1)!;
      last.content = Buffer.concat([last.content, piece]);
    },
    entryEnd: () => {},
  };
  const reader = new TarReader(sink, imageTarRules(new Budget({ ...defaultLimits, ...limits }), 'x.tar'));
  for (let at = 0; at < bytes.length; at += pieceSize) reader.push(bytes.subarray(at, at + pieceSize));
  reader.end();
  return entries;
}
