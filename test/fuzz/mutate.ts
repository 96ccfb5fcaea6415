import { mutateJson, type Random } from '../support/mutate-json.ts';

const page = 4096;
const oddBytes = [0, 1, 0x0a, 0x20, 0x7f, 0x80, 0xff];

type Change = (bytes: Buffer, random: Random) => Buffer;

/** Damage as by disks, copies and downloads, or on purpose. */
const byteChanges: readonly Change[] = [
  function anotherByte(bytes, random) {
    bytes[random(bytes.length)] = random(2) === 0 ? oddBytes[random(oddBytes.length)]! : random(256);
    return bytes;
  },
  function aByteNearThePagesHead(bytes, random) {
    const at = page * random(Math.ceil(bytes.length / page)) + random(64);
    if (at < bytes.length) bytes[at] = random(256);
    return bytes;
  },
  function anotherBit(bytes, random) {
    const at = random(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random(8));
    return bytes;
  },
  function anotherNumber(bytes, random) {
    if (bytes.length < 4) return bytes;
    const value = [0, 1, 0x7fffffff, 0xffffffff, bytes.length, random(bytes.length)][random(6)]!;
    const at = random(bytes.length - 3);
    if (random(2) === 0) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt32BE(value, at);
    return bytes;
  },
  function aPageOfZeroes(bytes, random) {
    const at = page * random(Math.ceil(bytes.length / page));
    return bytes.fill(0, at, Math.min(bytes.length, at + page));
  },
  function aPageInAnotherPlace(bytes, random) {
    const pages = Math.ceil(bytes.length / page);
    const from = page * random(pages);
    bytes.copy(bytes, page * random(pages), from, from + page);
    return bytes;
  },
  function cutOff(bytes, random) {
    return bytes.subarray(0, random(bytes.length));
  },
  function cutOffAtAPage(bytes, random) {
    return bytes.subarray(0, page * random(Math.ceil(bytes.length / page)));
  },
  function aPieceTwice(bytes, random) {
    const from = random(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random(600));
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  function aPieceGone(bytes, random) {
    const from = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random(600))]);
  },
];

/** One change of bytes, seldom two. */
export function damageBytes(seed: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let times = random(5) === 0 ? 2 : 1; times > 0 && bytes.length > 0; times -= 1) {
    bytes = byteChanges[random(byteChanges.length)]!(bytes, random);
  }
  return bytes;
}

/** Mostly another value at a place of the document, else its bytes. */
export function damageJson(seed: Buffer, random: Random): Buffer {
  if (random(5) === 0) return damageBytes(seed, random);
  return Buffer.from(JSON.stringify(mutateJson(JSON.parse(seed.toString('utf8')), random, 3)) ?? 'null');
}

const oddTexts = [
  '',
  '0',
  '-1',
  '1e999',
  'NaN',
  '.*',
  '(a+)+$',
  '%s',
  '../x',
  '&#65;',
  '\u202e',
  'x'.repeat(3000),
  '('.repeat(400),
];

/** A piece of markup in another place, a value from another, an odd text, or changed bytes. */
export function damageMarkup(seed: Buffer, random: Random): Buffer {
  const kind = random(5);
  if (kind === 0) return damageBytes(seed, random);
  const text = seed.toString('utf8');
  const pieces = [...text.matchAll(kind < 3 ? /"[^"<]*"/g : /<[^>]+>[^<]*/g)];
  if (pieces.length === 0) return damageBytes(seed, random);
  const target = pieces[random(pieces.length)]!;
  const other = pieces[random(pieces.length)]![0];
  const odd = oddTexts[random(oddTexts.length)]!;
  const value = kind === 1 ? `"${odd}"` : kind === 3 ? target[0].replace(/>[^<]*$/, `>${odd}`) : other;
  return Buffer.from(text.slice(0, target.index) + value + text.slice(target.index + target[0].length));
}
