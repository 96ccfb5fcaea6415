import { describe, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import { type MemoryLayer, memoryView } from '../support/memory-view.ts';
import { rpmBdb } from '../support/rpm-bdb.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmNdb } from '../support/rpm-ndb.ts';
import { rpmSqlite, sqliteWal } from '../support/rpm-sqlite.ts';

const pageSize = 4096;
const headers = Array.from({ length: 40 }, (_, at) =>
  rpmHeader({ name: `p${at}`, version: '1', release: '1', padding: at % 3 === 0 ? 9000 : 400 }),
);

function changed(good: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(good);
  change(bytes);
  return bytes;
}

/** Number of packages, and what is said of a list that may be shorter than the database. */
function reading(layer: MemoryLayer): { packages: number; incomplete: boolean; details: string[] } {
  const { databases, packages, notes } = readInventory(memoryView(layer));
  const details = notes.flatMap(({ code, detail }) =>
    code === 'incomplete_package_database' ? (detail ?? '') : [],
  );
  return { packages: packages.length, incomplete: databases[0]?.incomplete ?? false, details };
}

describe('Berkeley DB', () => {
  const path = '/var/lib/rpm/Packages';
  const good = rpmBdb(headers);
  const pages = Array.from({ length: good.length / pageSize }, (_, at) => at);
  const hashPages = pages.filter((at) => at > 0 && good[at * pageSize + 25] === 13);
  const items = (at: number) => good.readUInt16LE(at * pageSize + 20);

  test('a sound one is complete', () => {
    expect(reading({ [path]: good })).toEqual({ packages: 40, incomplete: false, details: [] });
    expect(hashPages.length).toBeGreaterThan(3);
  });

  test.each(hashPages)(
    'page %i overwritten with zeroes: the other packages, and both contradictions',
    (at) => {
      const layer = { [path]: changed(good, (bytes) => bytes.fill(0, at * pageSize, (at + 1) * pageSize)) };
      const left = 41 - items(at) / 2;

      expect(reading(layer)).toMatchObject({
        // Record 0, the counter, stands on the first of them.
        packages: at === hashPages[0] ? left : left - 1,
        incomplete: true,
        details: [
          `41 records are counted, ${left} were found`,
          expect.stringContaining(`leads to page ${at}`),
        ],
      });
    },
  );

  test('a bucket that leads past one of its pages', () => {
    const [first, , third] = hashPages as [number, number, number];
    const layer = { [path]: changed(good, (bytes) => bytes.writeUInt32LE(third, first * pageSize + 16)) };

    expect(reading(layer)).toMatchObject({
      packages: 40,
      details: [expect.stringMatching(/has records and is in no bucket/)],
    });
  });

  test('a page that was written to the place of another', () => {
    const [first, second] = hashPages as [number, number];
    const bytes = changed(good, (each) =>
      good.copy(each, second * pageSize, first * pageSize, (first + 1) * pageSize),
    );

    expect(() => reading({ [path]: bytes })).toThrow(
      `expected page ${second}, found page ${first} in its place`,
    );
  });
});

describe('NDB', () => {
  const path = '/var/lib/rpm/Packages.db';
  const good = rpmNdb(headers);

  test('a sound one is complete, also with room between its blobs', () => {
    const bytes = Buffer.concat([good, Buffer.alloc(5000)]);

    expect(reading({ [path]: bytes })).toEqual({ packages: 40, incomplete: false, details: [] });
  });

  test('a slot overwritten with that of no record', () => {
    const bytes = changed(good, (each) => each.fill(0, 32 + 16 * 7 + 4, 32 + 16 * 8));

    expect(reading({ [path]: bytes })).toMatchObject({
      packages: 39,
      incomplete: true,
      details: [expect.stringMatching(/the bytes from offset \d+ on belong to no slot/)],
    });
  });

  test('a byte of a version, one of a list of files and one of padding changed: all packages, and how many differ', () => {
    const at = (index: number) => good.readUInt32LE(32 + 16 * index + 8) * 16;
    const bytes = changed(good, (each) => {
      each[good.indexOf('p7\0', at(7), 'latin1') + 3]! ^= 1;
      each[at(9) + 16 + 9000]! ^= 0x80;
      each[at(12) - 13]! ^= 1;
    });

    expect(reading({ [path]: bytes })).toEqual({
      packages: 40,
      incomplete: true,
      details: ['3 of 40 records differ from their checksums, the first is 8'],
    });
  });

  test('a page of slots that the header does not count', () => {
    const many = rpmNdb(
      Array.from({ length: 300 }, (_, at) => rpmHeader({ name: `p${at}`, version: '1', release: '1' })),
    );
    const bytes = changed(many, (each) => each.writeUInt32LE(1, 12));

    expect(reading({ [path]: many }).packages).toBe(300);
    expect(reading({ [path]: bytes })).toMatchObject({ packages: 254, incomplete: true });
  });
});

describe('sqlite', () => {
  const path = '/var/lib/rpm/rpmdb.sqlite';
  const good = rpmSqlite(headers);
  const root = pageSize;

  test('a root with fewer children than it holds', () => {
    const bytes = changed(good, (each) => each.writeUInt16BE(each.readUInt16BE(root + 3) - 1, root + 3));

    expect(() => reading({ [path]: bytes })).toThrow(/expected cells that fill the page/);
  });

  test('a leaf that forgot its last row', () => {
    const leaf = good.readUInt32BE(root + 8) - 1;
    const count = leaf * pageSize + 3;
    const bytes = changed(good, (each) => each.writeUInt16BE(each.readUInt16BE(count) - 1, count));

    expect(() => reading({ [path]: bytes })).toThrow(/expected cells that fill the page/);
  });

  test('children in another order', () => {
    const [one, other] = [0, 1].map((at) => root + good.readUInt16BE(root + 12 + 2 * at)) as [number, number];
    const bytes = changed(good, (each) => {
      good.copy(each, one, other, other + 4);
      good.copy(each, other, one, one + 4);
    });

    expect(() => reading({ [path]: bytes })).toThrow(/expected rows in order/);
  });

  const newer = rpmSqlite([...headers, rpmHeader({ name: 'new', version: '1', release: '1' })]);
  const frames = Array.from({ length: newer.length / pageSize }, (_, at) => ({
    number: at + 1,
    page: newer.subarray(at * pageSize, (at + 1) * pageSize),
  }));
  const log = sqliteWal(frames, { pageCount: frames.length });
  const frameBytes = pageSize + 24;

  test('a sound log is complete, also before the frames of an older one', () => {
    const older = changed(log, (each) => each.writeUInt32BE(1, 32 + 8)).subarray(32, 32 + frameBytes);

    for (const wal of [log, Buffer.concat([log, older])]) {
      expect(reading({ [path]: good, [`${path}-wal`]: wal })).toEqual({
        packages: 41,
        incomplete: false,
        details: [],
      });
    }
  });

  test.each<[string, Buffer, RegExp]>([
    [
      'with one wrong bit',
      changed(log, (each) => each.writeUInt8(each[5000]! ^ 1, 5000)),
      /damaged or cut off/,
    ],
    [
      'with a wrong salt',
      changed(log, (each) => each.writeUInt32BE(7, 32 + frameBytes + 8)),
      /damaged or cut off/,
    ],
    [
      'with a first frame of a wrong salt',
      changed(log, (each) => each.writeUInt32BE(7, 32 + 8)),
      /damaged or cut off/,
    ],
    ['cut off inside of a frame', log.subarray(0, -1), /damaged or cut off/],
    ['cut off inside of the first frame', log.subarray(0, 100), /damaged or cut off/],
    ['cut off between two frames', log.subarray(0, -frameBytes), /changes without their commit/],
    ['with a damaged header', changed(log, (each) => each.writeUInt32BE(7, 16)), /header does not match/],
  ])('a log %s: SQLite ignores it, and it is said', (_, wal, detail) => {
    expect(reading({ [path]: good, [`${path}-wal`]: wal })).toEqual({
      packages: 40,
      incomplete: true,
      details: [expect.stringMatching(detail)],
    });
  });
});

describe('dpkg', () => {
  const status = '/var/lib/dpkg/status';
  const stanza = (name: string) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nDescription: of ${name}\n more\n\n`;
  const good = ['a', 'b', 'c', 'd'].map(stanza).join('');

  test('cut off anywhere: an error, or fewer packages and a note', () => {
    for (let length = 1; length < good.length; length += 1) {
      // Between two paragraphs nothing in the file tells; the lists of files below do.
      if (good.startsWith('\n\n', length - 2)) continue;
      const layer = { [status]: good.slice(0, length) };
      try {
        expect({ length, ...reading(layer) }).toMatchObject({ incomplete: true });
      } catch (error) {
        expect(error).toMatchObject({ code: 'PACKAGE_DATABASE_UNREADABLE' });
      }
    }
  });

  test('lists of files of packages that the status does not name', () => {
    const info = Object.fromEntries(
      ['a', 'b:amd64', 'e', 'f:amd64', 'f:i386'].map((name) => [`/var/lib/dpkg/info/${name}.list`, '']),
    );

    expect(reading({ [status]: good, ...info })).toEqual({
      packages: 4,
      incomplete: true,
      details: ['/var/lib/dpkg/info has lists of files of 2 packages without a paragraph: e, f'],
    });
  });

  test.each([
    [
      'without a Status',
      good.replace('Status: ', 'Sta:us: '),
      /line 1 \(a\)/,
      /expected a Status, found none/,
    ],
    [
      'with a comment in place of its Status',
      good.replace('Status: ', '#tatus: '),
      /line 1 \(a\)/,
      /expected a Status/,
    ],
    ['whose lines became one', good.replace('a\n', 'a '), /line 1$/, /expected the name of a package/],
    [
      'of a name that dpkg refuses',
      good.replace(': b\n', ': ~b\n'),
      /line 8$/,
      /expected the name of a package/,
    ],
    [
      'with a Version of two words',
      good.replace('Version: 1\nDescription', 'Version: 1\n x\nDescription'),
      /line 1 /,
      /expected a Version/,
    ],
    [
      'with words behind its Status',
      good.replace('installed\n', 'installed x\n'),
      /line 1 /,
      /want flag state/,
    ],
    ['with a NUL', good.replace('of b', 'of \0'), /line 12$/, /found a NUL/],
  ])('a paragraph %s', (_, text, place, message) => {
    expect(() => reading({ [status]: text })).toThrow(
      expect.objectContaining({
        code: 'PACKAGE_DATABASE_UNREADABLE',
        where: expect.stringMatching(place),
        message: expect.stringMatching(message),
      }),
    );
  });

  test('an empty file in the folder of distroless images', () => {
    const layer = { [`${status}.d/a`]: 'Package: a\nVersion: 1\n', [`${status}.d/b`]: '' };

    expect(reading(layer)).toEqual({ packages: 1, incomplete: true, details: ['the file has no paragraph'] });
  });
});
