/** Subpackets by which a signature names its key (RFC 9580, 5.2.3.12 and 5.2.3.35). */
const issuerKeyId = 16;
const issuerFingerprint = 33;
const signaturePacket = 2;
const keyIdBytes = 8;

/** Returns the id of the key that made an OpenPGP signature, 16 hex digits; undefined if the bytes do not have it. */
export function signingKeyId(bytes: Buffer): string | undefined {
  const body = packetBody(bytes);
  if (!body) return undefined;
  const { start, end } = body;
  const version = start < end ? bytes[start] : undefined;
  if (version === 3) return start + 7 + keyIdBytes <= end ? hex(bytes, start + 7) : undefined;
  if (version !== 4 && version !== 6) return undefined;
  return issuerIn(bytes, start + 4, end, version === 4 ? 2 : 4);
}

/** Bytes from `start` to before `end`. */
interface Span {
  start: number;
  end: number;
}

/** Content of the first packet if it is a signature: old headers (89 LL LL) and new ones (c2 L). */
function packetBody(bytes: Buffer): Span | undefined {
  const first = bytes[0] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first & 0x3c) >> 2;
  if (tag !== signaturePacket) return undefined;
  if (isNew) return counted(bytes, 1, bytes.length);
  // Two bits give the size of the length: 1, 2 or 4 bytes, or none.
  const kind = first & 3;
  if (kind === 3) return { start: 1, end: bytes.length };
  const start = 1 + (1 << kind);
  return within(start, numberAt(bytes, 1, start - 1), bytes.length);
}

/** A length of one, two or five bytes, of packets and subpackets (4.2.1, 5.2.3.7). */
function counted(bytes: Buffer, at: number, end: number): Span | undefined {
  if (at >= end) return undefined;
  const first = bytes[at]!;
  if (first < 192) return within(at + 1, first, end);
  if (first < 255) return within(at + 2, ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192, end);
  return within(at + 5, numberAt(bytes, at + 1, 4), end);
}

function within(start: number, length: number, end: number): Span | undefined {
  return start + length <= end ? { start, end: start + length } : undefined;
}

/** Version, type, two algorithms; then, from `at` on, the hashed and the unhashed area, each with its length before it. */
function issuerIn(bytes: Buffer, at: number, end: number, lengthBytes: number): string | undefined {
  let next = at;
  for (let area = 0; area < 2; area += 1) {
    const subpackets = within(next + lengthBytes, numberAt(bytes, next, lengthBytes), end);
    if (!subpackets) return undefined;
    const keyId = issuerOf(bytes, subpackets);
    if (keyId) return keyId;
    next = subpackets.end;
  }
  return undefined;
}

function issuerOf(bytes: Buffer, { start, end }: Span): string | undefined {
  for (let at = start; at < end; ) {
    const content = counted(bytes, at, end);
    if (!content || content.start === content.end) return undefined;
    const type = bytes[content.start]! & 0x7f;
    const length = content.end - content.start - 1;
    if (type === issuerKeyId) return length === keyIdBytes ? hex(bytes, content.start + 1) : undefined;
    if (type === issuerFingerprint) return keyIdOfFingerprint(bytes, content);
    at = content.end;
  }
  return undefined;
}

/** The last eight bytes of a version 4 fingerprint, the first eight of a later one. */
function keyIdOfFingerprint(bytes: Buffer, { start, end }: Span): string | undefined {
  const fingerprint = start + 2;
  if (end - fingerprint < keyIdBytes) return undefined;
  return hex(bytes, bytes[start + 1] === 4 ? end - keyIdBytes : fingerprint);
}

/** Big-endian; bytes beyond the end count as 0. */
function numberAt(bytes: Buffer, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i += 1) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function hex(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + keyIdBytes);
}
