import { describe, expect, it } from 'vitest';
import { type TarFilesOptions, tarFiles } from '../../../src/io/tar/files.ts';
import { tar, tarHeader } from '../../distros/ubuntu/support.ts';

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, options: Partial<TarFilesOptions> = {}, size = 777) {
  const found: Record<string, string> = {};
  for await (const { name, content } of tarFiles(pieces(bytes, size), { where: 'a.tar', ...options })) {
    found[name] = content.toString('utf8');
  }
  return found;
}

const files = { 'a.json': '{}', 'b/empty': '', 'b/long': 'x'.repeat(3000), 'c.json': '[]' };

describe('the files of a tar', () => {
  it.each([1, 511, 512, 513, 100_000])('come in order, cut at %d bytes', async (size) => {
    expect(await read(tar(files), {}, size)).toEqual(files);
  });

  it('that are not wanted are passed over, whatever their size', async () => {
    const wanted = (name: string) => name.endsWith('.json');
    expect(await read(tar(files), { wanted, maxFileBytes: 100 })).toEqual({
      'a.json': '{}',
      'c.json': '[]',
    });
  });

  it('have their long names from pax and GNU records', async () => {
    const long = `osv/${'deep/'.repeat(30)}é.json`;
    const path = `${long}`;
    const plain = ` path=${path}\n`;
    const length = Buffer.byteLength(plain);
    const record = `${length + String(length + 3).length}${plain}`;
    const block = (type: string, text: string) => {
      const content = Buffer.from(text);
      return [
        tarHeader('meta', content.length, type),
        content,
        Buffer.alloc((512 - (content.length % 512)) % 512),
      ];
    };
    for (const meta of [block('x', record), block('L', `${long}\0`)]) {
      expect(await read(Buffer.concat([...meta, tar({ short: 'text', other: '' })]))).toEqual({
        [long]: 'text',
        other: '',
      });
    }
  });

  it('have the name that image layers give them where records contradict each other', async () => {
    const padded = (type: string, text: string) => {
      const content = Buffer.from(text);
      return Buffer.concat([
        tarHeader('meta', content.length, type),
        content,
        Buffer.alloc(512 - content.length),
      ]);
    };
    const long = padded('L', 'long\0');
    const pax = padded('x', '12 path=pax\n');
    const archive = (...records: Buffer[]) => Buffer.concat([...records, tar({ own: 'text' })]);

    for (const records of [
      [long, pax],
      [pax, long],
    ]) {
      expect(await read(archive(...records))).toEqual({ long: 'text' });
    }
    expect(await read(archive(pax, padded('L', '\0')))).toEqual({ pax: 'text' });
    expect(await read(archive(padded('x', '8 path=\n')))).toEqual({ own: 'text' });
  });

  it('have the size that a pax record gives, as layers do', async () => {
    const record = Buffer.alloc(512);
    record.write('12 size=512\n');
    const bytes = Buffer.concat([
      tarHeader('meta', 12, 'x'),
      record,
      tarHeader('own', 0),
      Buffer.alloc(512, 'y'),
      tar({ next: 'text' }),
    ]);
    expect(await read(bytes)).toEqual({ own: 'y'.repeat(512), next: 'text' });
  });

  it('have no prefix where GNU tar writes times', async () => {
    const header = tarHeader('own', 0);
    header.write('ustar  \0', 257, 'latin1');
    header.write('14737456453\0', 345, 'latin1');
    header.write('        ', 148, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(await read(Buffer.concat([header, Buffer.alloc(1024)]))).toEqual({ own: '' });
  });

  it('are regular files only: links and folders are passed over', async () => {
    const bytes = Buffer.concat([tarHeader('folder/', 0, '5'), tarHeader('link', 0, '2'), tar({ a: '1' })]);
    expect(await read(bytes)).toEqual({ a: '1' });
  });

  it.each([
    ['broken', Buffer.concat([tar(files).subarray(0, 1024), Buffer.alloc(4096, 'x')])],
    ['taken in part only', tar(files)],
  ])('let go of their source when the archive is %s', async (_, bytes) => {
    let closed = false;
    async function* source() {
      try {
        yield* pieces(bytes, 512);
      } finally {
        closed = true;
      }
    }

    const first = async () => {
      for await (const { name } of tarFiles(source(), { where: 'a.tar' })) if (name === 'b/empty') break;
    };
    await first().catch((error) => expect(error).toMatchObject({ code: 'SOURCE_MALFORMED' }));

    expect(closed).toBe(true);
  });

  it('of an archive without its last zero blocks are whole', async () => {
    expect(await read(tar({ a: '1' }).subarray(0, 1024))).toEqual({ a: '1' });
    expect(await read(Buffer.alloc(0))).toEqual({});
  });
});

describe('a hostile archive is refused', () => {
  it.each([
    ['a file above the bound', tar(files), { maxFileBytes: 2999 }, 'SOURCE_TOO_LARGE'],
    ['more files than the bound', tar(files), { maxEntries: 3 }, 'SOURCE_TOO_LARGE'],
    [
      'a name record above the bound',
      Buffer.concat([tarHeader('x', 2 << 20, 'L'), Buffer.alloc(2 << 20)]),
      {},
      'SOURCE_TOO_LARGE',
    ],
    ['an end in the middle of a file', tar(files).subarray(0, 3000), {}, 'SOURCE_MALFORMED'],
    ['an end in the middle of a header', tar(files).subarray(0, 100), {}, 'SOURCE_MALFORMED'],
    ['bytes that are no header', Buffer.from('x'.repeat(1024)), {}, 'SOURCE_MALFORMED'],
    [
      'a file stored with holes',
      Buffer.concat([tarHeader('sparse', 0, 'S'), Buffer.alloc(1024)]),
      {},
      'SOURCE_MALFORMED',
    ],
    ['a wrong checksum', Buffer.concat([Buffer.from('y'), tar(files).subarray(1)]), {}, 'SOURCE_MALFORMED'],
  ])('%s', async (_, bytes, options, code) => {
    await expect(read(bytes, options)).rejects.toMatchObject({
      code,
      where: expect.stringContaining('a.tar'),
    });
  });
});
