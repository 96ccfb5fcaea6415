// Puts the blob of a single executable application into a Node, as postject does, and leaves symbols and debug information
// out, as strip does: for both architectures without a tool for either, and with the same bytes each time.

import { keepEnglish } from './icu.mjs';

const headerSize = 0x40;
const types = { load: 1, note: 4 };
const symbolTable = 2;
/** Node runs the blob if this ends with 1 (node_sea_bin.cc). */
const fuse = Buffer.from('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:');
const noteName = Buffer.from('NODE_SEA_BLOB\0');

/**
 * The blob goes where Node's tables of other languages were (icu.mjs), so that no segment has to grow, and the note of the linker
 * becomes the note by which Node finds it. What lies behind the last segment is read by debuggers only.
 */
export function withBlob(node, blob) {
  if (node.readUInt32BE(0) !== 0x7f454c46 || node[4] !== 2 || node[5] !== 1)
    throw new Error('expected an ELF file of 64 bits, little-endian');
  const segments = programHeaders(node);
  const loaded = segments.filter(({ type }) => type === types.load);
  const notes = segments.filter(({ type }) => type === types.note);
  if (loaded.length === 0 || notes.length !== 1) throw new Error('expected one note and segments to load');
  const last = loaded.at(-1);
  const file = Buffer.from(node.subarray(0, last.offset + last.fileSize));
  const icu = [...symbols(node)].find(({ name, size }) => /^icudt\d+_dat$/.test(name) && size > 0);
  const around = loaded.find(
    (one) => icu?.address >= one.address && icu.address < one.address + one.fileSize,
  );
  if (around === undefined) throw new Error('expected the symbol of the data of ICU');
  const { start, end } = keepEnglish(file, icu.address - around.address + around.offset, icu.size);

  const note = Buffer.concat([noteHeader(noteName.length, blob.length), padded(noteName), padded(blob)]);
  const noteAt = align(start);
  if (noteAt + note.length > end)
    throw new Error(`the blob of ${blob.length} bytes is larger than its room, ${end - noteAt}`);
  note.copy(file, noteAt);
  const [{ at, flags }] = notes;
  writeHeader(file, at, {
    type: types.note,
    flags,
    offset: noteAt,
    address: noteAt - around.offset + around.address,
    fileSize: note.length,
    memorySize: note.length,
    alignment: 4,
  });
  // No table of sections: it lies behind the last segment.
  file.writeBigUInt64LE(0n, 0x28);
  file.fill(0, 0x3a, headerSize);
  const fuseAt = file.indexOf(fuse);
  if (fuseAt < 0 || file.indexOf(fuse, fuseAt + 1) >= 0) throw new Error('expected one fuse of Node');
  file.write('1', fuseAt + fuse.length, 'latin1');
  return file;
}

/** The symbols of the file's own table, which is not loaded. */
function* symbols(file) {
  const sections = sectionHeaders(file);
  const table = sections.find(({ type }) => type === symbolTable);
  if (table === undefined) throw new Error('expected a table of symbols');
  const names = sections[table.link].offset;
  for (let at = table.offset; at < table.offset + table.size; at += 24) {
    const nameAt = names + file.readUInt32LE(at);
    yield {
      name: file.toString('latin1', nameAt, file.indexOf(0, nameAt)),
      address: Number(file.readBigUInt64LE(at + 8)),
      size: Number(file.readBigUInt64LE(at + 16)),
    };
  }
}

function sectionHeaders(file) {
  const tableAt = Number(file.readBigUInt64LE(0x28));
  const size = file.readUInt16LE(0x3a);
  return Array.from({ length: file.readUInt16LE(0x3c) }, (_, index) => {
    const at = tableAt + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 0x18)),
      size: Number(file.readBigUInt64LE(at + 0x20)),
      link: file.readUInt32LE(at + 0x28),
    };
  });
}

function programHeaders(file) {
  const tableAt = Number(file.readBigUInt64LE(0x20));
  const size = file.readUInt16LE(0x36);
  return Array.from({ length: file.readUInt16LE(0x38) }, (_, index) => {
    const at = tableAt + index * size;
    const word = (offset) => Number(file.readBigUInt64LE(at + offset));
    return {
      at,
      type: file.readUInt32LE(at),
      flags: file.readUInt32LE(at + 4),
      offset: word(8),
      address: word(0x10),
      fileSize: word(0x20),
      memorySize: word(0x28),
      alignment: word(0x30),
    };
  });
}

function writeHeader(file, at, { type, flags, offset, address, fileSize, memorySize, alignment }) {
  file.writeUInt32LE(type, at);
  file.writeUInt32LE(flags, at + 4);
  [offset, address, address, fileSize, memorySize, alignment].forEach((value, n) => {
    file.writeBigUInt64LE(BigInt(value), at + 8 + 8 * n);
  });
}

function noteHeader(nameSize, contentSize) {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(nameSize, 0);
  header.writeUInt32LE(contentSize, 4);
  return header;
}

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** To a page of the largest kind, 64 KiB on arm64. */
function align(at) {
  return Math.ceil(at / 0x10000) * 0x10000;
}
