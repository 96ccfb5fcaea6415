import { pipeline } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import { checkedFrames } from './zstd-frames.ts';

/** The window that frames may need is that of `zstd -d` without options, 128 MiB: the decoder allocates it. */
const maxWindowLog = 27;

/** The plain content of a zstd stream of one or more frames, in pieces of bounded size. Throws on broken bytes. */
export async function* unzstd(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };
  const plain = createZstdDecompress({ chunkSize: 1 << 18, params });
  pipeline(checkedFrames(body, where), plain, () => undefined);
  yield* plain as AsyncIterable<Buffer>;
}
