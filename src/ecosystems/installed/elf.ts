/** Bytes of a file; `to` is exclusive. */
export interface Span {
  from: number;
  to: number;
}

/** Facts that the first bytes of an executable or shared object have about the rest, https://refspecs.linuxfoundation.org/elf/gabi4+/ */
export interface ElfHead {
  /** From the first to the last segment of writable data. The whole file, if these bytes do not describe its segments. */
  data: Span;
  /** Offset behind all segments that are loaded: symbols, notes for debuggers, sections of other tools. */
  loadedTo: number;
  sections: SectionTable;
}

interface SectionTable extends Span {
  /** Index of the section that has the names of all. */
  names: number;
  words: Words;
}

/** Width and byte order of the numbers of a file. */
interface Words {
  isWide: boolean;
  isBigEndian: boolean;
}

export const elfMark = Buffer.from('\x7fELF', 'latin1');

/** Bytes of a header. */
export const smallestElf = 64;

/** Bytes that `readElfHead` needs: the header, and 56 for each segment, which linkers describe there. */
export const elfHeadBytes = 4096;

const types = { executable: 2, shared: 3 };
const loaded = 1;
const access = { executable: 1, writable: 2 };
/** From here on, the number of sections is in another place. */
const mostSections = 0xff00;

/** Undefined: the bytes begin neither an executable nor a shared object. */
export function readElfHead(bytes: Buffer): ElfHead | undefined {
  if (bytes.length < smallestElf || !bytes.subarray(0, elfMark.length).equals(elfMark)) return undefined;
  const words = { isWide: bytes[4] === 2, isBigEndian: bytes[5] === 2 };
  const type = half(bytes, 16, words);
  if (type !== types.executable && type !== types.shared) return undefined;
  return { ...segmentsOf(bytes, words), sections: sectionTable(bytes, words) };
}

function segmentsOf(bytes: Buffer, words: Words): Pick<ElfHead, 'data' | 'loadedTo'> {
  const { isWide } = words;
  const start = address(bytes, isWide ? 32 : 28, words);
  const size = half(bytes, isWide ? 54 : 42, words);
  const count = half(bytes, isWide ? 56 : 44, words);
  if (size !== (isWide ? 56 : 32) || start + count * size > bytes.length)
    return { data: { from: 0, to: Number.POSITIVE_INFINITY }, loadedTo: 0 };
  const [flagsAt, offsetAt, bytesAt] = isWide ? [4, 8, 32] : [24, 4, 16];
  const data = { from: Number.POSITIVE_INFINITY, to: 0 };
  let loadedTo = 0;
  for (let at = start; at < start + count * size; at += size) {
    if (long(bytes, at, words) !== loaded) continue;
    const from = address(bytes, at + offsetAt, words);
    const to = from + address(bytes, at + bytesAt, words);
    loadedTo = Math.max(loadedTo, to);
    const flags = long(bytes, at + flagsAt, words) & (access.executable | access.writable);
    if (flags !== access.writable) continue;
    data.from = Math.min(data.from, from);
    data.to = Math.max(data.to, to);
  }
  return { data, loadedTo };
}

function sectionTable(bytes: Buffer, words: Words): SectionTable {
  const { isWide } = words;
  const from = address(bytes, isWide ? 40 : 32, words);
  const [size, count, names] = [0, 2, 4].map((at) => half(bytes, (isWide ? 58 : 46) + at, words)) as [
    number,
    number,
    number,
  ];
  const isRead = size === sectionBytes(words) && count < mostSections;
  return { from, to: isRead ? from + count * size : from, names, words };
}

/** Place of the section of a name in the last bytes of a file, from `offset` on. Undefined: none in these bytes. */
export function sectionNamed(
  name: string,
  table: SectionTable,
  bytes: Buffer,
  offset: number,
): Span | undefined {
  if (table.from < offset || table.to > offset + bytes.length) return undefined;
  const { words } = table;
  const [offsetAt, bytesAt] = words.isWide ? [24, 32] : [16, 20];
  const size = sectionBytes(words);
  const sections: (Span & { name: number })[] = [];
  for (let at = table.from - offset; at < table.to - offset; at += size) {
    const from = address(bytes, at + offsetAt, words);
    sections.push({ name: long(bytes, at, words), from, to: from + address(bytes, at + bytesAt, words) });
  }
  const names = sections[table.names];
  const ended = Buffer.from(`${name}\0`, 'latin1');
  return sections.find((section) => {
    const at = (names?.from ?? 0) + section.name - offset;
    return at >= 0 && bytes.subarray(at, at + ended.length).equals(ended);
  });
}

const sectionBytes = ({ isWide }: Words) => (isWide ? 64 : 40);

function half(bytes: Buffer, at: number, { isBigEndian }: Words): number {
  return isBigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
}

function long(bytes: Buffer, at: number, { isBigEndian }: Words): number {
  return isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
}

function address(bytes: Buffer, at: number, words: Words): number {
  if (!words.isWide) return long(bytes, at, words);
  return Number(words.isBigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
}
