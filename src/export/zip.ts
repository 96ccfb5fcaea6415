import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

/** 1980-01-01, the first day that a zip can have: no clock is in it. */
const dosDate = 0x21;
const flushBytes = 1 << 20;
const most16 = 0xffff;
const most32 = 0xffffffff;

interface Entry {
  name: Buffer;
  crc: number;
  packed: number;
  size: number;
  at: number;
}

/** Writes a zip with deflated members, the same bytes for the same members; with zip64 records when there are too many. */
export function writeZip(path: string, fill: (add: (name: string, text: string) => void) => void): void {
  const zip = new ZipFile(path);
  try {
    fill((name, text) => zip.add(name, text));
    zip.finish();
  } finally {
    zip.close();
  }
}

class ZipFile {
  readonly #file: number;
  readonly #entries: Entry[] = [];
  #at = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  add(name: string, text: string): void {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content, { level: 6 });
    const entry: Entry = {
      name: Buffer.from(name),
      crc: crc32(content),
      packed: packed.length,
      size: content.length,
      at: this.#at,
    };
    this.#entries.push(entry);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    writeCommon(header, 4, entry);
    this.#write(header);
    this.#write(entry.name);
    this.#write(packed);
  }

  finish(): void {
    const start = this.#at;
    for (const entry of this.#entries) this.#directory(entry);
    const size = this.#at - start;
    const count = this.#entries.length;
    if (count >= most16 || this.#at >= most32) this.#end64(start, size, count);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(Math.min(count, most16), 8);
    end.writeUInt16LE(Math.min(count, most16), 10);
    end.writeUInt32LE(Math.min(size, most32), 12);
    end.writeUInt32LE(Math.min(start, most32), 16);
    this.#write(end);
    this.#flush();
  }

  close(): void {
    closeSync(this.#file);
  }

  #directory(entry: Entry): void {
    const far = entry.at >= most32;
    const extra = far ? Buffer.alloc(12) : Buffer.alloc(0);
    if (far) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(8, 2);
      extra.writeBigUInt64LE(BigInt(entry.at), 4);
    }
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(45, 4);
    writeCommon(header, 6, entry);
    header.writeUInt16LE(extra.length, 30);
    header.writeUInt32LE(Math.min(entry.at, most32), 42);
    this.#write(header);
    this.#write(entry.name);
    this.#write(extra);
  }

  #end64(start: number, size: number, count: number): void {
    const end = Buffer.alloc(76);
    const at = this.#at;
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeUInt16LE(45, 12);
    end.writeUInt16LE(45, 14);
    end.writeBigUInt64LE(BigInt(count), 24);
    end.writeBigUInt64LE(BigInt(count), 32);
    end.writeBigUInt64LE(BigInt(size), 40);
    end.writeBigUInt64LE(BigInt(start), 48);
    end.writeUInt32LE(0x07064b50, 56);
    end.writeBigUInt64LE(BigInt(at), 64);
    end.writeUInt32LE(1, 72);
    this.#write(end);
  }

  #write(bytes: Buffer): void {
    this.#at += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= flushBytes) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** Writes the fields that a member's header and its directory entry share: from the version needed to the name's length. */
function writeCommon(header: Buffer, at: number, { name, crc, packed, size }: Entry): void {
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(0x800, at + 2);
  header.writeUInt16LE(8, at + 4);
  header.writeUInt16LE(0, at + 6);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(packed, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(name.length, at + 22);
}
