// An rpm database of the ndb kind (rpm's own Packages.db), with headers as rpm makes them, so that librpm lists them.
import { createHash } from 'node:crypto';

const headerMagic = Buffer.from('8eade80100000000', 'hex');
const [int32, string, binary, strings, translated] = [4, 6, 7, 8, 9];

/** Bytes of `var/lib/rpm/Packages.db`; packages are { name, epoch, version, release, arch, source, vendor, keyId }. */
export function rpmDatabase(packages) {
  const blobs = packages.map(rpmHeader);
  const pages = Math.ceil((blobs.length + 2) / 256);
  const next = Buffer.alloc(16);
  next.writeUInt32LE(blobs.length + 1, 0);
  const slots = [words('RpmP', 0, 1, pages), next];
  const parts = [];
  let block = (pages * 4096) / 16;
  for (const [at, blob] of blobs.entries()) {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const bytes = Buffer.alloc(blocks * 16);
    words('BlbS', at + 1, 1, blob.length).copy(bytes);
    blob.copy(bytes, 16);
    bytes.writeUInt32LE(adler32(bytes.subarray(0, bytes.length - 12)), bytes.length - 12);
    bytes.writeUInt32LE(blob.length, bytes.length - 8);
    bytes.write('BlbE', bytes.length - 4, 'latin1');
    slots.push(words('Slot', at + 1, block, blocks));
    parts.push(bytes);
    block += blocks;
  }
  while (slots.length < pages * 256) slots.push(words('Slot', 0, 0, 0));
  return Buffer.concat([...slots, ...parts]);
}

function words(magic, ...values) {
  const bytes = Buffer.alloc(16);
  bytes.write(magic, 0, 'latin1');
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value, 4 * (at + 1));
  return bytes;
}

function rpmHeader({ name, epoch, version, release, arch = 'x86_64', source = name, vendor, keyId }) {
  const nevr = `${version}-${release}`;
  const region = regionOf([
    [100, strings, ['C']],
    [1000, string, name],
    [1001, string, version],
    [1002, string, release],
    ...(epoch === undefined ? [] : [[1003, int32, epoch]]),
    [1004, translated, [name]],
    [1005, translated, [name]],
    [1006, int32, 1700000000],
    [1009, int32, 0],
    [1011, string, vendor],
    [1014, string, 'free'],
    [1016, translated, ['Unspecified']],
    [1021, string, 'linux'],
    [1022, string, arch],
    [1044, string, `${source}-${nevr}.src.rpm`],
    [1047, strings, [name]],
    [1112, int32, 8],
    [1113, strings, [nevr]],
  ]);
  const signed = Buffer.concat([
    headerMagic,
    be32(region.count, region.data.length),
    region.index,
    region.data,
  ]);
  const behind = layOut(
    [
      [268, binary, signature(keyId, signed)],
      [269, string, createHash('sha1').update(signed).digest('hex')],
      [1008, int32, 1700000000],
    ],
    region.data.length,
  );
  const data = Buffer.concat([region.data, behind.data]);
  return Buffer.concat([be32(region.count + behind.count, data.length), region.index, behind.index, data]);
}

/** Entries below the region tag (63), whose trailer closes their data. */
function regionOf(entries) {
  const { index, data, count } = layOut(entries, 0);
  const trailer = be32(63, binary, -(count + 1) * 16, 16);
  const head = be32(63, binary, data.length, 16);
  return { index: Buffer.concat([head, index]), data: Buffer.concat([data, trailer]), count: count + 1 };
}

/** Index and data of entries, whose data begins at an offset of the whole. */
function layOut(entries, start) {
  const index = [];
  const data = [];
  let at = start;
  for (const [tag, type, value] of entries) {
    const bytes = encode(type, value);
    const padding = type === int32 ? -at & 3 : 0;
    data.push(Buffer.alloc(padding), bytes);
    at += padding;
    const count = type === binary ? bytes.length : Array.isArray(value) ? value.length : 1;
    index.push(be32(tag, type, at, count));
    at += bytes.length;
  }
  return { index: Buffer.concat(index), data: Buffer.concat(data), count: entries.length };
}

function encode(type, value) {
  if (type === binary) return value;
  if (type === int32) return be32(value);
  return Buffer.from(
    [value]
      .flat()
      .map((text) => `${text}\0`)
      .join(''),
  );
}

/** An OpenPGP signature packet that names its key and has the right digest prefix; it verifies nothing. */
function signature(keyId, signed) {
  const time = Buffer.from('050265000000', 'hex');
  const hashed = Buffer.concat([Buffer.from('040001080006', 'hex'), time]);
  const closing = Buffer.concat([Buffer.from([4, 0xff]), be32(hashed.length)]);
  const digest = createHash('sha256').update(signed).update(hashed).update(closing).digest();
  const issuer = Buffer.concat([Buffer.from([0, 10, 9, 16]), Buffer.from(keyId, 'hex')]);
  const number = Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(256, 0xa5)]);
  const body = Buffer.concat([hashed, issuer, digest.subarray(0, 2), number]);
  return Buffer.concat([Buffer.from([0x89, body.length >> 8, body.length & 255]), body]);
}

function be32(...values) {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeInt32BE(value, 4 * at);
  return bytes;
}

function adler32(bytes) {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}
