const types = { object: 1, executable: 2, pie: 3, shared: 3, core: 4 } as const;

export interface ElfOptions {
  bits?: 32 | 64;
  bigEndian?: boolean;
  /** e_phentsize and e_phoff, when they are to be forged. */
  headerSize?: number;
  headerStart?: number;
  /** Makes files of one kind differ. */
  tail?: string;
}

/** The smallest file with the headers of its kind (System V ABI, "ELF Header", "Program Header"). */
export function elf(kind: keyof typeof types, options: ElfOptions = {}): Buffer {
  const { bits = 64, bigEndian = false, tail = '' } = options;
  const wide = bits === 64;
  const start = wide ? 64 : 52;
  const size = wide ? 56 : 32;
  const bytes = Buffer.alloc(start + 2 * size);
  const u16 = (at: number, value: number) =>
    bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const u32 = (at: number, value: number) =>
    bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  bytes.write('\x7fELF', 'latin1');
  bytes[4] = wide ? 2 : 1;
  bytes[5] = bigEndian ? 2 : 1;
  bytes[6] = 1;
  u16(16, types[kind]);
  u32(wide ? (bigEndian ? 36 : 32) : 28, options.headerStart ?? start);
  u16(wide ? 54 : 42, options.headerSize ?? size);
  u16(wide ? 56 : 44, 2);
  // PT_LOAD, then PT_INTERP where there is an interpreter.
  u32(start, 1);
  u32(start + size, kind === 'pie' ? 3 : 2);
  return Buffer.concat([bytes, Buffer.from(tail)]);
}
