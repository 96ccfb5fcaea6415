import type { Where } from '../system-reason.ts';
import { NotTar, TarCut, TarFault } from './fault.ts';
import {
  blockSize,
  field,
  flagsWithoutData,
  sparseBlockExtended,
  type TarType,
  tarPadding,
  typeOfFlag,
} from './format.ts';
import { checksumHolds, decodeHeader, decodeText, isZeroBlock, number, type RawHeader } from './header.ts';
import { otherKind } from './other-kind.ts';
import { type PaxRecords, parsePaxRecords } from './pax.ts';

/** One entry with all extended headers applied. Names are as written, not yet made canonical. */
export interface TarEntry {
  name: string;
  linkName: string;
  type: TarType;
  /** Bytes of data that follow in the archive. */
  size: number;
  /** Size of the file when it is stored with holes: then the data that follow are not its content. */
  sparseSize?: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch; NaN: not known. */
  mtime: number;
  /** Extended attributes by name. */
  xattrs?: ReadonlyMap<string, Buffer>;
  /** Where the entry's data begin, in bytes of the uncompressed archive. */
  dataOffset: number;
}

/** The errors and limits of one kind of archive. */
export interface TarRules {
  /** Name of the archive in errors. */
  where: string;
  /** Refuse an archive without a zero block at its end: nothing else shows that it was cut between two entries. */
  mustEnd?: boolean;
  /** The error of bytes that are no tar. */
  error(fault: TarFault, where: Where): Error;
  /** Throws if an extended header, which is held in memory, is too large. */
  checkExtended(bytes: number, where: Where): void;
  /** Throws if there are too many entries, or if a name is too long. */
  checkEntry(entry: TarEntry, where: Where): void;
}

/** Receives what a TarReader finds. It may throw a TarFault for entries that are not allowed in its kind of archive. */
export interface TarSink {
  /** A new entry; true: give its data to `data`. */
  entry(entry: TarEntry): boolean;
  data(piece: Buffer): void;
  /** All data of an entry that were asked for have been given. */
  entryEnd(): void;
}

/** Bytes that may follow an archive's end: records are padded, by GNU tar to 10 KB. A device of zeros has no end. */
const mostAfterEnd = 1 << 30;

/** Archives are padded to records of 20 blocks. */
const recordSize = 20 * blockSize;

type State = 'header' | 'extended' | 'sparse map' | 'data' | 'after the end';

/**
 * Reads a tar archive pushed in pieces of any size: ustar, pax, GNU and V7, as tolerant as container engines are. Holds at
 * most one header and the piece. @throws those of the rules and of the sink
 */
export class TarReader {
  #sink: TarSink;
  #rules: TarRules;
  #state: State = 'header';
  /** Bytes of the archive before the current piece. */
  #consumed = 0;
  /** The last piece's end, if it was not a whole block. */
  #rest: Buffer = Buffer.alloc(0);
  #remaining = 0;
  #padding = 0;
  #keep = false;
  #zeroBlocks = 0;
  /** Bytes after the end. */
  #after = 0;
  #entries = 0;
  /** Offset of the current header block. */
  #block = 0;
  readonly #here: Where = () => `${this.#rules.where}, entry ${this.#entries}, offset ${this.#block}`;
  #pending: RawHeader | undefined;
  #extended: Buffer[] = [];
  #extendedFlag = '';
  #longName: string | undefined;
  #longLink: string | undefined;
  #pax: PaxRecords = {};

  constructor(sink: TarSink, rules: TarRules) {
    this.#sink = sink;
    this.#rules = rules;
  }

  /** The archive's end has been seen; what follows is padding or not part of it. */
  get ended(): boolean {
    return this.#state === 'after the end';
  }

  push(chunk: Buffer): void {
    try {
      this.#take(chunk);
    } catch (error) {
      throw error instanceof TarFault ? this.#rules.error(error, this.#here) : error;
    }
  }

  /** Skips unwanted data, at most `available` bytes, so that they need not be read and pushed. */
  skip(available: number): number {
    if (this.#keep || this.#state === 'extended' || this.#remaining === 0) return 0;
    const length = Math.min(available, this.#remaining);
    this.#remaining -= length;
    this.#consumed += length;
    if (this.#remaining === 0) this.#dataEnd();
    return length;
  }

  /** The stream has ended. Archives without their two zero blocks are common, and accepted unless `mustEnd` is set. */
  end(): void {
    if (this.ended) return;
    // Fewer bytes than one header.
    const other = this.#consumed === this.#rest.length ? otherKind(this.#rest) : undefined;
    if (other !== undefined) throw this.#rules.error(new NotTar(other), this.#here);
    // After one block of the end nothing can follow that is an entry; Plexus Archiver ends with a part of the second.
    const isAtEnd = this.#zeroBlocks > 0;
    if (this.#remaining > 0 || (this.#rest.length > 0 && !isAtEnd) || this.#state !== 'header') {
      throw this.#cut(`expected ${this.#missing()}, found the end of the archive`);
    }
    if (this.#pax.path !== undefined || this.#longName !== undefined) {
      throw this.#cut('expected an entry after its extended header, found the end');
    }
    if (this.#rules.mustEnd && !isAtEnd && this.#consumed > 0)
      throw this.#cut('expected the zero blocks of the end, found the end of the bytes');
    this.#state = 'after the end';
  }

  #take(chunk: Buffer): void {
    if (this.ended) {
      this.#after += chunk.length;
      if (this.#after > mostAfterEnd)
        throw new TarFault(`expected at most ${mostAfterEnd >> 20} MB after the end, found more`);
      return;
    }
    const piece = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const base = this.#consumed - this.#rest.length;
    let at = 0;
    while (!this.ended) {
      const used =
        this.#remaining > 0 || this.#padding > 0
          ? this.#takeData(piece, at)
          : this.#takeBlock(piece, at, base);
      if (used === 0) break;
      at += used;
    }
    this.#rest = this.ended ? Buffer.alloc(0) : Buffer.from(piece.subarray(at));
    this.#consumed += chunk.length;
  }

  #cut(message: string): Error {
    return this.#rules.error(new TarCut(message), this.#here);
  }

  #missing(): string {
    if (this.#remaining > 0) return `${this.#remaining} more bytes of an entry`;
    return `a block of ${blockSize} bytes`;
  }

  /** Data and padding of an entry or extended header; returns how many bytes were used. */
  #takeData(piece: Buffer, at: number): number {
    const length = Math.min(this.#remaining, piece.length - at);
    if (length > 0) {
      const bytes = piece.subarray(at, at + length);
      if (this.#state === 'extended') this.#extended.push(Buffer.from(bytes));
      else if (this.#keep) this.#sink.data(bytes);
      this.#remaining -= length;
      if (this.#remaining === 0) this.#dataEnd();
    }
    if (this.#remaining > 0) return length;
    const padding = Math.min(this.#padding, piece.length - at - length);
    this.#padding -= padding;
    return length + padding;
  }

  #dataEnd(): void {
    if (this.#state === 'extended') this.#takeExtended();
    else if (this.#keep) this.#sink.entryEnd();
    this.#state = 'header';
  }

  #takeBlock(piece: Buffer, at: number, base: number): number {
    if (piece.length - at < blockSize) return 0;
    this.#block = base + at;
    if (this.#state === 'sparse map') this.#takeSparseMap(piece, at);
    else if (isZeroBlock(piece, at)) this.#takeZeroBlock();
    else this.#takeHeader(piece, at);
    return blockSize;
  }

  #takeZeroBlock(): void {
    this.#zeroBlocks += 1;
    if (this.#zeroBlocks === 2) this.#state = 'after the end';
  }

  #takeHeader(piece: Buffer, at: number): void {
    if (this.#zeroBlocks > 0) {
      this.#takeRemnant(piece, at);
      return;
    }
    const header = this.#decodeHeader(piece, at);
    if ('xgLK'.includes(header.flag)) this.#startExtended(header);
    else if (header.flag === 'S') this.#startSparse(piece, at, header);
    else this.#startEntry(header);
  }

  /** GNU tar and bsdtar end at a lone zero block; an entry behind it must not be lost, nor more than padding. */
  #takeRemnant(piece: Buffer, at: number): void {
    this.#after += blockSize;
    if (this.#after > recordSize || checksumHolds(piece, at))
      throw new TarFault('expected the second zero block of the end, found data');
    this.#zeroBlocks = 1;
  }

  #decodeHeader(piece: Buffer, at: number): RawHeader {
    try {
      return decodeHeader(piece, at);
    } catch (error) {
      const other = this.#block === 0 ? otherKind(piece.subarray(at, at + blockSize)) : undefined;
      throw other === undefined ? error : new NotTar(other);
    }
  }

  #startExtended(header: RawHeader): void {
    // A global header applies to all later entries; in practice it only holds a comment, of any size. Engines (Go's archive/tar)
    // treat it as an entry, so an extended header before it no longer applies.
    if (header.flag === 'g') {
      this.#forgetExtended();
      this.#startData(header.size, false);
      return;
    }
    this.#rules.checkExtended(header.size, this.#here);
    this.#extendedFlag = header.flag;
    this.#extended = [];
    this.#startData(header.size, false);
    this.#state = 'extended';
    if (header.size === 0) this.#dataEnd();
  }

  #takeExtended(): void {
    const data = Buffer.concat(this.#extended);
    this.#extended = [];
    if (this.#extendedFlag === 'x') this.#pax = parsePaxRecords(data);
    else if (this.#extendedFlag === 'L') this.#longName = untilZero(data);
    else this.#longLink = untilZero(data);
  }

  /** Old GNU sparse files: the header names the real size, and map blocks may follow before the data. */
  #startSparse(piece: Buffer, at: number, header: RawHeader): void {
    this.#pax.sparse = { size: number(piece, at, field.sparseRealSize) };
    if (piece[at + field.sparseExtended[0]] === 0) {
      this.#startEntry(header);
      return;
    }
    this.#pending = header;
    this.#state = 'sparse map';
  }

  #takeSparseMap(piece: Buffer, at: number): void {
    if (piece[at + sparseBlockExtended] !== 0 || !this.#pending) return;
    this.#state = 'header';
    this.#startEntry(this.#pending);
  }

  #startEntry(header: RawHeader): void {
    const entry = this.#completeEntry(header, this.#block + blockSize);
    this.#forgetExtended();
    this.#entries += 1;
    this.#rules.checkEntry(entry, this.#here);
    const keep = this.#sink.entry(entry);
    this.#startData(entry.size, keep);
    if (entry.size > 0) this.#state = 'data';
    else if (keep) this.#sink.entryEnd();
  }

  #forgetExtended(): void {
    this.#pax = {};
    this.#longName = undefined;
    this.#longLink = undefined;
  }

  /** If headers contradict each other, the one counts that container engines use (Go's archive/tar). */
  #completeEntry(header: RawHeader, dataOffset: number): TarEntry {
    const pax = this.#pax;
    const name = this.#longName ?? pax.path ?? header.name;
    // V7 had no directories: a file of its flag whose name ends in a slash is one.
    const flag = header.flag === '\0' && name.endsWith('/') ? '5' : header.flag;
    const size = flagsWithoutData.includes(flag) ? 0 : (pax.size ?? header.size);
    if (pax.sparse && flagsWithoutData.includes(flag)) {
      throw new TarFault('expected a file stored with holes, found an entry without data');
    }
    const entry: TarEntry = {
      name: pax.sparse?.name ?? name,
      linkName: this.#longLink ?? pax.linkpath ?? header.linkName,
      type: typeOfFlag[flag] ?? 'other',
      size,
      mode: header.mode,
      uid: pax.uid ?? header.uid,
      gid: pax.gid ?? header.gid,
      mtime: pax.mtime ?? header.mtime,
      dataOffset,
    };
    if (pax.xattrs !== undefined) entry.xattrs = pax.xattrs;
    if (pax.sparse) entry.sparseSize = pax.sparse.size ?? size;
    return entry;
  }

  #startData(size: number, keep: boolean): void {
    this.#remaining = size;
    this.#padding = tarPadding(size);
    this.#keep = keep;
  }
}

/** Undefined for an empty name, which leaves the header's own. */
function untilZero(data: Buffer): string | undefined {
  const end = data.indexOf(0);
  return decodeText(end === -1 ? data : data.subarray(0, end)) || undefined;
}
