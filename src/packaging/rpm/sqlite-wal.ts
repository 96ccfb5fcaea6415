import type { RandomAccess } from '../../model/inventory/index.ts';
import type { ReportLoss } from '../database.ts';
import type { Pages } from './pages.ts';

/** Write-ahead log: https://www.sqlite.org/fileformat2.html section 4. */
const walHeaderBytes = 32;
const frameHeaderBytes = 24;
const bigEndianSums = 0x377f0683;
const littleEndianSums = 0x377f0682;

/**
 * The database with the committed frames of its log applied. As SQLite's own recovery does, it uses frames up to the first
 * with another salt or a wrong checksum, and of those only committed ones; a log of another database or page size changes
 * nothing. SQLite ignores a damaged log silently; here it is reported, because packages may be missing.
 */
export function withWal(pages: Pages, wal: RandomAccess | undefined, lost: ReportLoss): Pages {
  if (!wal || wal.size === 0) return pages;
  const frames = committedFrames(wal, pages.pageSize, lost);
  if (!frames) return pages;
  return {
    pageSize: pages.pageSize,
    count: Math.min(frames.pageCount, Math.max(pages.count, frames.highest + 1)),
    longestRun: pages.longestRun,
    page(number) {
      const offset = frames.offsets.get(number);
      return offset === undefined ? pages.page(number) : wal.read(offset, pages.pageSize);
    },
    run(number, most, target, at) {
      const offset = frames.offsets.get(number);
      if (offset !== undefined) return wal.read(offset, pages.pageSize).copy(target, at) / pages.pageSize;
      let unchanged = 1;
      while (unchanged < Math.min(most, pages.longestRun) && !frames.offsets.has(number + unchanged))
        unchanged += 1;
      return pages.run(number, unchanged, target, at);
    },
  };
}

interface Frames {
  /** Page number (from 0) -> offset of its newest committed content. */
  offsets: ReadonlyMap<number, number>;
  /** The highest of those numbers. */
  highest: number;
  /** Size of the database after the last commit, as the commit states it. */
  pageCount: number;
}

function committedFrames(wal: RandomAccess, pageSize: number, lost: ReportLoss): Frames | undefined {
  const header = wal.read(0, walHeaderBytes);
  const bigEndian = header.length === walHeaderBytes && header.readUInt32BE(0) === bigEndianSums;
  let sums = readHeader(header, bigEndian, pageSize);
  if (!sums) {
    lost('the write-ahead log is none of this database: its header does not match');
    return undefined;
  }
  const offsets = new Map<number, number>();
  const pending = new Map<number, number>();
  let pageCount: number | undefined;
  const frameBytes = frameHeaderBytes + pageSize;
  let at = walHeaderBytes;
  for (; at + frameBytes <= wal.size; at += frameBytes) {
    const frame = wal.read(at, frameBytes);
    if (frame.length < frameBytes || !sameSalts(frame, header)) break;
    sums = addChecksum(sums, frame.subarray(0, 8), bigEndian);
    sums = addChecksum(sums, frame.subarray(frameHeaderBytes), bigEndian);
    if (!sameSums(sums, frame, 16)) break;
    pending.set(frame.readUInt32BE(0) - 1, at + frameHeaderBytes);
    const committedSize = frame.readUInt32BE(4);
    if (committedSize === 0) continue;
    pageCount = committedSize;
    for (const [number, offset] of pending) offsets.set(number, offset);
    pending.clear();
  }
  if (continues(wal, at, frameBytes, header)) {
    lost(`the write-ahead log is damaged or cut off at offset ${at}: what follows was not read`);
  } else if (pending.size > 0) lost('the write-ahead log ends in changes without their commit');
  if (pageCount === undefined) return undefined;
  return {
    offsets,
    highest: [...offsets.keys()].reduce((highest, number) => Math.max(highest, number), 0),
    pageCount,
  };
}

/** The checksums of a log header for this page size; undefined if it is not one. */
function readHeader(header: Buffer, bigEndian: boolean, pageSize: number): Sums | undefined {
  if (header.length < walHeaderBytes) return undefined;
  if (!bigEndian && header.readUInt32BE(0) !== littleEndianSums) return undefined;
  const sums = addChecksum([0, 0], header.subarray(0, 24), bigEndian);
  return sameSums(sums, header, 24) && header.readUInt32BE(8) === pageSize ? sums : undefined;
}

/** Whole frames of an older log may follow the newest one; frames of this log, or parts of a frame, may not. */
function continues(wal: RandomAccess, from: number, frameBytes: number, header: Buffer): boolean {
  let at = from;
  for (; at + frameBytes <= wal.size; at += frameBytes) {
    if (sameSalts(wal.read(at, frameHeaderBytes), header)) return true;
  }
  return at < wal.size;
}

function sameSalts(frame: Buffer, header: Buffer): boolean {
  return frame.compare(header, 16, 24, 8, 16) === 0;
}

type Sums = readonly [number, number];

/** Fletcher-like sums over pairs of 32-bit words (4.2). */
function addChecksum([a, b]: Sums, bytes: Buffer, bigEndian: boolean): Sums {
  let x = a;
  let y = b;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    x = (x + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + y) >>> 0;
    y = (y + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + x) >>> 0;
  }
  return [x, y];
}

function sameSums([a, b]: Sums, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}
