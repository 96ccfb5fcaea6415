import { deflateSync } from 'node:zlib';

const slotPageBytes = 4096;
const blockBytes = 16;

/** rpm's own `Packages.db` with these headers, record numbers from 1. */
export function rpmNdb(headers: readonly Buffer[]): Buffer {
  const slotPages = Math.ceil((headers.length + 2) / (slotPageBytes / 16));
  const slots = [words('RpmP', 0, 1, slotPages), words('', headers.length + 1, 0, 0).subarray(0, 16)];
  const blobs: Buffer[] = [];
  let offset = slotPages * slotPageBytes;
  for (const [i, header] of headers.entries()) {
    const blocks = Math.ceil((16 + header.length + 12) / blockBytes);
    const blob = Buffer.alloc(blocks * blockBytes);
    words('BlbS', i + 1, 1, header.length).copy(blob);
    header.copy(blob, 16);
    blob.writeUInt32LE(checksum(blob.subarray(0, -12)), blob.length - 12);
    blob.writeUInt32LE(header.length, blob.length - 8);
    blob.write('BlbE', blob.length - 4, 'latin1');
    slots.push(words('Slot', i + 1, offset / blockBytes, blocks));
    blobs.push(blob);
    offset += blob.length;
  }
  while (slots.length * 16 < slotPages * slotPageBytes) slots.push(words('Slot', 0, 0, 0));
  return Buffer.concat([...slots, ...blobs]);
}

function words(magic: string, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(magic, 0, 'latin1');
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * (i + 1));
  return bytes;
}

/** Adler-32, which is what a zlib stream ends with. */
function checksum(bytes: Uint8Array): number {
  return deflateSync(bytes, { level: 0 }).subarray(-4).readUInt32BE();
}
