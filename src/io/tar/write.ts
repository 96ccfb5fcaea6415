import { blockSize, field, tarPadding } from './format.ts';

/** Type flags: regular files, and the pax records that describe the file after them. */
const regular = '0';
const extended = 'x';

const nameBytes = field.name[1];
const prefixBytes = field.prefix[1];

/**
 * A regular file's header; a name too long for it stands in a pax record in front. Owner, mode and time are fixed: equal
 * content gives equal archives.
 */
export function tarHeader(name: string, size: number): Buffer {
  const split = splitName(name);
  if (split) return header(split, size, regular);
  const record = paxRecord('path', name);
  return Buffer.concat([
    header(['', '././@PaxHeader'], record.length, extended),
    record,
    Buffer.alloc(tarPadding(record.length)),
    header(['', name.slice(-nameBytes)], size, regular),
  ]);
}

type SplitName = readonly [prefix: string, rest: string];

/** The part that all headers share, with the sum of its bytes: archives of many small files consist mostly of headers. */
const blank = Buffer.alloc(blockSize);
for (const [text, [offset]] of [
  ['0000644\0', field.mode],
  ['0000000\0', field.uid],
  ['0000000\0', field.gid],
  ['00000000000\0', field.mtime],
  ['        ', field.checksum],
  ['ustar\0', field.magic],
  ['00', field.version],
] as const)
  blank.write(text, offset, 'latin1');
const blankSum = blank.reduce((total, byte) => total + byte, 0);

function header([prefix, rest]: SplitName, size: number, type: string): Buffer {
  const header = Buffer.from(blank);
  let sum = blankSum;
  const put = (text: string, [offset, length]: readonly [number, number]) => {
    const end = offset + header.write(text, offset, length, 'utf8');
    for (let at = offset; at < end; at++) sum += header[at]!;
  };
  put(rest, field.name);
  put(`${size.toString(8).padStart(11, '0')}\0`, field.size);
  put(type, field.type);
  put(prefix, field.prefix);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, field.checksum[0], 'latin1');
  return header;
}

/** `30 path=...\n`: the number in front counts the whole record, its own digits too (pax, "Extended Header"). */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes;
  while (String(length).length + bytes !== length) length = String(length).length + bytes;
  return Buffer.from(`${length}${rest}`);
}

/** Undefined: the name does not fit the two fields at any of its slashes. */
function splitName(name: string): SplitName | undefined {
  if (Buffer.byteLength(name) <= nameBytes) return ['', name];
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
    const [prefix, rest] = [name.slice(0, slash), name.slice(slash + 1)];
    if (Buffer.byteLength(prefix) <= prefixBytes && Buffer.byteLength(rest) <= nameBytes)
      return [prefix, rest];
  }
  return undefined;
}
