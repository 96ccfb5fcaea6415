import { describe, expect, test } from 'vitest';
import { maxLineBytes } from '../../../src/files/lines.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import type { RandomAccess } from '../../../src/model/inventory/index.ts';
import { maxStatusBytes } from '../../../src/packaging/deb/database.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';

function stanza(fields: Record<string, string>): string {
  const all = { Status: 'install ok installed', Architecture: 'amd64', Version: '1', ...fields };
  return `${Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n`;
}

function inventoryOf(status: string | Buffer | RandomAccess, others: MemoryLayer = {}) {
  return readInventory(memoryView({ '/var/lib/dpkg/status': status, ...others }));
}

function names(status: string): string[] {
  return inventoryOf(status).packages.map(({ name }) => name);
}

describe('which states of dpkg leave files installed', () => {
  test.each([
    ['install ok installed', true],
    ['hold ok installed', true],
    ['deinstall ok installed', true],
    ['purge ok installed', true],
    ['install reinstreq installed', true],
    ['install ok unpacked', true],
    ['install ok half-configured', true],
    ['install ok triggers-awaited', true],
    ['install ok triggers-pending', true],
    ['deinstall ok config-files', false],
    ['purge ok not-installed', false],
    ['install reinstreq half-installed', false],
  ])('%s: %s', (Status, present) => {
    expect(names(stanza({ Package: 'x', Status }))).toEqual(present ? ['x'] : []);
  });

  test('a state other than installed is told (claircore#841)', () => {
    const inventory = inventoryOf(
      stanza({ Package: 'a', Status: 'install ok half-configured' }) + stanza({ Package: 'b' }),
    );

    expect(inventory.packages.map(({ state }) => state)).toEqual(['half-configured', undefined]);
  });

  test('half-installed is neither present nor absent', () => {
    const inventory = inventoryOf(
      stanza({ Package: 'x', Status: 'install reinstreq half-installed', Version: '' }) +
        stanza({ Package: 'y' }),
    );

    expect(inventory.packages.map(({ name }) => name)).toEqual(['y']);
    expect(inventory.halfInstalled).toMatchObject([{ name: 'x', version: '', state: 'half-installed' }]);
    expect(inventory.notes).toEqual([
      { code: 'half_installed', where: '/var/lib/dpkg/status', detail: 'x amd64' },
    ]);
  });
});

describe('source package', () => {
  test.each([
    ['', 'x', '1:2-3'],
    ['y', 'y', '1:2-3'],
    ['y (2-3)', 'y', '2-3'],
    ['y(2-3)', 'y', '2-3'],
    ['gcc-defaults (1.203)', 'gcc-defaults', '1.203'],
  ])('Source: %s', (Source, name, version) => {
    const { packages } = inventoryOf(stanza({ Package: 'x', Version: '1:2-3', Source }));

    expect(packages[0]?.source).toEqual({ name, version });
  });
});

describe('form of the file', () => {
  test('folded lines, CRLF, other fields between, no newline at the end', () => {
    const inventory = inventoryOf(
      'Package: x\r\nEssential: yes\r\nStatus: install ok installed\r\nVersion: 1\r\nArchitecture: all\r\n' +
        'Description: first\r\n Version: 9\r\n .\r\n\tStatus: purge ok not-installed\r\n\r\n\r\n' +
        'package: y\nSTATUS: install ok installed\nArchitecture: all\nVersion: 2',
    );

    expect(inventory.packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['x 1', 'y 2']);
    expect(inventory.notes).toEqual([
      {
        code: 'incomplete_package_database',
        where: '/var/lib/dpkg/status line 12 (y)',
        detail: 'the file ends inside of this paragraph: it was cut off',
      },
    ]);
  });

  test('one package in two architectures is two packages', () => {
    const inventory = inventoryOf(
      stanza({ Package: 'libc6', Architecture: 'i386' }) +
        stanza({ Package: 'libc6', Architecture: 'amd64' }),
    );

    expect(inventory.packages.map(({ arch }) => arch)).toEqual(['amd64', 'i386']);
    expect(inventory.notes).toEqual([]);
  });

  test('one package and architecture in two versions: both, and a note', () => {
    const inventory = inventoryOf(stanza({ Package: 'x' }) + stanza({ Package: 'x', Version: '2' }));

    expect(inventory.packages.map(({ version }) => version)).toEqual(['1', '2']);
    expect(inventory.notes).toMatchObject([
      { code: 'duplicate_package', detail: 'x amd64 is listed as 1 and 2' },
    ]);
  });

  test('the order of the file leaves no trace', () => {
    const [a, b] = [stanza({ Package: 'a' }), stanza({ Package: 'b' })];

    expect(inventoryOf(a + b)).toEqual(inventoryOf(b + a));
  });

  test('an empty file is a database without packages, and noted', () => {
    const inventory = inventoryOf('');

    expect(inventory.databases).toEqual([{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 0 }]);
    expect(inventory.notes).toEqual([{ code: 'empty_package_database', where: '/var/lib/dpkg/status' }]);
  });

  test("vcpkg's file of the same name gives no packages, and an incomplete database", () => {
    const inventory = inventoryOf(
      stanza({ Package: 'zlib', Architecture: 'x64-linux', 'Port-Version': '1' }) +
        stanza({ Package: 'curl', Architecture: 'x64-linux', Version: '', Feature: 'ssl', Type: 'Port' }),
      { '/var/lib/dpkg/status.d/base': stanza({ Package: 'base-files' }) },
    );

    expect(inventory.packages.map(({ name }) => name)).toEqual(['base-files']);
    expect(inventory.databases).toMatchObject([
      { kind: 'dpkg', incomplete: true },
      { kind: 'dpkg-status.d' },
    ]);
    expect(inventory.notes).toContainEqual({
      code: 'incomplete_package_database',
      where: '/var/lib/dpkg/status',
      detail: 'every paragraph is one of vcpkg',
    });
  });

  test.each(['Abi', 'Port-Version', 'Default-Features', 'Feature', 'Type'])(
    'a field of vcpkg, %s, in a paragraph of dpkg changes nothing',
    (field) => {
      const plain = stanza({ Package: 'curl' }) + stanza({ Package: 'zlib1g' });

      expect(inventoryOf(plain.replace('Package: curl\n', `Package: curl\n${field}: 1\n`))).toEqual(
        inventoryOf(plain),
      );
    },
  );

  test('one paragraph of vcpkg takes no other away, wherever it stands', () => {
    const port = stanza({ Package: 'zlib', Architecture: 'x64-linux', Abi: '1' });

    expect(names(port + stanza({ Package: 'curl' }))).toEqual(['curl', 'zlib']);
    expect(names(stanza({ Package: 'curl' }) + port)).toEqual(['curl', 'zlib']);
  });

  test('status-old is not read', () => {
    const inventory = inventoryOf(stanza({ Package: 'x', Version: '2' }), {
      '/var/lib/dpkg/status-old': stanza({ Package: 'x', Version: '1' }),
    });

    expect(inventory.packages.map(({ version }) => version)).toEqual(['2']);
  });

  test('the journal of an interrupted dpkg overrules the status', () => {
    const inventory = inventoryOf(
      stanza({ Package: 'x' }) + stanza({ Package: 'y' }) + stanza({ Package: 'z' }),
      {
        '/var/lib/dpkg/updates/0000': stanza({ Package: 'x', Version: '2', Status: 'install ok unpacked' }),
        '/var/lib/dpkg/updates/0001': stanza({ Package: 'y', Status: 'deinstall ok config-files' }),
        '/var/lib/dpkg/updates/tmp.i': stanza({ Package: 'z', Version: '9' }),
      },
    );

    expect(inventory.packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['x 2', 'z 1']);
  });
});

describe('a database that cannot be trusted to be whole', () => {
  const good = stanza({ Package: 'good' });

  test.each([
    ['cut off after the name', `${good}Package: bash\n`, 'line 6 (bash)', /expected a Status, found none/],
    ['cut off in a field', `${good}Package: bash\nStat`, 'line 7', /expected "Field: value", found "Stat"/],
    ['cut off in the state', `${good}Package: bash\nStatus: install ok`, 'line 6 (bash)', /want flag state/],
    [
      'cut off before the version',
      `${good}Package: bash\nStatus: install ok installed\n`,
      'line 6 (bash)',
      /expected a Version/,
    ],
    [
      'an unknown state',
      stanza({ Package: 'x', Status: 'install ok weird' }),
      'line 1 (x)',
      /want flag state/,
    ],
    ['no name', stanza({}), 'line 1', /expected a Package field/],
    ['no field at all', 'asdf\n\nyolo\n', 'line 1', /expected "Field: value", found "asdf"/],
    ['a folded line first', ' x\n', 'line 1', /expected a field, found a folded line/],
    [
      'a version twice',
      `Package: x\nVersion: 1\nVersion: 2\n`,
      'line 3',
      /expected one Version in a paragraph/,
    ],
    [
      'binary',
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0]).toString('latin1'),
      'line 1',
      /expected text, found a NUL/,
    ],
  ])('%s', (_, status, place, message) => {
    expect(() => inventoryOf(status)).toThrow(
      expect.objectContaining({
        code: 'PACKAGE_DATABASE_UNREADABLE',
        where: expect.stringContaining(`/var/lib/dpkg/status ${place}`),
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      }),
    );
  });

  test('a line of a gigabyte is given up after a megabyte', () => {
    let bytesRead = 0;
    const endless: RandomAccess = {
      size: maxStatusBytes,
      read(_, length) {
        bytesRead += length;
        return Buffer.alloc(length, 'x');
      },
    };

    expect(() => inventoryOf(endless)).toThrow(/expected lines of at most 1048576 bytes, found a longer one/);
    expect(bytesRead).toBeLessThan(2 * maxLineBytes);
  });

  test('a file above the limit is not read at all', () => {
    const huge: RandomAccess = {
      size: 2 ** 30,
      read: () => {
        throw new Error('read');
      },
    };

    expect(() => inventoryOf(huge)).toThrow(/expected at most 268435456 bytes, found 1073741824/);
  });

  test('more packages than a distribution has', () => {
    const many = Array.from(
      { length: 100_001 },
      (_, i) => `Package: p${i}\nStatus: install ok installed\nVersion: 1\n`,
    );

    expect(() => inventoryOf(many.join('\n'))).toThrow(/expected at most 100000 packages, found more/);
  });

  test.each([
    ['a link to nowhere', { '/var/lib/dpkg/status': { link: '/nowhere' } }, /found a link to \/nowhere/],
    ['a folder', { '/var/lib/dpkg/status/x': '' }, /expected a regular file, found directory/],
  ])('%s', (_, layer, message) => {
    expect(() => readInventory(memoryView(layer))).toThrow(message);
  });
});

describe('status.d (distroless)', () => {
  const folder = '/var/lib/dpkg/status.d';

  test('every paragraph is an installed package, other files are skipped', () => {
    const inventory = readInventory(
      memoryView({
        [`${folder}/base`]: 'Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n',
        [`${folder}/libssl3`]:
          'Package: libssl3\nSource: openssl (3.0.11-1)\nVersion: 3.0.11-1+b1\nArchitecture: amd64',
        [`${folder}/libssl3.md5sums`]: 'd41d8cd98f00b204e9800998ecf8427e  usr/lib/libssl.so.3\n',
        [`${folder}/libssl3.preinst`]: '#!/bin/sh\n',
        [`${folder}/gone`]: stanza({ Package: 'gone', Status: 'deinstall ok config-files' }),
      }),
    );

    expect(inventory.databases).toEqual([{ kind: 'dpkg-status.d', path: folder, packages: 2 }]);
    expect(inventory.packages.map(({ name, source }) => `${name} ${source.name} ${source.version}`)).toEqual([
      'base-files base-files 12.4+deb12u5',
      'libssl3 openssl 3.0.11-1',
    ]);
  });

  test.each([
    'list',
    'config',
    'templates',
    'symbols',
    'shlibs',
    'conffiles',
    'triggers',
    'postinst',
    'sha256sums',
  ])('a paragraph that is called curl.%s counts', (suffix) => {
    const paragraph = 'Package: curl\nVersion: 7.88.1-10+deb12u3\nArchitecture: amd64\n';
    const inventory = readInventory(memoryView({ [`${folder}/curl.${suffix}`]: paragraph }));

    expect(inventory.packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'curl 7.88.1-10+deb12u3',
    ]);
  });

  test('lists, scripts and templates beside the paragraphs are none', () => {
    const inventory = readInventory(
      memoryView({
        [`${folder}/base`]: 'Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n',
        [`${folder}/a.list`]: '/.\n/usr/share/doc/Package:\n',
        [`${folder}/a.postinst`]: '#!/bin/sh\ncat <<E\nPackage: x\nVersion: 1\nE\n',
        [`${folder}/a.templates`]: 'Template: a/version\nType: string\nDescription: Version:\n',
        [`${folder}/a.symbols`]: 'liba.so.1 liba1 #MINVER#\n a@Base 1\n',
        [`${folder}/a.config`]: '',
      }),
    );

    expect(inventory.packages.map(({ name }) => name)).toEqual(['base-files']);
    expect(inventory.notes).toEqual([]);
  });

  test('a broken file names itself', () => {
    expect(() => readInventory(memoryView({ [`${folder}/x`]: 'Pakij: x\n' }))).toThrow(
      expect.objectContaining({ where: `${folder}/x line 1` }),
    );
  });

  test('beside a status: the same package counts once', () => {
    const inventory = inventoryOf(stanza({ Package: 'x' }), {
      [`${folder}/x`]: 'Package: x\nVersion: 1\nArchitecture: amd64\n',
      [`${folder}/y`]: 'Package: y\nVersion: 1\nArchitecture: amd64\n',
    });

    expect(inventory.databases.map(({ kind }) => kind)).toEqual(['dpkg', 'dpkg-status.d']);
    expect(inventory.packages.map(({ name, database }) => `${name} ${database}`)).toEqual([
      'x /var/lib/dpkg/status',
      'y /var/lib/dpkg/status.d',
    ]);
  });
});

test.each(['Built-Using', 'Static-Built-Using'])(
  '%s names sources that are linked in, and is not the source of a package',
  (field) => {
    const linked = { [field]: 'golang-1.19 (= 1.19.8-2), golang-golang-x-net (= 1:0.7.0+dfsg-1)' };
    const { packages } = inventoryOf(stanza({ Package: 'runc', Version: '1.1.5+ds1-1', ...linked }));

    expect(packages.map(({ name, source }) => [name, source])).toEqual([
      ['runc', { name: 'runc', version: '1.1.5+ds1-1' }],
    ]);
  },
);
