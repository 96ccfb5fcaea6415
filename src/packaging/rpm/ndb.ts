import { unreadable } from '../../files/unreadable.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';
import type { ReportLoss } from '../database.ts';
import { adler32, type HeaderBlob, HeaderSpace, maxHeaderBytes } from './header-blob.ts';
import { readInto } from './pages.ts';

/** rpm's own format (SUSE): lib/backend/ndb/rpmpkg.c of its sources gives the layout; all numbers little-endian. */
const fileMagic = 'RpmP';
const slotMagic = 'Slot';
const headMagic = 'BlbS';
const tailMagic = 'BlbE';
const slotPageBytes = 4096;
const slotBytes = 16;
const blockBytes = 16;
const headBytes = 16;
const tailBytes = 12;
/** Slots at the start of the first slot page that the file header takes. */
const headerSlots = 2;
/** Bytes that are read at once where no slot names them. */
const gapBytes = 64 << 10;

interface Slot {
  index: number;
  offset: number;
  bytes: number;
}

/** Yields the headers of a Packages.db, in the order of its slots. */
export function* ndbHeaders(content: RandomAccess, where: string, lost: ReportLoss): Generator<HeaderBlob> {
  let total = 0;
  const seen = new Map<number, Slot>();
  const damaged: number[] = [];
  const space = new HeaderSpace();
  for (const slot of slotsOf(content, where)) {
    const place = `${where} record ${slot.index}`;
    if (seen.has(slot.index)) throw unreadable(place, 'expected each record once, found it twice');
    seen.set(slot.index, slot);
    // Blobs do not overlap: without this limit a small file could name one large blob many times.
    total += slot.bytes;
    if (total > content.size)
      throw unreadable(place, 'expected blobs that share no bytes, found more bytes than the file has');
    const { header, intact } = blobOf(content, slot, space, place);
    if (!intact) damaged.push(slot.index);
    yield { bytes: header, where: place };
  }
  if (damaged.length > 0)
    lost(`${damaged.length} of ${seen.size} records differ from their checksums, the first is ${damaged[0]}`);
  checkGaps(content, [...seen.values()], lost);
}

/**
 * rpm overwrites a removed blob with zeroes: apart from the slots and the blobs that they name, there are only zeroes.
 * Anything else is a record that no slot names.
 */
function checkGaps(content: RandomAccess, slots: readonly Slot[], lost: ReportLoss): void {
  let at = content.read(0, headerSlots * slotBytes).readUInt32LE(12) * slotPageBytes;
  const end: Slot = { index: 0, offset: content.size, bytes: 0 };
  for (const { offset, bytes } of [...slots.toSorted((a, b) => a.offset - b.offset), end]) {
    for (; at < offset; at += gapBytes) {
      const part = content.read(at, Math.min(gapBytes, offset - at));
      if (part.some((byte) => byte !== 0)) {
        lost(`the bytes from offset ${at} on belong to no slot`);
        return;
      }
    }
    at = Math.max(at, offset + bytes);
  }
}

function* slotsOf(content: RandomAccess, where: string): Generator<Slot> {
  const header = content.read(0, headerSlots * slotBytes);
  if (header.length < headerSlots * slotBytes || header.toString('latin1', 0, 4) !== fileMagic) {
    throw unreadable(where, 'expected an NDB package database, found other bytes');
  }
  const version = header.readUInt32LE(4);
  if (version !== 0) throw unreadable(where, `expected format version 0, found ${version}`);
  const slotPages = header.readUInt32LE(12);
  if (slotPages * slotPageBytes > content.size) {
    throw unreadable(where, `expected ${slotPages} pages of slots, found the end of the file`);
  }
  for (let number = 0; number < slotPages; number += 1) {
    const page = content.read(number * slotPageBytes, slotPageBytes);
    for (let at = number === 0 ? headerSlots * slotBytes : 0; at < slotPageBytes; at += slotBytes) {
      if (page.toString('latin1', at, at + 4) !== slotMagic) {
        throw unreadable(
          `${where} offset ${number * slotPageBytes + at}`,
          'expected a slot, found other bytes',
        );
      }
      const index = page.readUInt32LE(at + 4);
      // Record 0: the slot is free.
      if (index === 0 && page.readUInt32LE(at + 8) === 0) continue;
      yield {
        index,
        offset: page.readUInt32LE(at + 8) * blockBytes,
        bytes: page.readUInt32LE(at + 12) * blockBytes,
      };
    }
  }
}

/**
 * Head, header blob, padding, tail: the blob's length is in both ends, and the tail has a checksum of all that is before
 * it. A record that differs from it still names a package that is probably installed.
 */
function blobOf(
  content: RandomAccess,
  { index, offset, bytes }: Slot,
  space: HeaderSpace,
  place: string,
): { header: Buffer; intact: boolean } {
  if (bytes < headBytes + tailBytes || bytes > maxHeaderBytes) {
    throw unreadable(place, `expected a blob of at most ${maxHeaderBytes} bytes, found ${bytes}`);
  }
  const blob = space.take(bytes);
  if (readInto(content, blob, 0, bytes, offset) < bytes)
    throw unreadable(place, 'expected a blob, found the end of the file');
  const length = blob.readUInt32LE(12);
  const tail = bytes - tailBytes;
  const whole =
    blob.toString('latin1', 0, 4) === headMagic &&
    blob.readUInt32LE(4) === index &&
    blob.toString('latin1', tail + 8, bytes) === tailMagic &&
    blob.readUInt32LE(tail + 4) === length &&
    headBytes + length <= tail;
  if (!whole) throw unreadable(place, 'expected a blob with matching head and tail, found other bytes');
  const intact = adler32(blob, tail) === blob.readUInt32LE(tail);
  return { header: blob.subarray(headBytes, headBytes + length), intact };
}
