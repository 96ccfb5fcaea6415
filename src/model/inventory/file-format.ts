/** Executable formats of the kernel and the loader, detected by a file's first bytes regardless of its name and mode. */
export type FileFormat = 'elf-executable' | 'elf-shared' | 'elf-object' | 'script';

/** First bytes that `fileFormat` looks at: the ELF header and the program headers behind it. */
export const formatBytes = 1024;

const elfMagic = 0x7f454c46;
const programInterpreter = 3;
/** e_type of ET_REL (objects, kernel modules), ET_EXEC and ET_DYN. */
const elfTypes: Readonly<Record<number, FileFormat>> = {
  1: 'elf-object',
  2: 'elf-executable',
  3: 'elf-shared',
};

/**
 * The format of a file by its first `formatBytes` bytes (System V ABI, "Object Files"). A position-independent program
 * has the type of a library; it is recognised by its interpreter, which a statically linked one does not have.
 */
export function fileFormat(head: Buffer): FileFormat | undefined {
  if (head.length >= 2 && head[0] === 0x23 && head[1] === 0x21) return 'script';
  if (head.length < 20 || head.readUInt32BE(0) !== elfMagic) return undefined;
  const bigEndian = head[5] === 2;
  const u16 = (at: number) => (bigEndian ? head.readUInt16BE(at) : head.readUInt16LE(at));
  const format = elfTypes[u16(16)];
  return format === 'elf-shared' && hasInterpreter(head, bigEndian) ? 'elf-executable' : format;
}

function hasInterpreter(head: Buffer, bigEndian: boolean): boolean {
  const wide = head[4] === 2;
  if (head.length < (wide ? 64 : 52)) return false;
  const u16 = (at: number) => (bigEndian ? head.readUInt16BE(at) : head.readUInt16LE(at));
  const u32 = (at: number) => (bigEndian ? head.readUInt32BE(at) : head.readUInt32LE(at));
  // Offset, size and number of the program headers.
  const start = wide ? u32(bigEndian ? 36 : 32) : u32(28);
  const size = u16(wide ? 54 : 42);
  const count = u16(wide ? 56 : 44);
  if (size === 0) return false;
  for (let at = start, left = count; left > 0 && at + 4 <= head.length; at += size, left--) {
    if (u32(at) === programInterpreter) return true;
  }
  return false;
}
