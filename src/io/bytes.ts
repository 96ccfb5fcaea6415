import { type ErrorCode, ScapfeedError } from '../model/index.ts';

export interface ByteBound {
  maxBytes: number;
  /** Code of the error above the bound. */
  code: ErrorCode;
  where: string;
}

/** The same pieces, refused once their sum is above the bound. */
export async function* boundedBytes(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, code, where }: ByteBound,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) {
      throw new ScapfeedError({
        code,
        message: `expected at most ${maxBytes} bytes, found more`,
        where,
      });
    }
    yield piece;
  }
}

/** All bytes of a bounded body in one buffer. */
export async function readAll(body: AsyncIterable<Uint8Array>, bound: ByteBound): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of boundedBytes(body, bound)) pieces.push(piece);
  return Buffer.concat(pieces);
}
