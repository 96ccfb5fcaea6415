import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  file,
  hardlink,
  makeTar,
  paxData,
  symlink,
  type TarInput,
  withChecksum,
} from '../../image/support/make-tar.ts';
import { readTar } from '../../image/support/read-tar.ts';

const long = `${'directory/'.repeat(30)}name`;
const base256 = (value: bigint) => {
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(value, 4);
  field[0] = 0x80;
  return field;
};

describe('a tar', () => {
  it.each([1, 7, 511, 512, 513, 4096])('is the same in pieces of %i bytes', (size) => {
    const bytes = makeTar([
      file('a', 'x'.repeat(1000)),
      { name: long, gnuLong: true, content: 'long' },
      { name: 'short', pax: { path: `${long}.pax`, size: '3' }, content: 'pax' },
      symlink('l', 'a'),
      file('empty'),
    ]);

    expect(readTar(bytes, size)).toEqual(readTar(bytes));
  });

  const names: { name: string; input: TarInput; expected: Record<string, unknown> }[] = [
    { name: 'GNU long name', input: { name: long, gnuLong: true, content: 'x' }, expected: { name: long } },
    {
      name: 'GNU long link',
      input: { name: 'l', flag: '2', gnuLong: true, link: long },
      expected: { linkName: long },
    },
    {
      name: 'pax path',
      input: { name: 'short', pax: { path: long }, content: 'x' },
      expected: { name: long },
    },
    {
      name: 'pax linkpath',
      input: { ...symlink('l', 'x'), pax: { linkpath: long } },
      expected: { linkName: long },
    },
    {
      name: 'pax size',
      input: { name: 'a', size: 0, pax: { size: '3' }, content: 'abc' },
      expected: { size: 3 },
    },
    {
      name: 'pax ids',
      input: { name: 'a', pax: { uid: '70000', gid: '3' } },
      expected: { uid: 70000, gid: 3 },
    },
    { name: 'pax in UTF-8', input: { name: 'a', pax: { path: 'grün/ß' } }, expected: { name: 'grün/ß' } },
    {
      name: 'base-256 size',
      input: { name: 'a', sizeField: base256(3n), content: 'abc' },
      expected: { size: 3 },
    },
    {
      name: 'a hard link has no data, whatever its size says',
      input: { ...hardlink('l', 'a'), size: 7 },
      expected: { size: 0 },
    },
    {
      name: 'a directory has no data',
      input: { name: 'd/', size: 7 },
      expected: { type: 'directory', size: 0 },
    },
    { name: 'a V7 directory', input: { name: 'd/', flag: '\0' }, expected: { type: 'directory' } },
    {
      name: 'a V7 directory that says it has data, where engines read headers on',
      input: { name: 'd/', flag: '\0', size: 512 },
      expected: { type: 'directory', size: 0 },
    },
    { name: 'a V7 file', input: { name: 'a', flag: '\0' }, expected: { type: 'file' } },
    { name: 'a contiguous file', input: { name: 'a', flag: '7' }, expected: { type: 'file' } },
    { name: 'a device', input: { name: 'a', flag: '4' }, expected: { type: 'other' } },
    { name: 'an unknown type', input: { name: 'a', flag: 'V', content: 'x' }, expected: { type: 'other' } },
    { name: 'setuid', input: { name: 'a', mode: 0o4755 }, expected: { mode: 0o4755 } },
    {
      name: 'a sparse file of GNU pax 1.0',
      input: {
        name: 'GNUSparseFile.1/a',
        pax: {
          'GNU.sparse.major': '1',
          'GNU.sparse.minor': '0',
          'GNU.sparse.name': 'a',
          'GNU.sparse.realsize': '9',
        },
        content: 'x',
      },
      expected: { name: 'a', sparseSize: 9, size: 1 },
    },
    {
      name: 'a sparse file of GNU pax 0.1',
      input: { name: 'x', pax: { 'GNU.sparse.name': 'a', 'GNU.sparse.map': '0,1' }, content: 'x' },
      expected: { name: 'a', sparseSize: 1, size: 1 },
    },
    {
      name: 'an empty pax path, size and uid, which leave the header its own',
      input: { name: 'a', uid: 7, pax: { path: '', size: '', uid: '', mtime: '' }, content: 'abc' },
      expected: { name: 'a', size: 3, uid: 7, mtime: 0 },
    },
    ...['1e300', 'Infinity', '9007199254740992', 'x'].map((mtime) => ({
      name: `a pax time that no file can have, ${mtime}`,
      input: { name: 'a', pax: { mtime } },
      expected: { mtime: Number.NaN },
    })),
    {
      name: 'an empty pax linkpath',
      input: { ...symlink('l', 'x'), pax: { linkpath: '' } },
      expected: { linkName: 'x' },
    },
    {
      name: 'a GNU long name after a pax path, over which it wins',
      input: { ...symlink('a', 'b'), pax: { path: 'x', linkpath: 'y' }, gnuLong: true },
      expected: { name: 'a', linkName: 'b' },
    },
    {
      name: 'the name of a sparse file, and nothing that says it is one',
      input: { name: 'a', pax: { 'GNU.sparse.name': 'x', 'GNU.sparse.realsize': '9' }, content: 'abc' },
      expected: { name: 'a', size: 3 },
    },
    {
      name: 'a sparse file of an unknown version',
      input: { name: 'a', pax: { 'GNU.sparse.major': '2', 'GNU.sparse.name': 'x' } },
      expected: { name: 'a' },
    },
    {
      name: 'a file whose name ends in a slash',
      input: { name: 'a/', flag: '0', content: 'x' },
      expected: { type: 'file' },
    },
  ];
  it.each(names)('with $name', ({ input, expected }) => {
    expect(readTar(makeTar([input, file('next', 'y')]))).toMatchObject([expected, { name: 'next' }]);
  });

  it('with the prefix field of ustar', () => {
    const bytes = makeTar([file('name', '')]);
    bytes.write('some/where', 345);
    withChecksum(bytes.subarray(0, 512));

    expect(readTar(bytes)[0]?.name).toBe('some/where/name');
  });

  it.each([
    {
      name: 'pax path after a GNU long name',
      before: [{ name: 'L', flag: 'L', content: 'long\0' }],
      read: 'long',
    },
    { name: 'empty GNU long name', before: [{ name: 'L', flag: 'L', content: '\0' }], read: 'pax' },
    {
      name: 'GNU long name that an empty one takes back',
      before: [
        { name: 'L', flag: 'L', content: 'long\0' },
        { name: 'L', flag: 'L', content: '\0' },
      ],
      read: 'pax',
    },
  ])('with a $name', ({ before, read }) => {
    const bytes = makeTar([...before, { name: 'a', pax: { path: 'pax' } }]);

    expect(readTar(bytes).map(({ name }) => name)).toEqual([read]);
  });

  it.each([
    {
      form: 'GNU with a prefix where its times are',
      magic: 'ustar  \0',
      field: 'some/where',
      read: 'some/where/name',
    },
    { form: 'GNU with a time', magic: 'ustar  \0', field: '14532270523\0', read: 'name' },
    {
      form: 'GNU with a prefix that is not ASCII',
      magic: 'ustar  \0',
      field: 'some/wh\u00e9re',
      read: 'name',
    },
    { form: 'V7', magic: 'ustarXX\0', field: 'some/where', read: 'name' },
    { form: 'ustar of any version', magic: 'ustar\x0099', field: 'some/where', read: 'some/where/name' },
    {
      form: 'star',
      magic: 'ustar\x0000',
      field: 'x'.repeat(140),
      end: 'tar\0',
      read: `${'x'.repeat(131)}/name`,
    },
  ])('in the form of $form', ({ magic, field, end, read }) => {
    const bytes = makeTar([file('name', '')]);
    bytes.write(magic, 257, 'latin1');
    bytes.write(field, 345, 'latin1');
    if (end) bytes.write(end, 508, 'latin1');
    withChecksum(bytes.subarray(0, 512));

    expect(readTar(bytes)[0]?.name).toBe(read);
  });

  it('with names that are not UTF-8 keeps them apart', () => {
    const bytes = makeTar([file('a?', ''), file('b?', '')]);
    for (const [at, byte] of [
      [1, 0xe4],
      [513, 0xf6],
    ] as const)
      bytes[at] = byte;
    for (const at of [0, 512]) withChecksum(bytes.subarray(at, at + 512));

    expect(readTar(bytes).map(({ name }) => name)).toEqual(['aä', 'bö']);
  });

  it('with signed checksums, as old tars wrote them', () => {
    const bytes = makeTar([file('ä', '')]);
    const sum = bytes
      .subarray(0, 512)
      .reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte > 127 ? byte - 256 : byte), 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);

    expect(readTar(bytes)).toHaveLength(1);
  });

  it('with a sparse file in old GNU form passes its map and data', () => {
    const header = makeTar([{ name: 'a', flag: 'S', size: 512 }], { end: false });
    header[482] = 1;
    header.write('00000010000\0', 483);
    withChecksum(header);
    const map = Buffer.alloc(512);
    const bytes = Buffer.concat([header, map, Buffer.alloc(512, 'x'), makeTar([file('next')])]);

    expect(readTar(bytes)).toMatchObject([{ name: 'a', sparseSize: 4096 }, { name: 'next' }]);
  });

  it('without the zero blocks at its end is taken', () => {
    expect(readTar(makeTar([file('a', 'x')], { end: false }))).toHaveLength(1);
  });

  it('with one zero block and a part of the second at its end is taken, as GNU tar does', () => {
    const [entry] = readTar(makeTar([file('a', 'x')]));
    for (const rest of [0, 1, 100, 511]) {
      const bytes = Buffer.concat([makeTar([file('a', 'x')]).subarray(0, 1024), Buffer.alloc(512 + rest)]);
      expect(readTar(bytes), `${rest}`).toEqual([entry]);
      const { stdout, status } = spawnSync('tar', ['-tf', '-'], { input: bytes, encoding: 'utf8' });
      expect([stdout, status], `${rest}`).toEqual(['a\n', 0]);
    }
  });

  it('with a lone zero block and a remnant that is no entry is taken, as GNU tar and bsdtar do', () => {
    const [entry] = readTar(makeTar([file('a', 'x')]));
    const begun = Buffer.concat([makeTar([file('a', 'x')]).subarray(0, 1024), Buffer.alloc(512)]);
    for (const blocks of [1, 19, 20]) {
      const bytes = Buffer.concat([begun, Buffer.alloc(512 * blocks, '\n')]);
      expect(readTar(bytes), `${blocks}`).toEqual([entry]);
      const { stdout, status } = spawnSync('tar', ['-tf', '-'], { input: bytes, encoding: 'utf8' });
      expect([stdout, status], `${blocks}`).toEqual(['a\n', 0]);
    }
    for (const lost of [
      Buffer.alloc(512 * 21, 'x'),
      Buffer.concat([Buffer.alloc(512, 'x'), makeTar([file('b')])]),
    ])
      expect(() => readTar(Buffer.concat([begun, lost]))).toThrow('second zero block');
  });

  it('ends at two zero blocks: what follows is for nobody', () => {
    const bytes = Buffer.concat([makeTar([file('a')]), makeTar([file('hidden')])]);

    expect(readTar(bytes).map(({ name }) => name)).toEqual(['a']);
  });

  it('with a global header is read as if it were not there', () => {
    const bytes = makeTar([
      { name: 'pax_global_header', flag: 'g', content: paxData({ comment: 'x', path: 'y' }) },
      file('a'),
    ]);

    expect(readTar(bytes).map(({ name }) => name)).toEqual(['a']);
  });
});

describe('a broken tar is refused', () => {
  const whole = makeTar([file('a', 'x'.repeat(600)), file('b', 'y')]);
  const withByte = (at: number, byte: number) => {
    const bytes = Buffer.from(whole);
    bytes[at] = byte;
    return bytes;
  };
  const cases: { name: string; bytes: Buffer; message: string; offset: number }[] = [
    { name: 'wrong checksum', bytes: withByte(3, 1), message: 'wrong checksum', offset: 0 },
    { name: 'wrong checksum later', bytes: withByte(1536 + 3, 1), message: 'wrong checksum', offset: 1536 },
    { name: 'no tar at all', bytes: Buffer.alloc(1024, 1), message: 'wrong checksum', offset: 0 },
    {
      name: 'cut in a header',
      bytes: whole.subarray(0, 1700),
      message: 'expected a block of 512 bytes',
      offset: 0,
    },
    { name: 'text', bytes: Buffer.alloc(1024, 'z'), message: 'expected a tar, found text', offset: 0 },
    {
      name: 'a short text',
      bytes: Buffer.from('hello\n'),
      message: 'expected a tar, found text',
      offset: 0,
    },
    {
      name: 'a page of a server',
      bytes: Buffer.from('<!DOCTYPE html>\n<html>'),
      message: 'expected a tar, found a page of HTML',
      offset: 0,
    },
    {
      name: 'a zip',
      bytes: Buffer.from('PK\x03\x04\0\0'),
      message: 'expected a tar, found a zip archive',
      offset: 0,
    },
    {
      name: 'a program',
      bytes: Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(600)]),
      message: 'expected a tar, found a program (ELF)',
      offset: 0,
    },
    {
      name: 'cut in the first header',
      bytes: whole.subarray(0, 300),
      message: 'expected a block of 512 bytes',
      offset: 0,
    },
    { name: 'cut in data', bytes: whole.subarray(0, 700), message: 'expected 412 more bytes', offset: 0 },
    {
      name: 'one zero block, then more',
      bytes: Buffer.concat([Buffer.alloc(512), whole]),
      message: 'second zero block',
      offset: 512,
    },
    {
      name: 'letters in a number',
      bytes: makeTar([{ name: 'a', sizeField: Buffer.from('12x4567890\0\0') }]),
      message: 'octal number',
      offset: 0,
    },
    {
      name: 'negative size',
      bytes: makeTar([{ name: 'a', sizeField: Buffer.alloc(12, 0xff) }]),
      message: 'found a negative one',
      offset: 0,
    },
    {
      name: 'size above 2^53',
      bytes: makeTar([{ name: 'a', sizeField: base256(2n ** 60n) }]),
      message: 'below 2^53',
      offset: 0,
    },
    {
      name: 'size of an exabyte',
      bytes: makeTar([{ name: 'a', sizeField: base256(2n ** 52n) }]),
      message: 'more bytes',
      offset: 0,
    },
    {
      name: 'pax record too long',
      bytes: makeTar([{ name: 'p', flag: 'x', content: '99 path=a\n' }, file('a')]),
      message: 'length of a pax record',
      offset: 0,
    },
    {
      name: 'pax record of length 0',
      bytes: makeTar([{ name: 'p', flag: 'x', content: '0 path=a\n' }, file('a')]),
      message: 'length of a pax record',
      offset: 0,
    },
    {
      name: 'pax record without =',
      bytes: makeTar([{ name: 'p', flag: 'x', content: '7 path\n' }, file('a')]),
      message: 'pax record',
      offset: 0,
    },
    {
      name: 'pax record without newline',
      bytes: makeTar([{ name: 'p', flag: 'x', content: '9 path=ab' }, file('a')]),
      message: 'pax record',
      offset: 0,
    },
    {
      name: 'pax path with a zero byte',
      bytes: makeTar([{ name: 'a', pax: { path: 'a\0b' } }]),
      message: 'zero byte',
      offset: 0,
    },
    {
      name: 'pax size that is none',
      bytes: makeTar([{ name: 'a', pax: { size: '1e9' } }]),
      message: 'number in a pax record',
      offset: 0,
    },
    {
      name: 'a long name of nothing',
      bytes: makeTar([{ name: 'L', flag: 'L', content: 'x\0' }], { end: false }),
      message: 'entry after its extended header',
      offset: 0,
    },
  ];
  it.each(cases)('$name', ({ bytes, message, offset }) => {
    expect(() => readTar(bytes)).toThrow(
      expect.objectContaining({
        code: 'IMAGE_MALFORMED',
        message: expect.stringContaining(message),
        where: expect.stringMatching(`^x.tar, entry \\d+, offset ${offset}$`),
      }),
    );
  });
});
