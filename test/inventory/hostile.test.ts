import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import { ScapfeedError } from '../../src/model/error.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { parseHeader } from '../../src/packaging/rpm/header.ts';
import { rpmPackage } from '../../src/packaging/rpm/package.ts';
import { signingKeyId } from '../../src/packaging/rpm/signature.ts';
import { access, type MemoryLayer, memoryView } from '../support/memory-view.ts';
import { rpmBdb } from '../support/rpm-bdb.ts';
import { binary, rpmHeader } from '../support/rpm-header.ts';
import { rpmNdb } from '../support/rpm-ndb.ts';
import { rpmSqlite, sqliteWal } from '../support/rpm-sqlite.ts';

/** Reading it works, or fails in the one allowed way: our error, of the right code, with a place. */
function survives(layer: MemoryLayer): Inventory | undefined {
  try {
    return readInventory(memoryView(layer));
  } catch (error) {
    expect(error).toBeInstanceOf(ScapfeedError);
    expect(error).toMatchObject({
      code: 'PACKAGE_DATABASE_UNREADABLE',
      where: expect.stringMatching(/^\/var\/lib/),
    });
    return undefined;
  }
}

const headers = [
  rpmHeader({ name: 'tiny', version: '1', release: '1', epoch: 1, arch: 'noarch' }),
  rpmHeader({ name: 'signed', version: '1', release: '1', rsaHeader: Buffer.from([0x89, 0, 3, 4, 0, 1]) }),
  rpmHeader({ name: 'paged', version: '1', release: '1', padding: 3000 }),
  rpmHeader({ name: 'large', version: '1', release: '1', padding: 12_000, sourceRpm: 'l-1-1.src.rpm' }),
];

const sqlite = rpmSqlite(headers);
const databases: Record<string, { path: string; good: Buffer }> = {
  sqlite: { path: '/var/lib/rpm/rpmdb.sqlite', good: sqlite },
  BDB: { path: '/var/lib/rpm/Packages', good: rpmBdb(headers) },
  'big-endian BDB': { path: '/var/lib/rpm/Packages', good: rpmBdb(headers, { bigEndian: true }) },
  NDB: { path: '/var/lib/rpm/Packages.db', good: rpmNdb(headers) },
  chisel: {
    path: '/var/lib/chisel/manifest.wall',
    good: zstdCompressSync(
      '{"jsonwall":"1.0","schema":"1.0","count":3}\n{"kind":"package","name":"a","version":"1","arch":"all"}\n{"kind":"slice","name":"a_b"}\n',
      { params: { [constants.ZSTD_c_checksumFlag]: 1 } },
    ),
  },
  dpkg: {
    path: '/var/lib/dpkg/status',
    good: Buffer.from(
      'Package: a\nStatus: install ok installed\nVersion: 1\nSource: b (2)\nDescription: c\n d\n\n'.repeat(3),
    ),
  },
};

/** A few bytes overwritten, mostly by values that break bounds: positions favour the beginnings of pages. */
function damage(size: number) {
  const position = fc.oneof(
    fc.nat(size - 1),
    fc.nat(127).map((at) => at % size),
    fc
      .tuple(fc.nat(Math.floor(size / 4096)), fc.nat(40))
      .map(([page, at]) => Math.min(page * 4096 + at, size - 1)),
  );
  const value = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
  return fc.array(fc.tuple(position, value), { minLength: 1, maxLength: 8 });
}

describe.each(Object.entries(databases))('%s', (_, { path, good }) => {
  test('sound', () => {
    expect(survives({ [path]: good })?.packages.length).toBeGreaterThan(0);
  });

  test('with bytes overwritten: packages or an error with a place', () => {
    fc.assert(
      fc.property(damage(good.length), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        survives({ [path]: bytes });
      }),
      { numRuns: 600 },
    );
  });

  test('cut off anywhere: an error, or a sound shorter list, never more', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), (length) => {
        const packages = survives({ [path]: good.subarray(0, length) })?.packages ?? [];
        expect(packages.length).toBeLessThanOrEqual(headers.length);
      }),
      { numRuns: 300 },
    );
  });

  test('of arbitrary bytes behind its magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6000 }), fc.nat(100), (tail, keep) => {
        survives({ [path]: Buffer.concat([good.subarray(0, keep), tail]) });
      }),
      { numRuns: 500 },
    );
  });

  test('reads no more than a few times its size', () => {
    fc.assert(
      fc.property(damage(good.length), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        let taken = 0;
        const counted = {
          size: bytes.length,
          read(offset: number, length: number) {
            const part = bytes.subarray(offset, offset + length);
            taken += part.length;
            return part;
          },
        };
        survives({ [path]: counted });
        // Each page is taken once; a window of pages around it is what one read may bring.
        expect(taken).toBeLessThan(20 * bytes.length + (1 << 20));
      }),
      { numRuns: 300 },
    );
  });
});

test('a log of arbitrary frames over a sound database', () => {
  const pages = [1, 2, 3].map((number) => sqlite.subarray((number - 1) * 4096, number * 4096));
  fc.assert(
    fc.property(
      fc.array(fc.record({ number: fc.nat(9), page: fc.nat(2), at: fc.nat(4095), value: fc.nat(255) }), {
        maxLength: 5,
      }),
      fc.nat(100_000),
      (frames, pageCount) => {
        const changed = frames.map(({ number, page, at, value }) => {
          const bytes = Buffer.from(pages[page]!);
          bytes[at] = value;
          return { number, page: bytes };
        });
        const path = '/var/lib/rpm/rpmdb.sqlite';
        survives({ [path]: sqlite, [`${path}-wal`]: sqliteWal(changed, { pageCount }) });
      },
    ),
    { numRuns: 500 },
  );
});

describe('rpm header', () => {
  const header = rpmHeader({
    name: 'bash',
    version: '5',
    release: '1',
    epoch: 2,
    arch: 'x86_64',
    vendor: 'V',
    modularityLabel: 'a:b:c:d',
    more: [binary(259, Buffer.from([0x89, 0, 1, 4]))],
  });

  test('with bytes overwritten', () => {
    fc.assert(
      fc.property(damage(header.length), (changes) => {
        const bytes = Buffer.from(header);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          rpmPackage(parseHeader({ bytes, where: 'here' }), 'database', []);
        } catch (error) {
          expect(error).toMatchObject({ code: 'PACKAGE_DATABASE_UNREADABLE', where: 'here' });
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('a signature of arbitrary bytes names a key or none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x88, 0x89, 0x8a, 0x8b, 0xc2, 0),
        fc.uint8Array({ maxLength: 80 }),
        (first, rest) => {
          expect(signingKeyId(Buffer.from([first, ...rest])) ?? '0123456789abcdef').toMatch(/^[0-9a-f]{16}$/);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('dpkg status', () => {
  test('any text: packages with a name, or an error with a line', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'Package: a',
        'Version: 1',
        'Status: install ok installed',
        'Source: b (',
        ' folded',
        '',
        'x',
        ':',
      ),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const inventory = survives({ '/var/lib/dpkg/status': lines.join(end) });
        for (const item of inventory?.packages ?? []) expect(item.name).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });

  test('the result does not depend on how the file is read', () => {
    const { good } = databases['dpkg']!;
    const inPieces = {
      size: good.length,
      read: (offset: number, length: number) => good.subarray(offset, offset + Math.min(length, 7)),
    };

    expect(survives({ '/var/lib/dpkg/status': inPieces })).toEqual(
      survives({ '/var/lib/dpkg/status': access(good) }),
    );
  });
});
