import { Buffer } from 'node:buffer';

/** An entry of a tar to be made; what is forged is written as it is. */
export interface TarInput {
  name: string;
  /** Type flag; default `0`, or `5` for names that end in a slash. */
  flag?: string;
  content?: string | Buffer;
  link?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  /** Size field when it is to differ from the content's. */
  size?: number;
  /** Raw size field of 12 bytes. */
  sizeField?: Buffer;
  /** Records of a pax header before the entry. */
  pax?: Readonly<Record<string, string>>;
  /** Write name and link as GNU long names. */
  gnuLong?: boolean;
}

/** A tar archive; `end: false` leaves out the two zero blocks. */
export function makeTar(entries: readonly TarInput[], { end = true } = {}): Buffer {
  const blocks = entries.flatMap(entryBlocks);
  return Buffer.concat(end ? [...blocks, Buffer.alloc(1024)] : blocks);
}

export function dir(name: string): TarInput {
  return { name: `${name}/`, mode: 0o755 };
}

export function file(name: string, content: string | Buffer = ''): TarInput {
  return { name, content };
}

export function symlink(name: string, link: string): TarInput {
  return { name, flag: '2', link };
}

export function hardlink(name: string, link: string): TarInput {
  return { name, flag: '1', link };
}

function entryBlocks(entry: TarInput): Buffer[] {
  const content = Buffer.from(entry.content ?? '');
  const before: Buffer[] = [];
  if (entry.pax) before.push(...entryBlocks({ name: 'pax', flag: 'x', content: paxData(entry.pax) }));
  if (entry.gnuLong) {
    before.push(...entryBlocks({ name: '././@LongLink', flag: 'L', content: `${entry.name}\0` }));
    if (entry.link)
      before.push(...entryBlocks({ name: '././@LongLink', flag: 'K', content: `${entry.link}\0` }));
  }
  return [...before, header(entry, content.length), padded(content)];
}

export function paxData(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => paxRecord(key, value))
    .join('');
}

/** The length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}

function header(entry: TarInput, length: number): Buffer {
  const block = Buffer.alloc(512);
  const flag = entry.flag ?? (entry.name.endsWith('/') ? '5' : '0');
  block.write(entry.name.slice(0, 100), 0, 100);
  block.write(octal(entry.mode ?? 0o644, 8), 100);
  block.write(octal(entry.uid ?? 0, 8), 108);
  block.write(octal(entry.gid ?? 0, 8), 116);
  if (entry.sizeField) entry.sizeField.copy(block, 124);
  else block.write(octal(entry.size ?? length, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(flag, 156);
  block.write((entry.link ?? '').slice(0, 100), 157, 100);
  block.write('ustar\0' + '00', 257, 'latin1');
  return withChecksum(block);
}

/** Writes the checksum of a header block into it. */
export function withChecksum(block: Buffer): Buffer {
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(octal(sum, 7), 148);
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
