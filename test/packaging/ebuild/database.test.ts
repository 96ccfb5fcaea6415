import { describe, expect, it } from 'vitest';
import { packageDescriptions, readInventory, readLanguages } from '../../../src/inventory/index.ts';
import { memoryView } from '../../support/memory-view.ts';
import { portageEntry } from './entry.ts';

const place = '/var/db/pkg';
const release = { '/etc/os-release': 'ID=gentoo\nVERSION_ID="2.17"\n' };
const zlib = portageEntry('sys-libs/zlib-1.3.1-r1', { SLOT: '0/1' });

const read = (files: Record<string, string>) => readInventory(memoryView({ ...release, ...files }));

describe("portage's database", () => {
  it('names packages with category, slot and repository', () => {
    const { packages, databases, notes } = read({
      ...zlib,
      ...portageEntry('dev-libs/foo-bar2-20240101_p3', {
        repository: 'guru',
        USE: 'static',
        CHOST: 'aarch64-unknown-linux-gnu',
      }),
      [`${place}/.cache`]: 'x',
      [`${place}/sys-libs/.lock`]: '',
    });
    expect(databases).toEqual([{ kind: 'portage', path: place, packages: 2 }]);
    expect(packages).toEqual([
      {
        ...{ type: 'ebuild', name: 'dev-libs/foo-bar2', version: '20240101_p3', arch: 'arm64', slot: '0' },
        source: { name: 'dev-libs/foo-bar2', version: '20240101_p3' },
        ...{ repository: 'guru', database: place, layer: 0 },
      },
      {
        ...{ type: 'ebuild', name: 'sys-libs/zlib', version: '1.3.1-r1', arch: 'amd64', slot: '0/1' },
        source: { name: 'sys-libs/zlib', version: '1.3.1-r1' },
        ...{ repository: 'gentoo', database: place, layer: 0 },
      },
    ]);
    expect(notes).toEqual([]);
  });

  it('versions in several slots stand beside each other; two in one are told', () => {
    const { packages, notes } = read({
      ...portageEntry('dev-lang/python-3.11.9', { SLOT: '3.11' }),
      ...portageEntry('dev-lang/python-3.12.3', { SLOT: '3.12' }),
      ...portageEntry('dev-lang/python-3.12.4', { SLOT: '3.12' }),
    });
    expect(packages.map(({ version, slot }) => [version, slot])).toEqual([
      ['3.11.9', '3.11'],
      ['3.12.3', '3.12'],
      ['3.12.4', '3.12'],
    ]);
    expect(notes).toMatchObject([
      { code: 'duplicate_package', detail: expect.stringContaining('3.12.3 and 3.12.4') },
    ]);
  });

  it('an older one without repository and architecture is read', () => {
    const old = portageEntry('sys-apps/sed-4.9', { repository: undefined, USE: undefined, CHOST: undefined });
    const [sed] = read(old).packages;
    expect(sed).toMatchObject({ name: 'sys-apps/sed', arch: '' });
    expect(sed).not.toHaveProperty('repository');
  });

  it('licences are as the ebuild states them', () => {
    const view = memoryView({ ...release, ...zlib });
    const [pkg] = readInventory(view).packages;
    expect(packageDescriptions(view)(pkg!)).toEqual({ licences: ['ZLIB'] });
  });

  it('that lists no package is empty', () => {
    const { databases, notes } = read({ [`${place}/.cache`]: '' });
    expect(databases).toEqual([{ kind: 'portage', path: place, packages: 0 }]);
    expect(notes).toMatchObject([{ code: 'empty_package_database' }]);
  });

  it.each([
    ['without PF', { PF: undefined }, /expected a file PF/],
    ['without SLOT', { SLOT: undefined }, /expected a file SLOT/],
    ['of another package', { PF: 'b-2' }, /the files of "a-1", found those of "b-2"/],
    ['with an empty slot', { SLOT: '' }, /expected a slot/],
    ['with a slot of two parts', { SLOT: '0 1' }, /expected a slot/],
    ['with a slot of two lines', { SLOT: '0\n1' }, /expected one line, found 2/],
    ['with a NUL', { SLOT: '0\0' }, /NUL/],
    ['with a repository that is no name', { repository: '../x' }, /expected the name of a repository/],
    ['with a large file', { USE: 'x'.repeat(2 ** 16) }, /at most 65536 bytes/],
  ])('a folder %s leaves the others, and the database incomplete', (_, facts, message) => {
    const { packages, databases, notes } = read({ ...zlib, ...portageEntry('app-misc/a-1', facts) });
    expect(packages.map(({ name }) => name)).toEqual(['sys-libs/zlib']);
    expect(databases).toMatchObject([{ kind: 'portage', packages: 1, incomplete: true }]);
    expect(notes).toEqual([
      {
        code: 'incomplete_package_database',
        where: expect.stringContaining(`${place}/app-misc/a-1`),
        detail: expect.stringMatching(message),
      },
    ]);
  });

  it.each(['foo', 'foo-', 'foo-bar', '-1.0', 'foo-1.0-r', 'foo-1.0-1', 'f o-1'])(
    'a folder %j has no version',
    (folder) => {
      const { databases, packages } = read({ ...zlib, [`${place}/app-misc/${folder}/PF`]: folder });
      expect(packages).toHaveLength(1);
      expect(databases).toMatchObject([{ incomplete: true }]);
    },
  );

  it('a folder that no category can be named like leaves it incomplete', () => {
    const { packages, notes } = read({
      ...zlib,
      [`${place}/app-\u001b[31mmisc/tool-1/PF`]: 'tool-1',
      [`${place}/.tmp/tool-1/PF`]: 'tool-1',
      [`${place}/a world`]: 'no folder',
    });
    expect(packages.map(({ name }) => name)).toEqual(['sys-libs/zlib']);
    expect(notes).toMatchObject([
      { where: place, detail: String.raw`"app-\u001b[31mmisc" is no name of a category` },
    ]);
  });

  it('of many unreadable packages 20 are named', () => {
    const broken = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`${place}/app-misc/p${at}-1/PF`, 'x']),
    );
    const { notes } = read({ ...zlib, ...broken });
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toMatchObject({ detail: '480 more packages could not be read' });
  });

  it('what portage did not finish to install is half installed', () => {
    const merging = Object.fromEntries(
      Object.entries(portageEntry('app-misc/a-1')).map(([path, text]) => [
        path.replace('/a-1/', '/-MERGING-a-1/'),
        text,
      ]),
    );
    const { packages, halfInstalled, databases, notes } = read({ ...zlib, ...merging });
    expect(packages.map(({ name }) => name)).toEqual(['sys-libs/zlib']);
    expect(halfInstalled).toMatchObject([{ name: 'app-misc/a', version: '1' }]);
    expect(databases[0]).not.toHaveProperty('incomplete');
    expect(notes).toMatchObject([{ code: 'half_installed', where: `${place}/app-misc/-MERGING-a-1` }]);
  });

  it('tells which layer installed a version', () => {
    const gone = Object.fromEntries(Object.keys(zlib).map((path) => [path, null]));
    const { packages } = readInventory(
      memoryView(
        { ...release, ...zlib, ...portageEntry('sys-apps/sed-4.9') },
        { '/etc/motd': 'x' },
        { ...gone, ...portageEntry('sys-libs/zlib-1.3.1-r2') },
      ),
    );
    expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
      ['sys-apps/sed', '4.9', 0],
      ['sys-libs/zlib', '1.3.1-r2', 2],
    ]);
  });

  it('packages of languages that portage installed are its own', () => {
    const file = '/usr/lib/python3.12/site-packages/requests-2.32.3.dist-info/METADATA';
    const other = file.replace('requests-2.32.3', 'flask-3.0.0');
    const view = memoryView({
      ...release,
      ...portageEntry('dev-python/requests-2.32.3', {}, [
        'dir /usr',
        `obj ${file} ${'0'.repeat(32)} 1715026360`,
        'sym /usr/lib/a b -> c d 1715026360',
      ]),
      [file]: 'Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\n\n',
      [other]: 'Metadata-Version: 2.1\nName: flask\nVersion: 3.0.0\n\n',
    });
    const { languages } = readLanguages(view, readInventory(view).packages);
    expect(languages).toMatchObject([
      { name: 'flask' },
      {
        name: 'requests',
        owner: { type: 'ebuild', name: 'dev-python/requests', version: '2.32.3', arch: 'amd64' },
      },
    ]);
    expect(languages![0]).not.toHaveProperty('owner');
  });
});
