/** Subpackets by which a signature names its key (RFC 9580, 5.2.3.12 and 5.2.3.35). */
const issuerKeyId = 16;
const issuerFingerprint = 33;
const signaturePacket = 2;
const keyIdBytes = 8;

/** The id of the key that made an OpenPGP signature, 16 hex digits; undefined where the bytes do not tell. */
export function signingKeyId(bytes: Buffer): string | undefined {
  const body = packetBody(bytes);
  const version = body?.[0];
  if (!body || version === undefined) return undefined;
  if (version === 3) return hex(body.subarray(7, 7 + keyIdBytes));
  if (version !== 4 && version !== 6) return undefined;
  return issuerIn(body, version === 4 ? 2 : 4);
}

/** Content of the first packet if it is a signature: old headers (89 LL LL) and new ones (c2 L). */
function packetBody(bytes: Buffer): Buffer | undefined {
  const first = bytes[0] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first & 0x3c) >> 2;
  if (tag !== signaturePacket) return undefined;
  const length = isNew ? variableLength(bytes, 1) : oldLength(bytes, first & 3);
  return length && slice(bytes, length.end, length.value);
}

interface Length {
  value: number;
  end: number;
}

function oldLength(bytes: Buffer, kind: number): Length | undefined {
  if (kind === 3) return { value: bytes.length - 1, end: 1 };
  const size = 1 << kind;
  return 1 + size <= bytes.length ? { value: bytes.readUIntBE(1, size), end: 1 + size } : undefined;
}

/** One, two or five bytes, for packets and subpackets alike (4.2.1, 5.2.3.7). */
function variableLength(bytes: Buffer, at: number): Length | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 192) return { value: first, end: at + 1 };
  if (first < 255) {
    const second = bytes[at + 1];
    return second === undefined ? undefined : { value: ((first - 192) << 8) + second + 192, end: at + 2 };
  }
  return at + 5 <= bytes.length ? { value: bytes.readUInt32BE(at + 1), end: at + 5 } : undefined;
}

/** Version, type, two algorithms, then the hashed and the unhashed area, each with its length before it. */
function issuerIn(body: Buffer, lengthBytes: number): string | undefined {
  let at = 4;
  for (let area = 0; area < 2; area += 1) {
    if (at + lengthBytes > body.length) return undefined;
    const subpackets = slice(body, at + lengthBytes, body.readUIntBE(at, lengthBytes));
    if (!subpackets) return undefined;
    const keyId = issuerOf(subpackets);
    if (keyId) return keyId;
    at += lengthBytes + subpackets.length;
  }
  return undefined;
}

function issuerOf(subpackets: Buffer): string | undefined {
  for (let at = 0; at < subpackets.length; ) {
    const length = variableLength(subpackets, at);
    const content = length && slice(subpackets, length.end, length.value);
    if (!content || content.length === 0) return undefined;
    const type = content[0]! & 0x7f;
    if (type === issuerKeyId) return hex(content.subarray(1));
    if (type === issuerFingerprint) return keyIdOfFingerprint(content.subarray(1));
    at = length.end + length.value;
  }
  return undefined;
}

/** The last eight bytes of a version 4 fingerprint, the first eight of a later one. */
function keyIdOfFingerprint(field: Buffer): string | undefined {
  const fingerprint = field.subarray(1);
  return hex(field[0] === 4 ? fingerprint.subarray(-keyIdBytes) : fingerprint.subarray(0, keyIdBytes));
}

function slice(bytes: Buffer, start: number, length: number): Buffer | undefined {
  return start + length <= bytes.length ? bytes.subarray(start, start + length) : undefined;
}

function hex(keyId: Buffer): string | undefined {
  return keyId.length === keyIdBytes ? keyId.toString('hex') : undefined;
}
