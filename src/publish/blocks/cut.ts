import { createHash } from 'node:crypto';
import { readLines } from '../feed/lines.ts';

/** Size of a block before compression, in bytes; a single line may be longer. Beyond `least` it ends after about `step` more. */
const usualBlock = { least: 16_384, most: 32_768, step: 6_144 };

/** Blocks of large files: their list is half as long, and they compress better. */
const largeBlock = { least: 32_768, most: 65_536, step: 12_288 };
const largeFileBytes = 8 * 2 ** 20;

/** A block of a line file: its first key and its position. */
export interface CutBlock {
  key: string;
  start: number;
  end: number;
}

/**
 * Cuts a sorted line file into blocks. Whether a block ends before a line follows from the key and length of that line, so that a
 * change moves the ends of a block or two and not of all that follow.
 */
export function cutBlocks(content: Buffer, path: string): CutBlock[] {
  const bounds = content.length > largeFileBytes ? largeBlock : usualBlock;
  const blocks: CutBlock[] = [];
  let open: CutBlock | undefined;
  for (const { key, start, end } of readLines(content, path)) {
    const after = Math.min(end + 1, content.length);
    if (open && endsBefore(open, key, after, bounds)) {
      blocks.push(open);
      open = undefined;
    }
    open = open ? { ...open, end: after } : { key, start, end: after };
  }
  return open ? [...blocks, open] : blocks;
}

function endsBefore(
  { start, end }: CutBlock,
  key: string,
  after: number,
  { least, most, step }: typeof usualBlock,
): boolean {
  if (after - start > most) return true;
  return end - start >= least && lotOf(key) % step < after - end;
}

function lotOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0);
}
