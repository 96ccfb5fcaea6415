import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openZip } from '../../src/io/zip.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type ZippedFile, zipOf } from '../support/zip.ts';

const limits = { maxEntries: 100, maxEntryBytes: 1 << 22, maxBytes: 1 << 24 };

async function open(files: readonly ZippedFile[] | Buffer) {
  const path = join(temporaryFolder(), 'test.zip');
  writeFileSync(path, Buffer.isBuffer(files) ? files : zipOf(files));
  return openZip(path, limits, 'test.zip');
}

async function contents(files: readonly ZippedFile[]): Promise<[string, string][]> {
  const zip = await open(files);
  try {
    return [...zip.entries()].map((entry) => [entry.name, entry.content().toString()]);
  } finally {
    zip.close();
  }
}

describe('a zip archive', () => {
  it('is read in the order of its directory, inflated or stored', async () => {
    const files = [
      { name: 'b.json', content: 'first' },
      { name: 'ordner/ä.json', content: 'zweite', stored: true },
      { name: 'empty', content: '' },
    ];

    expect(await contents(files)).toEqual(files.map(({ name, content }) => [name, content]));
  });

  it('gives an entry in pieces too, with its size and CRC checked', async () => {
    const content = Buffer.from(
      Array.from({ length: 3_000_000 }, (_, at) => ((at * at * 7919) ^ (at >> 3)) & 255),
    );
    const zip = await open([
      { name: 'good', content },
      { name: 'bad', content, declared: { crc32: 7 } },
    ]);
    const [good, bad] = [...zip.entries()];
    const read = async (entry: typeof good) => {
      let size = 0;
      for await (const piece of entry!.stream()) size += piece.length;
      return size;
    };

    expect(await read(good)).toBe(content.length);
    await expect(read(bad)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED', where: 'test.zip#bad' });
    zip.close();
  });

  it('whose directory is told to be at a place of 64 bits is refused', async () => {
    const zip = zipOf([{ name: 'a', content: 'x' }]);
    const [body, end] = [zip.subarray(0, -22), Buffer.from(zip.subarray(-22))];
    end.writeUInt32LE(0xffffffff, 16);
    const wide = Buffer.alloc(56 + 20);
    wide.writeUInt32LE(0x06064b50, 0);
    wide.writeBigUInt64LE(44n, 4);
    wide.writeBigUInt64LE(1n, 24);
    wide.writeBigUInt64LE(1n, 32);
    wide.writeBigUInt64LE(46n, 40);
    wide.writeBigUInt64LE(0xa717171717171717n, 48);
    wide.writeUInt32LE(0x07064b50, 56);
    wide.writeBigUInt64LE(BigInt(body.length), 64);
    wide.writeUInt32LE(1, 72);
    const read = async () => [...(await open(Buffer.concat([body, wide, end]))).entries()];

    await expect(read()).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it.each([
    ['../outside', 'unsafe_name'],
    ['/etc/passwd', 'unsafe_name'],
    ['a/../../b', 'unsafe_name'],
    ['C:\\windows', 'unsafe_name'],
  ])('marks the name %s, and gives no content for it', async (name, fault) => {
    const zip = await open([{ name, content: 'x' }]);
    const [entry] = [...zip.entries()];

    expect(entry?.fault).toBe(fault);
    expect(() => entry?.content()).toThrow(/unsafe name/);
    zip.close();
  });

  it.each<[string, readonly ZippedFile[] | Buffer, string]>([
    [
      'whose entries overlap',
      [{ name: 'a', content: 'x', declared: { packed: 100_000 } }],
      'SOURCE_MALFORMED',
    ],
    [
      'of more bytes than allowed',
      [0, 1, 2, 3, 4].map((at) => ({ name: `${at}`, content: 'x', declared: { size: 1 << 22 } })),
      'SOURCE_TOO_LARGE',
    ],
    [
      'of more entries than allowed',
      Array.from({ length: 101 }, (_, at) => ({ name: `${at}`, content: '' })),
      'SOURCE_TOO_LARGE',
    ],
    ['that is none', Buffer.from('no archive'), 'SOURCE_MALFORMED'],
    ['that is empty', Buffer.alloc(0), 'SOURCE_MALFORMED'],
    ['that is cut', zipOf([{ name: 'a', content: 'x'.repeat(1000) }]).subarray(0, 60), 'SOURCE_MALFORMED'],
  ])('%s is refused', async (_, files, code) => {
    const reading = open(files).then((zip) => [...zip.entries()]);

    await expect(reading).rejects.toMatchObject({ code });
  });

  it.each<[string, ZippedFile, string]>([
    ['of zeros, 2 MB in 2 kB', { name: 'bomb', content: Buffer.alloc(2 ** 21) }, 'SOURCE_TOO_LARGE'],
    [
      'of more bytes than it declares',
      { name: 'a', content: 'x'.repeat(5000), declared: { size: 10 } },
      'SOURCE_MALFORMED',
    ],
    [
      'of fewer bytes than it declares',
      { name: 'a', content: 'x', declared: { size: 10 } },
      'SOURCE_MALFORMED',
    ],
  ])('an entry %s is refused by itself', async (_, file, code) => {
    const zip = await open([file, { name: 'other', content: 'good' }]);
    const [bad, other] = [...zip.entries()];

    expect(() => bad?.content()).toThrow(expect.objectContaining({ code }) as Error);
    expect(other?.content().toString()).toBe('good');
    zip.close();
  });
});
