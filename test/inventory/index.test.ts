import { describe, expect, test } from 'vitest';
import { inventoryWanted, readInventory } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { type MemoryLayer, memoryView } from '../support/memory-view.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite, sqliteWal } from '../support/rpm-sqlite.ts';

const status = '/var/lib/dpkg/status';
const sqlite = '/var/lib/rpm/rpmdb.sqlite';

/** A status file of packages given as `name version`. */
function dpkg(...packages: string[]): string {
  return packages
    .map((line) => line.split(' '))
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`,
    )
    .join('\n');
}

/** An rpmdb.sqlite of packages given as `name version`. */
function rpm(...packages: string[]): Buffer {
  return rpmSqlite(
    packages.map((line) => {
      const [name, version] = line.split(' ') as [string, string];
      return rpmHeader({ name, version, release: '1', arch: 'x86_64' });
    }),
  );
}

function layersOf({ packages }: Inventory): Record<string, number | undefined> {
  return Object.fromEntries(packages.map(({ name, version, layer }) => [`${name} ${version}`, layer]));
}

function read(...layers: MemoryLayer[]): Inventory {
  return readInventory(memoryView(...layers));
}

describe('no database, an empty one and a broken one are three things', () => {
  test('none: no database is listed', () => {
    const inventory = read({ '/etc/os-release': 'ID=debian\nVERSION_ID=12\n', '/bin/app': 'x' });

    expect(inventory).toMatchObject({ os: { id: 'debian' }, databases: [], packages: [], notes: [] });
  });

  test('a database that a layer removed is none', () => {
    expect(read({ [status]: dpkg('bash 5') }, { [status]: null }).databases).toEqual([]);
  });

  test('empty: listed with 0 packages', () => {
    expect(read({ [status]: '' }).databases).toMatchObject([{ kind: 'dpkg', packages: 0 }]);
    expect(read({ [sqlite]: '' }).databases).toMatchObject([{ kind: 'rpm-sqlite', packages: 0 }]);
  });

  test('broken: an error, whatever else the image has', () => {
    expect(() => read({ [status]: dpkg('bash 5'), [sqlite]: 'x' })).toThrow(
      expect.objectContaining({ code: 'PACKAGE_DATABASE_UNREADABLE', exitCode: 4 }),
    );
  });
});

test('databases of different packagers in one image are all read', () => {
  const inventory = read({ [status]: dpkg('bash 5', 'rpm 4'), [sqlite]: rpm('zlib 1') });

  expect(inventory.databases.map(({ kind }) => kind)).toEqual(['dpkg', 'rpm-sqlite']);
  expect(inventory.packages.map(({ type, name }) => `${type} ${name}`)).toEqual([
    'deb bash',
    'deb rpm',
    'rpm zlib',
  ]);
});

describe('the layer that brought this version', () => {
  test.each([
    ['dpkg', status, dpkg],
    ['rpm', sqlite, rpm],
  ])('%s: the lowest from which it is there without a gap', (_, path, database) => {
    const inventory = read(
      { [path]: database('base 1', 'upgraded 1', 'removed 1', 'back 1') },
      { '/etc/motd': 'no database in this layer' },
      { [path]: database('base 1', 'upgraded 2', 'added 1') },
      { [path]: database('base 1', 'upgraded 2', 'added 1', 'back 1') },
    );

    const suffix = path === sqlite ? '-1' : '';
    expect(layersOf(inventory)).toEqual({
      [`base 1${suffix}`]: 0,
      [`upgraded 2${suffix}`]: 2,
      [`added 1${suffix}`]: 2,
      [`back 1${suffix}`]: 3,
    });
  });

  test("a lower layer's broken database brings nothing, and is no error", () => {
    expect(layersOf(read({ [status]: 'garbage' }, { [status]: dpkg('bash 5') }))).toEqual({ 'bash 5': 1 });
  });

  test('status.d: each file has its own history', () => {
    const folder = '/var/lib/dpkg/status.d';
    const inventory = read(
      { [`${folder}/a`]: 'Package: a\nVersion: 1\n', [`${folder}/b`]: 'Package: b\nVersion: 1\n' },
      { [`${folder}/b`]: 'Package: b\nVersion: 2\n', [`${folder}/c`]: 'Package: c\nVersion: 1\n' },
    );

    expect(layersOf(inventory)).toEqual({ 'a 1': 0, 'b 2': 1, 'c 1': 1 });
  });

  test('sqlite: a layer that brought only a log', () => {
    const newer = rpm('old 1', 'new 1');
    const frames = [1, 2, 3].map((number) => ({
      number,
      page: newer.subarray((number - 1) * 4096, number * 4096),
    }));

    const inventory = read(
      { [sqlite]: rpm('old 1') },
      { [`${sqlite}-wal`]: sqliteWal(frames, { pageCount: 3 }) },
    );

    expect(layersOf(inventory)).toEqual({ 'old 1-1': 0, 'new 1-1': 1 });
  });

  test('dpkg: the journal is newer than the status', () => {
    const inventory = read({ [status]: dpkg('a 1', 'b 1') }, { '/var/lib/dpkg/updates/0001': dpkg('b 2') });

    expect(layersOf(inventory)).toEqual({ 'a 1': 0, 'b 2': 1 });
  });

  test('a database moved to another folder, with a link left behind', () => {
    const moved = '/usr/lib/sysimage/rpm/rpmdb.sqlite';
    const inventory = read(
      { [moved]: rpm('a 1'), '/var/lib/rpm': { link: '../../usr/lib/sysimage/rpm' } },
      { [moved]: rpm('a 1', 'b 1') },
    );

    expect(layersOf(inventory)).toEqual({ 'a 1-1': 0, 'b 1-1': 1 });
  });

  test('a view without layers (a folder) names none', () => {
    const view = { ...memoryView({ [status]: dpkg('bash 5') }), layers: [] };

    expect(readInventory(view).packages[0]).not.toHaveProperty('layer');
  });
});

describe('which files are kept from the one pass over the layers', () => {
  test.each([
    '/etc/os-release',
    '/usr/lib/os-release',
    '/etc/redhat-release',
    '/etc/oracle-release',
    '/etc/debian_version',
    '/etc/lsb-release',
    '/etc/alpine-release',
    '/var/lib/dpkg/status',
    '/var/lib/dpkg/status.d/base',
    '/var/lib/dpkg/updates/0001',
    '/var/lib/rpm/rpmdb.sqlite',
    '/var/lib/rpm/rpmdb.sqlite-wal',
    '/var/lib/rpm/Packages',
    '/usr/lib/sysimage/rpm/Packages.db',
    '/usr/share/rpm/rpmdb.sqlite',
    '/root/buildinfo/content_manifests/ubi8-container-8.5.json',
    '/root/buildinfo/labels.json',
    '/root/buildinfo/Dockerfile-ubi8-8.3-227',
    '/usr/share/buildinfo/content-sets.json',
    '/usr/share/buildinfo/labels.json',
    '/etc/apt/sources.list',
    '/etc/apt/sources.list.d/debian.sources',
    '/etc/apt/auth.conf.d/90ubuntu-advantage',
    '/var/lib/ubuntu-advantage/status.json',
    '/etc/dnf/modules.d/nodejs.module',
  ])('%s', (path) => {
    expect(inventoryWanted(path)).toBe(true);
  });

  test.each([
    '/var/lib/dpkg/status-old',
    '/var/lib/dpkg/info/bash.md5sums',
    '/var/lib/dpkg/status.d/deeper/base',
    '/root/buildinfo/other',
    '/etc/passwd',
    'var/lib/dpkg/status',
    '/',
  ])('not %s', (path) => {
    expect(inventoryWanted(path)).toBe(false);
  });

  test('whatever is read is wanted', () => {
    const asked = new Set<string>();
    const view = memoryView({
      '/var/lib/dpkg/status.d/x': 'Package: x\nVersion: 1\n',
      '/var/lib/dpkg/updates/0001': dpkg('a 1'),
      '/etc/apt/sources.list.d/x.sources': 'Types: deb\n',
      '/etc/apt/sources.list.d/x.list': '',
      '/etc/apt/auth.conf.d/x': '',
      '/etc/dnf/modules.d/x.module': '',
      '/root/buildinfo/Dockerfile-x': '',
      '/root/buildinfo/content_manifests/x.json': '{}',
      '/usr/share/buildinfo/x.json': '{}',
      [status]: '',
      [sqlite]: rpm('a 1'),
    });
    readInventory({
      ...view,
      open: (path) => {
        asked.add(path);
        return view.open(path);
      },
      read: (path, maxBytes) => {
        asked.add(path);
        return view.read(path, maxBytes);
      },
    });

    expect(asked.size).toBeGreaterThan(30);
    expect([...asked].filter((path) => !inventoryWanted(path))).toEqual([]);
  });
});
