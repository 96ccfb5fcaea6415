import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { rpmHeaders } from '../../../src/packaging/rpm/index.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';
import { rpmBdb } from '../../support/rpm-bdb.ts';
import { type RpmSpec, rpmHeader } from '../../support/rpm-header.ts';
import { rpmNdb } from '../../support/rpm-ndb.ts';
import { rpmSqlite, sqliteWal } from '../../support/rpm-sqlite.ts';

const sqlite = '/var/lib/rpm/rpmdb.sqlite';
const ndb = '/var/lib/rpm/Packages.db';
const bdb = '/var/lib/rpm/Packages';

const bash: RpmSpec = {
  name: 'bash',
  version: '5.1.8',
  release: '9.el9',
  arch: 'x86_64',
  sourceRpm: 'bash-5.1.8-9.el9.src.rpm',
  vendor: 'Red Hat, Inc.',
};

function read(...layers: MemoryLayer[]) {
  return readInventory(memoryView(...layers));
}

function packagesOf(...specs: RpmSpec[]) {
  return read({ [sqlite]: rpmSqlite(specs.map(rpmHeader)) }).packages;
}

function namesIn(layer: MemoryLayer): string[] {
  return read(layer).packages.map(({ name }) => name);
}

function named(name: string, padding = 0): Buffer {
  return rpmHeader({ ...bash, name, padding });
}

describe('one package', () => {
  test('name, EVR, architecture, source, vendor', () => {
    expect(packagesOf(bash)).toEqual([
      {
        type: 'rpm',
        name: 'bash',
        version: '5.1.8-9.el9',
        arch: 'x86_64',
        source: { name: 'bash', version: '5.1.8-9.el9' },
        vendor: 'Red Hat, Inc.',
        database: sqlite,
        layer: 0,
      },
    ]);
  });

  test('an epoch stands before the version, also a 0', () => {
    expect(packagesOf({ ...bash, epoch: 2 })[0]?.version).toBe('2:5.1.8-9.el9');
    expect(packagesOf({ ...bash, epoch: 0 })[0]?.version).toBe('0:5.1.8-9.el9');
  });

  test.each([
    ['perl-5.26.3-420.el8.src.rpm', 'perl', '5.26.3-420.el8'],
    ['microcode_ctl-20230808-2.el9.nosrc.rpm', 'microcode_ctl', '20230808-2.el9'],
    ['lvm2-2.03.14-9.el8.src.rpm', 'lvm2', '2.03.14-9.el8'],
    [undefined, 'bash', '5.1.8-9.el9'],
    ['odd.rpm', 'bash', '5.1.8-9.el9'],
  ])('source of SOURCERPM %s', (sourceRpm, name, version) => {
    const { sourceRpm: _, ...rest } = bash;

    expect(packagesOf({ ...rest, epoch: 1, ...(sourceRpm ? { sourceRpm } : {}) })[0]?.source).toEqual({
      name,
      version,
    });
  });

  test('module: name and stream of the label', () => {
    const modularityLabel = 'nodejs:18:8090020240301110609:a75119d5';

    expect(packagesOf({ ...bash, modularityLabel })[0]).toMatchObject({
      module: 'nodejs:18',
      modularityLabel,
    });
  });

  test('imported keys are no packages', () => {
    expect(packagesOf({ name: 'gpg-pubkey', version: 'fd431d51', release: '4ae0493b' })).toEqual([]);
  });

  test('several versions of one package (kernels) are all there, without a note', () => {
    const inventory = read({ [sqlite]: rpmSqlite([bash, { ...bash, release: '10.el9' }].map(rpmHeader)) });

    expect(inventory.packages.map(({ version }) => version)).toEqual(['5.1.8-10.el9', '5.1.8-9.el9']);
    expect(inventory.notes).toEqual([]);
  });
});

describe('the three backends', () => {
  /** From headers that share a page to ones of many pages. */
  const headers = [
    named('tiny'),
    named('small', 900),
    named('page', 4096),
    named('large', 300_000),
    named('last'),
  ];

  test.each([
    ['sqlite', 'rpm-sqlite', { [sqlite]: rpmSqlite(headers) }],
    ['NDB', 'rpm-ndb', { [ndb]: rpmNdb(headers) }],
    ['BDB, inline and off-page', 'rpm-bdb', { [bdb]: rpmBdb(headers) }],
    ['BDB of a big-endian machine', 'rpm-bdb', { [bdb]: rpmBdb(headers, { bigEndian: true }) }],
  ])('%s', (_, kind, layer) => {
    const inventory = read(layer);

    expect(inventory.databases).toEqual([{ kind, path: Object.keys(layer)[0], packages: 5 }]);
    expect(inventory.packages.map(({ name }) => name)).toEqual(['large', 'last', 'page', 'small', 'tiny']);
  });

  test('a thousand packages', () => {
    const many = Array.from({ length: 1000 }, (_, i) => named(`p${i}`, i % 7 === 0 ? 2000 : 10));

    for (const layer of [{ [sqlite]: rpmSqlite(many) }, { [ndb]: rpmNdb(many) }, { [bdb]: rpmBdb(many) }]) {
      expect(read(layer).packages.length).toBe(1000);
    }
  });
});

describe('which database counts', () => {
  const [a, b, c] = [rpmSqlite([named('a')]), rpmNdb([named('b')]), rpmBdb([named('c')])];

  test('the newest backend of a folder, unless its file is empty', () => {
    expect(namesIn({ [sqlite]: a, [ndb]: b, [bdb]: c })).toEqual(['a']);
    expect(namesIn({ [sqlite]: '', [ndb]: b, [bdb]: c })).toEqual(['b']);
    expect(namesIn({ [sqlite]: '', [ndb]: '', [bdb]: c })).toEqual(['c']);
  });

  test('empty files only: a database without packages, and a note', () => {
    const inventory = read({ [bdb]: '' });

    expect(inventory.databases).toEqual([{ kind: 'rpm-bdb', path: bdb, packages: 0 }]);
    expect(inventory.notes).toEqual([{ code: 'empty_package_database', where: bdb }]);
  });

  test('a database without a row has the same note', () => {
    expect(read({ [sqlite]: rpmSqlite([]) }).notes).toEqual([
      { code: 'empty_package_database', where: sqlite },
    ]);
  });

  test.each([
    ['/usr/lib/sysimage/rpm', { '/var/lib/rpm': { link: '../../usr/lib/sysimage/rpm' } }],
    ['/var/lib/rpm', { '/usr/lib/sysimage/rpm': { link: '/var/lib/rpm' } }],
    [
      '/usr/share/rpm',
      { '/var/lib/rpm': { link: '/usr/share/rpm' }, '/usr/lib/sysimage/rpm': { link: '../../share/rpm' } },
    ],
  ])('in %s, reached by links as well: read once', (folder, links) => {
    const inventory = read({ [`${folder}/rpmdb.sqlite`]: a, ...links });

    expect(inventory.databases).toEqual([
      { kind: 'rpm-sqlite', path: `${folder}/rpmdb.sqlite`, packages: 1 },
    ]);
  });

  test('folders that are no links to each other are two databases; the same package counts once', () => {
    const inventory = read({
      [sqlite]: rpmSqlite([named('a'), named('x')]),
      '/usr/lib/sysimage/rpm/Packages.db': rpmNdb([named('x'), named('b')]),
    });

    expect(inventory.databases.map(({ kind, packages }) => `${kind} ${packages}`)).toEqual([
      'rpm-sqlite 2',
      'rpm-ndb 2',
    ]);
    expect(inventory.packages.map(({ name }) => name)).toEqual(['a', 'b', 'x']);
  });
});

describe('a manifest of packages in place of a database', () => {
  const manifest = '/var/lib/rpmmanifest/container-manifest-2';
  const line = (name: string, epoch = '0') =>
    `${name}\t5.1.8-1.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t121456\tx86_64\t${epoch}\tbash-5.1.8-1.cm2.src.rpm\n`;
  const text = (...lines: string[]) => Buffer.from(lines.join(''));

  test('has packages with their sources, and says nothing of signatures', () => {
    const { packages, databases } = read({ [manifest]: text(line('bash-libs'), line('bash', '2')) });
    expect(databases).toEqual([{ kind: 'rpm-manifest', path: manifest, packages: 2 }]);
    expect(packages).toEqual([
      {
        type: 'rpm',
        name: 'bash',
        version: '2:5.1.8-1.cm2',
        arch: 'x86_64',
        source: { name: 'bash', version: '5.1.8-1.cm2' },
        vendor: 'Microsoft Corporation',
        unstated: ['signature'],
        database: manifest,
        layer: 0,
      },
      expect.objectContaining({ name: 'bash-libs', version: '5.1.8-1.cm2' }),
    ]);
  });

  test.each([
    ['fields that are missing', 'bash\t5.1.8-1.cm2\n'],
    ['no release', line('bash').replace('5.1.8-1.cm2', '5.1.8')],
    ['no number for an epoch', line('bash', '(none)')],
    ['a name that is none', line('../bash')],
  ])('a line with %s makes it incomplete', (_, odd) => {
    const { packages, databases, notes } = read({ [manifest]: text(line('zlib'), odd) });
    expect(packages.map(({ name }) => name)).toEqual(['zlib']);
    expect(databases).toEqual([{ kind: 'rpm-manifest', path: manifest, packages: 1, incomplete: true }]);
    expect(notes).toMatchObject([{ code: 'incomplete_package_database', where: `${manifest}:2` }]);
  });

  test('is not read where there is a database with packages', () => {
    const layer = { [manifest]: text(line('zlib')), [sqlite]: rpmSqlite([named('a')]) };
    expect(namesIn(layer)).toEqual(['a']);
  });

  test('packages are of the layer that listed them first', () => {
    const { packages } = read(
      { [manifest]: text(line('bash')) },
      { [manifest]: text(line('bash'), line('zlib')) },
    );
    expect(packages.map(({ name, layer }) => `${name} ${layer}`)).toEqual(['bash 0', 'zlib 1']);
  });
});

describe('two databases in one folder', () => {
  const [one, two] = [rpmHeader({ ...bash, name: 'one' }), rpmHeader({ ...bash, name: 'two' })];

  test.each([
    ['sqlite beside BDB', { [sqlite]: rpmSqlite([one]), [bdb]: rpmBdb([one, two]) }, sqlite, bdb],
    ['sqlite beside NDB', { [sqlite]: rpmSqlite([one]), [ndb]: rpmNdb([one, two]) }, sqlite, ndb],
    ['NDB beside BDB', { [ndb]: rpmNdb([one]), [bdb]: rpmBdb([one, two]) }, ndb, bdb],
  ])('%s: the first hides the other, and is incomplete', (_, layer, read, hidden) => {
    const { databases, notes } = readInventory(memoryView(layer));

    expect(databases).toMatchObject([{ path: read, packages: 1, incomplete: true }]);
    expect(notes).toEqual([
      {
        code: 'incomplete_package_database',
        where: read,
        detail: `${hidden} is a database too, and was not read`,
      },
    ]);
    expect(() => [...rpmHeaders(memoryView(layer))]).toThrow(/is a database too/);
  });

  test('an empty file beside it hides nothing', () => {
    const { databases } = read({ [sqlite]: '', [bdb]: rpmBdb([one, two]) });

    expect(databases).toEqual([{ kind: 'rpm-bdb', path: bdb, packages: 2 }]);
  });
});

describe('write-ahead log of sqlite', () => {
  const older = rpmSqlite([named('old')]);
  const newer = rpmSqlite([named('old'), named('new')]);
  const frames = [1, 2, 3].map((number) => ({
    number,
    page: newer.subarray((number - 1) * 4096, number * 4096),
  }));
  const log = sqliteWal(frames, { pageCount: 3 });

  test('packages that stand only in the log are there', () => {
    expect(namesIn({ [sqlite]: older, [`${sqlite}-wal`]: log })).toEqual(['new', 'old']);
  });

  test.each([
    ['one link', { [sqlite]: { link: '/data/db.sqlite' } }],
    ['two links', { [sqlite]: { link: '../../../opt/db' }, '/opt/db': { link: '../data/db.sqlite' } }],
  ])('behind %s the log is the one beside the file, not beside the link', (_, links) => {
    const layer = { ...links, '/data/db.sqlite': older, '/data/db.sqlite-wal': log };

    expect(namesIn(layer)).toEqual(['new', 'old']);
    expect(namesIn({ ...links, '/data/db.sqlite': older, [`${sqlite}-wal`]: log })).toEqual(['old']);
  });

  const damaged = Buffer.from(log);
  damaged[32 + 24 + 100]! ^= 1;
  const foreign = Buffer.from(log);
  foreign.writeUInt32BE(8192, 8);

  test.each([
    ['empty', Buffer.alloc(0)],
    ['without a commit', sqliteWal(frames, { pageCount: 3, commit: false })],
    ['cut off before its commit', log.subarray(0, log.length - 1)],
    ['with a wrong checksum', damaged],
    ['of another page size', foreign],
    ['of other bytes', Buffer.alloc(8192, 7)],
  ])('a log %s changes nothing, as in SQLite itself', (_, wal) => {
    expect(namesIn({ [sqlite]: older, [`${sqlite}-wal`]: wal })).toEqual(['old']);
  });
});

describe('a damaged or forged database is an error with a place', () => {
  const large = [named('a', 20_000), named('b', 20_000)];
  const goodSqlite = rpmSqlite(large);
  const goodBdb = rpmBdb(large);
  const goodNdb = rpmNdb(large);

  function changed(good: Buffer, change: (bytes: Buffer) => void): Buffer {
    const bytes = Buffer.from(good);
    change(bytes);
    return bytes;
  }

  const header = named('x');

  // biome-ignore format: a row a case
  test.each<[string, MemoryLayer, RegExp, RegExp]>([
    ['sqlite: other bytes', { [sqlite]: Buffer.alloc(8192, 1) }, /expected an SQLite database/, /rpmdb\.sqlite$/],
    ['sqlite: shorter than its header', { [sqlite]: 'SQLite' }, /expected an SQLite database/, /rpmdb\.sqlite$/],
    ['sqlite: absurd page size', { [sqlite]: changed(goodSqlite, (b) => b.writeUInt16BE(1000, 16)) }, /power of two/, /sqlite$/],
    ['sqlite: another page size', { [sqlite]: changed(rpmSqlite([header]), (b) => b.writeUInt16BE(512, 16)) }, /page/, /sqlite/],
    ['sqlite: cut off', { [sqlite]: goodSqlite.subarray(0, 4 * 4096) }, /the file is cut off/, /rpmdb\.sqlite$/],
    ['sqlite: no table', { [sqlite]: changed(goodSqlite, (b) => b.write('Backages', b.indexOf('Packages'))) }, /expected a table Packages/, /sqlite$/],
    ['sqlite: overflow in a circle', { [sqlite]: changed(goodSqlite, (b) => b.writeUInt32BE(4, 4 * 4096)) }, /found page 3 twice/, /sqlite$/],
    ['sqlite: root points at itself', { [sqlite]: changed(goodSqlite, (b) => b.writeUInt32BE(2, 4096 + 8)) }, /found page 1 twice/, /sqlite$/],
    ['sqlite: a root of another type', { [sqlite]: changed(goodSqlite, (b) => b.writeUInt8(2, 4096)) }, /expected a table page, found type 2/, /page 2$/],
    ['sqlite: more cells than fit', { [sqlite]: changed(goodSqlite, (b) => b.writeUInt16BE(60000, 4096 + 3)) }, /expected cells within the page/, /page 2$/],
    ['sqlite: a page promised by the log only', { [sqlite]: goodSqlite.subarray(0, 2 * 4096), [`${sqlite}-wal`]: sqliteWal([2, 900].map((number) => ({ number, page: goodSqlite.subarray(4096, 8192) })), { pageCount: 1_000_000 }) }, /found the end of the file/, /sqlite$/],
    ['BDB: other bytes', { [bdb]: Buffer.alloc(8192, 1) }, /expected a Berkeley DB hash file/, /Packages$/],
    ['BDB: shorter than its header', { [bdb]: 'x' }, /expected a Berkeley DB file, found 1 bytes/, /Packages$/],
    ['BDB: unknown version', { [bdb]: changed(goodBdb, (b) => b.writeUInt32LE(3, 16)) }, /version 7 to 10, found 3/, /Packages$/],
    ['BDB: absurd page size', { [bdb]: changed(goodBdb, (b) => b.writeUInt32LE(0, 20)) }, /power of two/, /Packages$/],
    ['BDB: encrypted', { [bdb]: changed(goodBdb, (b) => b.writeUInt8(1, 24)) }, /encrypted/, /Packages$/],
    ['BDB: with checksums', { [bdb]: changed(goodBdb, (b) => b.writeUInt8(1, 26)) }, /without checksums/, /Packages$/],
    ['BDB: cut off', { [bdb]: goodBdb.subarray(0, 3 * 4096) }, /the file is cut off/, /Packages$/],
    ['BDB: overflow in a circle', { [bdb]: changed(goodBdb, (b) => b.writeUInt32LE(1, 4096 + 16)) }, /found page 1 twice/, /Packages$/],
    ['BDB: overflow page without data', { [bdb]: changed(goodBdb, (b) => b.writeUInt16LE(0, 4096 + 22)) }, /expected a part of the value/, /record 1$/],
    ['BDB: overflow page with too much', { [bdb]: changed(goodBdb, (b) => b.writeUInt16LE(5000, 4096 + 22)) }, /expected a part of the value/, /record 1$/],
    ['BDB: overflow page of another type', { [bdb]: changed(goodBdb, (b) => b.writeUInt8(9, 4096 + 25)) }, /expected an overflow page, found type 9/, /record 1$/],
    ['BDB: an item out of its page', { [bdb]: changed(rpmBdb([header]), (b) => b.writeUInt16LE(5000, 4096 + 26)) }, /expected an item/, /page 1$/],
    ['BDB: a key without a value', { [bdb]: changed(rpmBdb([header]), (b) => b.writeUInt16LE(3, 4096 + 20)) }, /expected pairs/, /page 1$/],
    ['NDB: other bytes', { [ndb]: Buffer.alloc(8192, 1) }, /expected an NDB/, /Packages\.db$/],
    ['NDB: unknown version', { [ndb]: changed(goodNdb, (b) => b.writeUInt32LE(1, 4)) }, /format version 0, found 1/, /db$/],
    ['NDB: more slot pages than bytes', { [ndb]: changed(goodNdb, (b) => b.writeUInt32LE(2 ** 31, 12)) }, /pages of slots/, /db$/],
    ['NDB: no slot', { [ndb]: changed(goodNdb, (b) => b.write('Spot', 48)) }, /expected a slot/, /offset 48$/],
    ['NDB: cut off', { [ndb]: goodNdb.subarray(0, goodNdb.length - 16) }, /found the end of the file|more bytes than the file/, /record 2$/],
    ['NDB: a blob of another record', { [ndb]: changed(goodNdb, (b) => b.writeUInt32LE(9, 4096 + 4)) }, /matching head and tail/, /record 1$/],
    ['NDB: one record twice', { [ndb]: changed(goodNdb, (b) => b.writeUInt32LE(1, 48 + 4)) }, /found it twice/, /record 1$/],
    ['NDB: an empty blob', { [ndb]: changed(goodNdb, (b) => b.writeUInt32LE(0, 32 + 12)) }, /found 0/, /record 1$/],
    ['header: nothing', { [ndb]: rpmNdb([Buffer.alloc(4)]) }, /expected a header, found 4 bytes/, /record 1$/],
    ['header: no entries', { [ndb]: rpmNdb([Buffer.alloc(8)]) }, /found 0/, /record 1$/],
    ['header: too many entries', { [ndb]: rpmNdb([changed(header, (b) => b.writeUInt32BE(2 ** 31, 0))]) }, /entries, found 2147483648/, /record 1$/],
    ['header: other length', { [ndb]: rpmNdb([header.subarray(0, -1)]) }, /expected a header of/, /record 1$/],
    ['header: name outside', { [ndb]: rpmNdb([changed(header, (b) => b.writeUInt32BE(2 ** 31, 16))]) }, /expected tag 1000/, /record 1$/],
    ['header: name of another type', { [ndb]: rpmNdb([changed(header, (b) => b.writeUInt32BE(7, 12))]) }, /expected tag 1000/, /record 1$/],
    ['header: no version', { [ndb]: rpmNdb([changed(header, (b) => b.writeUInt32BE(9999, 24))]) }, /expected a package's version/, /record 1$/],
    ['header: text without end', { [ndb]: rpmNdb([changed(header, (b) => b.fill(0x41, 8 + 16 * 6))]) }, /expected the text of tag/, /record 1$/],
  ])('%s', (_, layer, message, place) => {
    expect(() => read(layer)).toThrow(
      expect.objectContaining({
        code: 'PACKAGE_DATABASE_UNREADABLE',
        message: expect.stringMatching(message),
        where: expect.stringMatching(place),
      }),
    );
  });

  test('a small file that names one blob a thousand times does not multiply', () => {
    const bytes = rpmNdb(Array.from({ length: 1000 }, (_, i) => named(`p${i}`, i === 0 ? 100_000 : 0)));
    for (let slot = 3; slot < 1002; slot += 1) bytes.copy(bytes, slot * 16 + 8, 40, 48);

    expect(() => read({ [ndb]: bytes })).toThrow(/expected blobs that share no bytes|matching head and tail/);
  });

  test('a file above the limit is not read at all', () => {
    const huge = { size: 2 ** 31 + 1, read: () => Buffer.alloc(0) };

    expect(() => read({ [sqlite]: huge })).toThrow(/expected at most 2147483648 bytes/);
  });
});
