import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import type { Inspection } from '../../../src/model/inventory/index.ts';
import { elf } from '../../support/elf.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { dockerArchive, imageLayout, writeFiles } from '../support/make-image.ts';
import { dir, file, hardlink, makeTar, symlink, type TarInput } from '../support/make-tar.ts';
import { pieces } from '../support/open.ts';

const everything: Inspection = { files: () => true, digests: ['md5', 'sha256'] };

const open = (layers: TarInput[][], inspection = everything) =>
  openImage(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`, {
    wanted: () => false,
    inspection,
  });

const hash = (algorithm: string, content: string | Buffer) =>
  createHash(algorithm).update(content).digest('hex');

const large = Buffer.alloc(700_001, 'scapfeed');

describe('files hashed while their layers go by', () => {
  it.each<{ name: string; layers: TarInput[][]; path: string; content: string | Buffer }>([
    { name: 'a file', layers: [[file('a', 'one')]], path: '/a', content: 'one' },
    { name: 'an empty file', layers: [[file('a', '')]], path: '/a', content: '' },
    {
      name: 'a file longer than a piece',
      layers: [[file('a', large), file('b', 'x')]],
      path: '/a',
      content: large,
    },
    {
      name: 'the upper of two',
      layers: [[file('a', 'one')], [file('a', 'two')]],
      path: '/a',
      content: 'two',
    },
    {
      name: 'through links',
      layers: [[symlink('bin', 'usr/bin'), file('usr/bin/x', 'one'), symlink('y', '/bin/x')]],
      path: '/y',
      content: 'one',
    },
    {
      name: 'another name of a file',
      layers: [[file('a', 'one')], [hardlink('b', 'a')]],
      path: '/b',
      content: 'one',
    },
  ])('$name', async ({ layers, path, content }) => {
    const { files } = await open(layers);

    expect([files.digest(path, 'md5'), files.digest(path, 'sha256')]).toEqual([
      hash('md5', content),
      hash('sha256', content),
    ]);
  });

  it.each([
    ['a directory', '/dir'],
    ['a link to nothing', '/dangling'],
    ['nothing', '/none'],
  ])('none of %s', async (_, path) => {
    const { files } = await open([[dir('dir'), symlink('dangling', 'nowhere')]]);

    expect([files.digest(path, 'md5'), files.format(path)]).toEqual([undefined, undefined]);
  });

  it('has no digest that was not asked for, and none of a file stored with holes', async () => {
    const sparse = {
      ...file('holes', 'data'),
      pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '100000' },
    };
    const { files } = await open([[file('a', 'one'), sparse]]);

    expect(files.digest('/a', 'sha512')).toBeUndefined();
    expect(files.digest('/holes', 'sha256')).toBeUndefined();
  });

  it('hashes on a second pass what only the links of the image show to be asked for', async () => {
    const { files } = await open([[symlink('bin', 'usr/bin'), file('usr/bin/x', 'one')]], {
      files: (path) => path === '/bin/x',
      digests: ['sha256'],
    });

    expect(files.digest('/bin/x', 'sha256')).toBe(hash('sha256', 'one'));
  });

  it.each([
    ['a root file system', makeTar([dir('usr'), file('usr/x', 'one')])],
    ['an image archive', dockerArchive({ layers: [[file('usr/x', 'one')]] }, 'skopeo')],
  ])('from a stream: %s', async (_, bytes) => {
    const image = await openImage('-', {
      wanted: () => false,
      inspection: everything,
      stdin: pieces(bytes, 1000),
    });

    expect(image.files.digest('/usr/x', 'md5')).toBe(hash('md5', 'one'));
  });
});

describe('what a file is by its first bytes', () => {
  it.each([
    ['a program', elf('executable'), 'elf-executable'],
    ['a position-independent program', elf('pie'), 'elf-executable'],
    ['a 32-bit big-endian program', elf('executable', { bits: 32, bigEndian: true }), 'elf-executable'],
    ['a 32-bit position-independent program', elf('pie', { bits: 32 }), 'elf-executable'],
    ['a library', elf('shared'), 'elf-shared'],
    ['a kernel module', elf('object'), 'elf-object'],
    ['a core dump', elf('core'), undefined],
    ['a script', '#!/bin/sh\n', 'script'],
    ['text', 'echo\n', undefined],
    ['nothing', '', undefined],
    ['an ELF magic alone', Buffer.from('\x7fELF'), undefined],
    ['an ELF header cut off', elf('pie').subarray(0, 30), 'elf-shared'],
    ['program headers of no size', elf('pie', { headerSize: 0 }), 'elf-shared'],
    ['program headers out of reach', elf('pie', { headerStart: 0xffff_fff0 }), 'elf-shared'],
  ])('%s', async (_, content, format) => {
    const { files } = await open([[file('x', content)]]);

    expect(files.format('/x')).toBe(format);
  });
});

describe('what a layer says beside the content', () => {
  it.each([
    ['as tar has it', 'SCHILY.xattr.security.capability', '\x01\0\0\x02rest'],
    [
      'as bsdtar has it',
      'LIBARCHIVE.xattr.security.capability',
      Buffer.from('\x01\0\0\x02rest').toString('base64'),
    ],
  ])('capabilities %s', async (_, key, value) => {
    const { files } = await open([[{ ...file('x', 'one'), pax: { [key]: value } }]]);

    expect(files.stat('/x')?.capability).toEqual(Buffer.from('\x01\0\0\x02rest'));
  });

  it('times, of pax headers too', async () => {
    const { files } = await open([[{ ...file('x', 'one'), pax: { mtime: '1700000000.75' } }]]);

    expect(files.stat('/x')?.mtime).toBe(1_700_000_000);
  });

  it('is read from a stream in one pass', async () => {
    const bytes = makeTar([dir('usr'), file('usr/x', elf('shared'))]);
    const image = await openImage('-', {
      wanted: () => false,
      inspection: everything,
      stdin: Readable.from([bytes]),
    });

    expect(image.files.format('/usr/x')).toBe('elf-shared');
  });
});
