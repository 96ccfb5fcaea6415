import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { chiselManifest, maxChiselBytes } from '../../../src/packaging/deb/chisel.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';

/** As chisel writes it: a header with the number of lines, then the lines in their order. */
function wall(lines: readonly object[], header: object = {}): Buffer {
  const count = lines.length + 1;
  const all = [
    JSON.stringify({ jsonwall: '1.0', schema: '1.0', count, ...header }),
    ...lines.map((line) => JSON.stringify(line)).sort(),
  ];
  return zstdCompressSync(Buffer.from(all.map((line) => `${line}\n`).join('')));
}

const sha256 = 'df651b2b4fc7cd5aa3248d25b8ce29898b012ae8a0263229840a530eef1dd310';
const packageLine = (name: string, version: string, arch = 'amd64') => ({
  ...{ kind: 'package', name, version, sha256, arch },
});
const slice = (name: string) => ({ kind: 'slice', name });
const content = { kind: 'content', slice: 'openssl_bins', path: '/usr/bin/openssl' };
const path = {
  ...{ kind: 'path', path: '/usr/bin/openssl', mode: '0755', slices: ['openssl_bins'], sha256, size: 9 },
};
const lines = [
  ...[packageLine('base-files', '13ubuntu10.3'), packageLine('openssl', '3.0.13-0ubuntu3.4')],
  ...[slice('base-files_chisel'), slice('openssl_bins'), content, path],
];

function inventoryOf(manifest: Buffer | string, others: MemoryLayer = {}) {
  return readInventory(memoryView({ [chiselManifest]: manifest, ...others }));
}

describe('the manifest of an image that chisel cut', () => {
  test('lists packages whose sources it does not name (grype#3389)', () => {
    const { databases, packages, notes } = inventoryOf(wall(lines));

    expect(databases).toEqual([{ kind: 'chisel', path: chiselManifest, packages: 2 }]);
    expect(packages).toEqual([
      {
        ...{ type: 'deb', name: 'base-files', version: '13ubuntu10.3', arch: 'amd64' },
        source: { name: 'base-files', version: '13ubuntu10.3' },
        ...{ database: chiselManifest, layer: 0, unstated: ['source'] },
      },
      expect.objectContaining({ name: 'openssl', version: '3.0.13-0ubuntu3.4', unstated: ['source'] }),
    ]);
    expect(notes).toEqual([]);
  });

  test('of several frames of zstd is read whole', () => {
    const text = ['{"jsonwall":"1.0","schema":"1.0","count":2}\n', `${JSON.stringify(lines[0])}\n`];
    const frames = text.map((line) => zstdCompressSync(Buffer.from(line)));
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7]);
    const inventory = inventoryOf(Buffer.concat([frames[0]!, skippable, frames[1]!]));

    expect(inventory.packages.map(({ name }) => name)).toEqual(['base-files']);
    expect(inventory.notes).toEqual([]);
  });

  test('kinds of later minor versions are passed over', () => {
    const inventory = inventoryOf(wall([...lines, { kind: 'licence', name: 'MIT' }], { schema: '1.1' }));

    expect(inventory.packages).toHaveLength(2);
  });

  test('its layer is the one that brought the version', () => {
    const view = memoryView(
      { [chiselManifest]: wall([packageLine('a', '1'), packageLine('b', '1')]) },
      { [chiselManifest]: wall([packageLine('a', '1'), packageLine('b', '2')]) },
    );

    expect(readInventory(view).packages).toMatchObject([
      { name: 'a', layer: 0 },
      { name: 'b', version: '2', layer: 1 },
    ]);
  });
});

describe('beside a status of dpkg', () => {
  const stanza = (name: string, version: string, more = '') =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\n${more}Version: ${version}\n\n`;
  const status = '/var/lib/dpkg/status';

  test('what both list has the source that dpkg names', () => {
    const { packages, notes, databases } = inventoryOf(
      wall([packageLine('libssl3t64', '3.0.13-0ubuntu3.4')]),
      { [status]: stanza('libssl3t64', '3.0.13-0ubuntu3.4', 'Source: openssl\n') },
    );

    expect(packages).toEqual([expect.objectContaining({ name: 'libssl3t64', database: status })]);
    expect(packages[0]).toMatchObject({ source: { name: 'openssl', version: '3.0.13-0ubuntu3.4' } });
    expect(packages[0]).not.toHaveProperty('unstated');
    expect(databases.map(({ kind, packages: count }) => [kind, count])).toEqual([
      ['dpkg', 1],
      ['chisel', 1],
    ]);
    expect(notes).toEqual([]);
  });

  test('what only one lists is kept and told', () => {
    const { packages, notes } = inventoryOf(wall([packageLine('a', '1'), packageLine('b', '2')]), {
      [status]: stanza('a', '1') + stanza('b', '1') + stanza('c', '1'),
    });

    expect(packages.map(({ name, version, unstated }) => [name, version, unstated])).toEqual([
      ['a', '1', undefined],
      ['b', '1', undefined],
      ['b', '2', ['source']],
      ['c', '1', undefined],
    ]);
    expect(notes).toEqual([
      {
        ...{ code: 'package_lists_differ', where: chiselManifest },
        detail: `1 packages are not in ${status} as chisel's manifest has them: b 2 amd64`,
      },
      {
        ...{ code: 'package_lists_differ', where: chiselManifest },
        detail: `2 packages are of ${status} not in chisel's manifest: b 1 amd64, c 1 amd64`,
      },
      {
        ...{ code: 'duplicate_package', where: chiselManifest },
        detail: 'b amd64 is listed as 1 and 2',
      },
    ]);
  });
});

describe('a manifest that is not whole', () => {
  test.each([
    ['of fewer lines than its header declares', wall(lines, { count: 8 })],
    ['of more', wall(lines, { count: 3 })],
    ['with slices of a package that it does not list', wall([...lines, slice('libc6_libs')])],
  ])('%s is incomplete', (_, manifest) => {
    const { databases, packages, notes } = inventoryOf(manifest);

    expect(packages).toHaveLength(2);
    expect(databases).toEqual([expect.objectContaining({ incomplete: true })]);
    expect(notes).toEqual([expect.objectContaining({ code: 'incomplete_package_database' })]);
  });

  const plain = (text: string) => zstdCompressSync(Buffer.from(text));
  const header = '{"jsonwall":"1.0","schema":"1.0","count":2}\n';
  test.each([
    ['empty', ''],
    ['without compression', header],
    ['cut off', wall(lines).subarray(0, -9)],
    ['of another compression within', Buffer.concat([wall(lines), Buffer.from('x')])],
    ['without a line', plain('')],
    ['without a header', plain(`${JSON.stringify(lines[0])}\n`)],
    ['of another version', wall(lines, { jsonwall: '2.0' })],
    ['of another schema', wall(lines, { schema: '2.0' })],
    ['without a count', wall(lines, { count: 'many' })],
    ['with a line that is no JSON', plain(`${header}{"kind":\n`)],
    ['with a list for a line', plain(`${header}[]\n`)],
    ['with a blank line', plain(`${header}\n`)],
    ['with a name twice in a line', plain(`${header}{"kind":"package","kind":"path"}\n`)],
    ['with a package that has no name', wall([packageLine('', '1')])],
    ['with a package whose name is none', wall([packageLine('../a', '1')])],
    ['with a package that has no version', wall([packageLine('a', '')])],
    ['with a NUL', plain(`${header}\0`)],
    ['that is too large', zstdCompressSync(Buffer.alloc(maxChiselBytes + 1, '\n'))],
    ['of too many frames', Buffer.concat(Array(1025).fill(plain('')))],
  ])('%s is an error with its place', (_, manifest) => {
    expect(() => inventoryOf(manifest)).toThrow(
      expect.objectContaining({
        code: 'PACKAGE_DATABASE_UNREADABLE',
        where: expect.stringContaining(chiselManifest),
      }),
    );
  });

  test('a link out of the image is an error', () => {
    expect(() => readInventory(memoryView({ [chiselManifest]: { link: '/proc/1/root' } }))).toThrow(
      expect.objectContaining({ code: 'PACKAGE_DATABASE_UNREADABLE' }),
    );
  });
});
