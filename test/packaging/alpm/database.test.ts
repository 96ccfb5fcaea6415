import { describe, expect, it } from 'vitest';
import { packageDescriptions, readInventory, readLanguages } from '../../../src/inventory/index.ts';
import { requireDatabase } from '../../../src/runtime/package-databases.ts';
import { memoryView } from '../../support/memory-view.ts';
import { pacmanEntry, pacmanMarker } from './entry.ts';

const local = '/var/lib/pacman/local';
const release = { '/etc/os-release': 'ID=arch\nBUILD_ID=rolling\n', ...pacmanMarker };
const zlib = pacmanEntry('zlib', '1:1.3.1-2');
const gccLibs = pacmanEntry('gcc-libs', '14.2.1+r753-1', { BASE: 'gcc' });

const read = (files: Record<string, string>) => readInventory(memoryView({ ...release, ...files }));
const desc = (text: string) => read({ ...zlib, [`${local}/a-1-1/desc`]: text });

describe("pacman's database", () => {
  it('names packages with their base', () => {
    const { packages, databases, notes } = read({ ...zlib, ...gccLibs });
    expect(databases).toEqual([{ kind: 'pacman', path: local, packages: 2 }]);
    expect(packages).toMatchObject([
      {
        ...{ type: 'alpm', name: 'gcc-libs', version: '14.2.1+r753-1', arch: 'x86_64', database: local },
        source: { name: 'gcc', version: '14.2.1+r753-1' },
      },
      {
        ...{ type: 'alpm', name: 'zlib', version: '1:1.3.1-2', arch: 'x86_64', database: local },
        source: { name: 'zlib', version: '1:1.3.1-2' },
      },
    ]);
    expect(notes).toEqual([]);
  });

  it('the licences of a package are a line each', () => {
    const view = memoryView({ ...release, ...zlib });
    const [pkg] = readInventory(view).packages;
    expect(packageDescriptions(view)(pkg!)).toEqual({ licences: ['MIT', 'GPL-2.0-or-later'] });
  });

  it('that lists no package is empty', () => {
    const { databases, notes } = read({});
    expect(databases).toEqual([{ kind: 'pacman', path: local, packages: 0 }]);
    expect(notes).toMatchObject([{ code: 'empty_package_database' }]);
  });

  it('that lists none that can be read says why, and is not called empty', () => {
    const inventory = read({ [`${local}/a-1-1/desc`]: '' });
    expect(() => requireDatabase(inventory)).toThrow(
      expect.objectContaining({
        code: 'PACKAGE_DATABASE_MISSING',
        where: expect.stringContaining(`${local}/a-1-1/desc`),
        message: expect.stringMatching(/lists no package that can be read: expected the name of a package/),
      }),
    );
    expect(() => requireDatabase(read({}))).toThrow(/lists no package$/);
  });

  it('values that look like sections are values', () => {
    const entry = pacmanEntry('a', '1-1', { DESC: 'text\n%VERSION%\n9-9' });
    expect(read(entry).packages).toMatchObject([{ name: 'a', version: '1-1' }]);
  });

  const good = pacmanEntry('a', '1-1')[`${local}/a-1-1/desc`]!;

  it.each([
    ['no name', good.replace('%NAME%', '%OTHER%'), /expected the name of a package/],
    ['no version', good.replace('%VERSION%', '%OTHER%'), /expected a version/],
    ['a version without a release', good.replace('\n1-1\n', '\n1\n'), /expected a version with its release/],
    ['another package', pacmanEntry('b', '1-1')[`${local}/b-1-1/desc`]!, /the description of "a-1-1"/],
    ['a version that was cut off', '%NAME%\na\n\n%VERSION%\n1-', /expected a version with its release/],
    [
      'a release that was cut off',
      good.replace('\n1-1\n', '\n1-11\n'),
      /the description of "a-1-1", found "a-1-11"/,
    ],
    ['two names', good + good, /expected one section NAME/],
    [
      'a base that is no name',
      good.replace('%BASE%\na', '%BASE%\n../a'),
      /expected the name of a package base/,
    ],
    ['a NUL', `${good}\0`, /NUL/],
    ['nothing', '', /expected the name/],
    ['too many licences', good.replace('MIT', 'MIT\n'.repeat(1001).trim()), /at most 1000 lines/],
    ['more than a megabyte', good + '#'.repeat(2 ** 20), /at most 1048576 bytes/],
  ])('a description with %s leaves the others, and the database incomplete', (_, text, message) => {
    const { packages, databases, notes } = desc(text);
    expect(packages.map(({ name }) => name)).toEqual(['zlib']);
    expect(databases).toMatchObject([{ kind: 'pacman', packages: 1, incomplete: true }]);
    expect(notes).toEqual([
      {
        code: 'incomplete_package_database',
        where: expect.stringContaining(`${local}/a-1-1/desc`),
        detail: expect.stringMatching(message),
      },
    ]);
  });

  it('a folder without a description is one', () => {
    expect(read({ ...zlib, [`${local}/b-1-1/files`]: '%FILES%\n\n' })).toMatchObject({
      databases: [{ packages: 1, incomplete: true }],
      notes: [{ where: `${local}/b-1-1`, detail: 'expected a description of the package, found none' }],
    });
  });

  it('of many unreadable packages 20 are named', () => {
    const broken = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`${local}/p${at}-1-1/desc`, 'x']),
    );
    const { notes } = read({ ...zlib, ...broken });
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toMatchObject({ detail: '480 more packages could not be read' });
  });

  it('tells which layer installed a version', () => {
    const newer = pacmanEntry('zlib', '1:1.3.2-1');
    const gone = Object.fromEntries(Object.keys(zlib).map((path) => [path, null]));
    const { packages } = readInventory(
      memoryView({ ...release, ...zlib, ...gccLibs }, { '/etc/motd': 'x' }, { ...gone, ...newer }),
    );
    expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
      ['gcc-libs', '14.2.1+r753-1', 0],
      ['zlib', '1:1.3.2-1', 2],
    ]);
  });

  it('packages of languages that pacman installed are its own', () => {
    const place = 'usr/lib/python3.13/site-packages/requests-2.32.3.dist-info/METADATA';
    const other = place.replace('requests-2.32.3', 'flask-3.0.0');
    const view = memoryView({
      ...release,
      ...pacmanEntry('python-requests', '2.32.3-1', { ARCH: 'any' }, ['usr/', place]),
      [`/${place}`]: 'Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\n\n',
      [`/${other}`]: 'Metadata-Version: 2.1\nName: flask\nVersion: 3.0.0\n\n',
    });
    const { languages, unjudged } = readLanguages(view, readInventory(view).packages);
    expect(languages).toMatchObject([
      { name: 'flask' },
      {
        name: 'requests',
        owner: { type: 'alpm', name: 'python-requests', version: '2.32.3-1', arch: 'any' },
      },
    ]);
    expect(languages![0]).not.toHaveProperty('owner');
    expect(unjudged).toMatchObject([{ ecosystem: 'pypi', packages: 1 }]);
  });
});
