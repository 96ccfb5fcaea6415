import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { memoryView } from '../../support/memory-view.ts';
import { apkRecord } from './record.ts';

const path = '/lib/apk/db/installed';
const release = { '/etc/os-release': 'ID=alpine\nVERSION_ID=3.20.2\n' };
const musl = apkRecord('musl', '1.2.5-r0');
const ssl = apkRecord('libssl3', '3.3.1-r3', { o: 'openssl', p: 'so:libssl.so.3=3' });

const read = (files: Record<string, string>) => readInventory(memoryView({ ...release, ...files }));

describe('the database of apk', () => {
  it('names packages with their origin', () => {
    const { packages, databases, notes } = read({ [path]: musl + ssl });
    expect(databases).toEqual([{ kind: 'apk', path, packages: 2 }]);
    expect(packages).toMatchObject([
      { type: 'apk', name: 'libssl3', version: '3.3.1-r3', source: { name: 'openssl', version: '3.3.1-r3' } },
      { type: 'apk', name: 'musl', arch: 'x86_64', source: { name: 'musl', version: '1.2.5-r0' } },
    ]);
    expect(notes).toEqual([]);
  });

  it('is found where /usr is merged', () => {
    const merged = '/usr/lib/apk/db/installed';
    expect(read({ [merged]: musl }).databases).toEqual([{ kind: 'apk', path: merged, packages: 1 }]);
  });

  it('a package without an origin is its own', () => {
    expect(read({ [path]: 'P:tiny\nV:1-r0\n\n' }).packages).toMatchObject([
      { name: 'tiny', arch: '', source: { name: 'tiny' } },
    ]);
  });

  it.each([1, 2, 20])('cut %d bytes before its end, it is incomplete', (bytes) => {
    const { notes, databases } = read({ [path]: (musl + ssl).slice(0, -bytes) });
    expect(databases[0]).toMatchObject({ incomplete: true });
    expect(notes[0]).toMatchObject({
      code: 'incomplete_package_database',
      detail: expect.stringContaining('cut off'),
    });
  });

  it('a package that was asked for and has no record: it is incomplete', () => {
    const world = { '/etc/apk/world': 'musl\ncurl>8\n' };
    expect(read({ [path]: musl, ...world }).notes).toMatchObject([
      {
        code: 'incomplete_package_database',
        detail: '/etc/apk/world asks for 1 packages without a record: curl',
      },
    ]);
  });

  it('what is asked for may be provided, pinned, or forbidden', () => {
    const world = { '/etc/apk/world': 'so:libssl.so.3 musl@edge libssl3=3.3.1-r3 !busybox' };
    expect(read({ [path]: musl + ssl, ...world }).notes).toEqual([]);
  });

  it('two versions of one package are noted', () => {
    const twice = read({ [path]: musl + apkRecord('musl', '1.2.4-r0') });
    expect(twice.notes).toMatchObject([{ code: 'duplicate_package' }]);
    expect(twice.packages).toHaveLength(2);
  });

  it.each([
    ['no colon', 'P musl\n\n', /expected a letter and a colon/],
    ['no version', 'P:musl\n\n', /expected a version/],
    ['no name', 'V:1-r0\n\n', /expected the name/],
    ['a name that is none', 'P:../etc\nV:1-r0\n\n', /expected the name/],
    ['two names', 'P:a\nP:b\nV:1-r0\n\n', /another/],
    ['a NUL', 'P:a\0\nV:1-r0\n\n', /NUL/],
    ['text before it', 'this is a corrupt db\n\nP:a\nV:1-r0\n\n', /expected a letter/],
  ])('%s is an error with its place', (_, text, message) => {
    const failed = () => read({ [path]: text });
    expect(failed).toThrow(ScapfeedError);
    expect(failed).toThrow(message);
  });

  it('tells which layer installed a version', () => {
    const layers = memoryView(
      { ...release, [path]: musl + ssl },
      { [path]: musl + apkRecord('libssl3', '3.3.2-r0', { o: 'openssl' }) },
    );
    expect(readInventory(layers).packages).toMatchObject([
      { name: 'libssl3', layer: 1 },
      { name: 'musl', layer: 0 },
    ]);
  });
});

it.each([
  ['3.20.2', 'alpine', '3.20.2'],
  ['3.19_alpha20230901', 'alpine', '3.19_alpha20230901'],
])('a release by /etc/alpine-release alone: %s', (text, id, versionId) => {
  const { os } = readInventory(memoryView({ '/etc/alpine-release': `${text}\n`, [path]: musl }));
  expect(os).toMatchObject({ id, versionId, found: '/etc/alpine-release' });
});
