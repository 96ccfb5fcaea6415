import { ScapfeedError } from '../model/error.ts';
import { framesOf } from './zstd-frames.ts';

/** As in zstd.ts. */
const maxWindowLog = 27;

/** Each starts the decoder; writers make one, or one for each of some megabytes. */
const maxFrames = 1024;

/** The plain content of a whole zstd stream, of up to 1,024 frames. @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE above maxBytes */
export function plainOfZstd(
  stored: Uint8Array,
  { maxBytes, where }: { maxBytes: number; where: string },
): Buffer {
  // Loaded by those who need it: most starts do not.
  const { constants, zstdDecompressSync } = process.getBuiltinModule('node:zlib');
  const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };
  const pieces: Buffer[] = [];
  let left = maxBytes;
  for (const frame of framesOf(stored, where)) {
    if (pieces.length === maxFrames) throw tooLarge(`${maxFrames} frames`);
    const piece = unfold(frame);
    left -= piece.length;
    if (left < 0) throw tooLarge(`${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);

  function unfold(frame: Uint8Array): Buffer {
    try {
      // 0 is no limit.
      return zstdDecompressSync(frame, { params, maxOutputLength: Math.max(left, 1) });
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge(`${maxBytes} bytes`);
      const message = 'expected a whole zstd file, found a broken one';
      throw new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where, cause: error });
    }
  }

  function tooLarge(most: string): ScapfeedError {
    const message = `expected at most ${most}, found more`;
    return new ScapfeedError({ code: 'SOURCE_TOO_LARGE', message, where });
  }
}
