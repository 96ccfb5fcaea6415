import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { zipEntries } from '../../src/io/zip-in-memory.ts';
import { zipOf } from '../support/zip.ts';

const files = { 'a.txt': 'first', 'b/': '', 'b/c.txt': 'second '.repeat(100) };
const contents = (bytes: Buffer) =>
  [...zipEntries(bytes, 'x.jar')].map((entry) => [entry.name, `${entry.content(1000)}`]);

/** The end of a directory as writers before zip64 have it. */
function withoutZip64(zip: Buffer, comment = ''): Buffer {
  const end64 = zip.length - 22 - 20 - 56;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  for (const at of [8, 10]) end.writeUInt16LE(Number(zip.readBigUInt64LE(end64 + 32)), at);
  end.writeUInt32LE(Number(zip.readBigUInt64LE(end64 + 40)), 12);
  end.writeUInt32LE(Number(zip.readBigUInt64LE(end64 + 48)), 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([zip.subarray(0, end64), end, Buffer.from(comment)]);
}

describe('a zip archive in memory', () => {
  it.each([
    ['of zip64', zipOf(files)],
    ['of an older writer', withoutZip64(zipOf(files))],
    ['with a comment', withoutZip64(zipOf(files), 'PK\x05\x06 of a comment')],
    [
      'behind a shell script',
      Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n'), withoutZip64(zipOf(files))]),
    ],
    ['behind the head of a jmod', Buffer.concat([Buffer.from('JM\x01\x00'), zipOf(files)])],
  ])('%s is read', (_, bytes) => {
    expect(contents(bytes)).toEqual(Object.entries(files));
  });

  it('gives stored content without a copy of it', () => {
    const zip = zipOf([{ name: 'x', content: 'stored', stored: true }]);
    const content = [...zipEntries(zip, 'x.jar')][0]!.content(10);
    expect(`${content}`).toBe('stored');
    expect(content.buffer).toBe(zip.buffer);
  });

  it('ends with its reason wherever it is cut', () => {
    const zip = zipOf(files);
    for (let length = 0; length < zip.length - 1; length++)
      expect(() => contents(zip.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'SOURCE_MALFORMED' }),
      );
  });

  const twisted = (change: (zip: Buffer) => void) => {
    const zip = withoutZip64(zipOf(files));
    change(zip);
    return zip;
  };
  const central = (zip: Buffer) => zip.indexOf('PK\x01\x02');
  it.each<[string, Buffer, RegExp]>([
    [
      'content of another CRC',
      zipOf([{ name: 'x', content: 'y', declared: { crc32: 1 } }]),
      /another size or CRC/,
    ],
    [
      'content beyond its size',
      zipOf([{ name: 'x', content: 'yyyy', declared: { size: 2 } }]),
      /does not inflate/,
    ],
    ['an encrypted entry', twisted((zip) => zip.writeUInt16LE(1, central(zip) + 8)), /an encrypted entry/],
    [
      'an unknown method',
      twisted((zip) => zip.writeUInt16LE(12, central(zip) + 10)),
      /compression method 12/,
    ],
    [
      'a name that differs',
      twisted((zip) => zip.write('z', central(zip) + 46)),
      /another name in a local header/,
    ],
    [
      'more entries than declared',
      twisted((zip) => zip.writeUInt16LE(2, zip.length - 12)),
      /3 entries where 2/,
    ],
    ['an entry elsewhere', twisted((zip) => zip.writeUInt32LE(7, central(zip) + 42)), /no local header/],
    [
      'entries that overlap',
      zipOf(['x', 'y'].map((name) => ({ name, content: 'a', declared: { packed: 150 } }))),
      /entries that overlap/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => contents(bytes)).toThrow(message);
  });

  it('inflates no bomb, whatever it declares', () => {
    const bomb = deflateRawSync(Buffer.alloc(1 << 24));
    const said = zipOf([{ name: 'x', content: Buffer.alloc(1 << 24) }]);
    const unsaid = zipOf([{ name: 'x', content: Buffer.alloc(1 << 24), declared: { size: 1 << 20 } }]);
    expect(bomb.length).toBeLessThan(1 << 15);
    for (const zip of [said, unsaid]) {
      const before = process.memoryUsage().arrayBuffers;
      expect(() => [...zipEntries(zip, 'x.jar')][0]!.content(1 << 29)).toThrow();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 23);
    }
  });

  it('refuses an entry above the limit of its reader', () => {
    expect(() => [...zipEntries(zipOf({ x: 'eleven byte' }), 'x.jar')][0]!.content(10)).toThrow(
      expect.objectContaining({ code: 'SOURCE_TOO_LARGE' }),
    );
  });
});
